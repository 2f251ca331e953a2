"""What went out: the public archive, its corrections, and issues as files."""
