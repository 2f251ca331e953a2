"""Benchmarks, runnable by anyone: python -m bench."""
