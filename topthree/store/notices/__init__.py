"""Single messages to one person."""
