"""Agreeing: test sends, share links, and a second person's yes or no."""
