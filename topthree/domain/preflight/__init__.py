"""Preflight: what is looked at before an issue is approved, one small check after the other."""
