"""The item bank: finding items, writing them, and putting them into issues."""
