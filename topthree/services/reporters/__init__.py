"""Providers that report what became of our mail, and whether it is they who do."""
