"""The item bank: writing items, finding them, and putting them into issues."""
