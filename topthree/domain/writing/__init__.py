"""What an issue is made of, as values, as text, and as what changed in it."""
