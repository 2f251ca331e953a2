"""Sending: runs and their deliveries, from whom an issue goes to until all have it."""
