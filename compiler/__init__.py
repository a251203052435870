"""What a policy means, and what is made of it."""
