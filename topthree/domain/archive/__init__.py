"""What names a published issue, and what is put right on it."""
