"""Issues, their items and versions, and who is at work on them."""
