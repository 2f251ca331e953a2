"""Runs and deliveries: their states, what relays say, how fast, and what comes back."""
