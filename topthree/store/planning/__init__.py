"""Slots, and the days without school."""
