"""Mail that comes in: where it lies, and what it says."""
