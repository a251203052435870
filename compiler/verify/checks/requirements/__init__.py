"""What a policy may require: one kind per file."""
