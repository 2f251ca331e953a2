"""Ways to keep the jobs going: embedded in one process, or on several hosts."""
