"""The people at the desk, and how they sign in."""
