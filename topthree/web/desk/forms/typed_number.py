"""Numbers as forms and addresses carry them."""

from __future__ import annotations

#: So many an identifier has at the most, in either database.
_ID_DIGITS = 18
#: So many the number of a version or of a page has at the most.
SHORT = 9


def parse_number(text: str, most_digits: int = _ID_DIGITS) -> int | None:
    """Return the number; None if it is none, or one that nothing has."""
    is_number = text.isascii() and text.isdigit() and len(text) <= most_digits
    return int(text) if is_number else None
