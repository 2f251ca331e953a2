"""Subscribers: joining, confirming, leaving, and bringing them in from elsewhere."""
