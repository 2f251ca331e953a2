"""People who subscribe: their addresses, and what they agreed to."""
