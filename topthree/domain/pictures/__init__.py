"""Pictures beside items, and which part of them is shown."""
