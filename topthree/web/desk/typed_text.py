"""What was typed into a short field, so that a page can show it again."""

from __future__ import annotations

_LONGEST = 1_000


def shown_again(typed: str) -> str:
    """Return the text without controls, and not endless."""
    return "".join(filter(str.isprintable, typed))[:_LONGEST]


def one_line(typed: str) -> str:
    """Return the text as one line, for the field may have wrapped it."""
    return " ".join(shown_again(typed.replace("\n", " ")).split())
