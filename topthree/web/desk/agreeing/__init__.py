"""Agreeing: what a second person reads, comments, share links, and the yes or no."""
