"""Proofing: an issue as readers would get it, and everything that is checked in it."""
