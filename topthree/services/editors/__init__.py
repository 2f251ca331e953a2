"""Editors: how they come in and stay signed in, and who they are."""
