"""Why a claim is paid what it is paid."""
