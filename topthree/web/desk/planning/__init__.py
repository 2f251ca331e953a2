"""Planning: the board, the calendar, and an issue's slot."""
