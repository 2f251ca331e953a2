"""Writing issues: the form, its working copies, the letter beside it, and its history."""
