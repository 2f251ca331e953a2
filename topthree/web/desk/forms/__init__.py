"""Forms: reading what was typed, saying what is wrong with it, and where to go afterwards."""
