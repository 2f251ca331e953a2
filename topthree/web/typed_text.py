"""What was typed into a field, so that a page can show it again."""

from __future__ import annotations

_LONGEST = 1_000


def shown_again(typed: str) -> str:
    """Return the text of a short field without controls, and not endless."""
    return "".join(filter(str.isprintable, typed))[:_LONGEST]


def one_line(typed: str) -> str:
    """Return the text as one line, for the field may have wrapped it."""
    return " ".join(shown_again(typed.replace("\n", " ")).split())


def lines_shown_again(typed: str, limit: int) -> str:
    """Return so much of a long text, line by line and without controls."""
    kept = typed[:limit].replace("\r\n", "\n").replace("\r", "\n")
    return "".join(letter for letter in kept if letter == "\n" or letter.isprintable())
