"""Runs and deliveries, from the audience to what came back."""
