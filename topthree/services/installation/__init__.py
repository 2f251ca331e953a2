"""The installation as a whole: its database, its first start, and what it forgets."""
