"""How a policy is written: text in, checked tree or diagnostics out."""
