"""What went out: correcting the page of an issue."""
