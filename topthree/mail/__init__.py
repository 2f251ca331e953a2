"""Mail out and feedback in; no database."""
