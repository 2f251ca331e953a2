"""Who did what, and how that is told."""
