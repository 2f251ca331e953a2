"""A digest, short enough to be compared by eye."""

from __future__ import annotations

_DIGITS, _GROUP = 16, 4


def fingerprint(digest: str) -> str:
    """Return its first digits in groups: “1e0e ec4a 70f1 13b1”."""
    return " ".join(digest[start : start + _GROUP] for start in range(0, _DIGITS, _GROUP))
