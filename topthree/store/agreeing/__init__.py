"""What is said of an issue before it goes."""
