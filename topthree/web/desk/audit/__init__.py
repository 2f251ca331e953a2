"""Who did what, looked through."""
