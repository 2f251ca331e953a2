"""Proofing: an issue as readers would get it, and having its links looked at."""
