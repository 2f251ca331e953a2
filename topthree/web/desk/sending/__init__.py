"""Sending: runs, who got what, steering, and the mail that stays on this machine."""
