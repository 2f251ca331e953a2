"""Pictures: keeping them, cutting them, and giving one to an item."""
