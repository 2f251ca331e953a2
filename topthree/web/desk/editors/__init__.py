"""Editors: the door, who works at the desk, and what concerns oneself."""
