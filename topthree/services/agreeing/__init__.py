"""Agreeing: looking at an issue as readers would get it, and a second person's yes or no."""
