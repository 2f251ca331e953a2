"""What was typed into a field, so that a page can show it again."""

from __future__ import annotations

import re

# What no page may hold: an answer with these in it would not be HTML.
_UNSHOWABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def shown_again(typed: str) -> str:
    """Return the text of a field of one line without controls, however long it is."""
    return "".join(filter(str.isprintable, typed))


def one_line(typed: str) -> str:
    """Return the text as one line, for the field may have wrapped it."""
    return " ".join(shown_again(typed.replace("\n", " ")).split())


def lines_shown_again(typed: str) -> str:
    """Return a text of several lines without other controls, however long it is."""
    return "".join(letter for letter in _lines(typed) if letter == "\n" or letter.isprintable())


def showable(typed: str) -> str:
    """Return the whole text with line ends of one kind, and without what no page can hold."""
    return _UNSHOWABLE.sub("", _lines(typed))


def _lines(typed: str) -> str:
    return typed.replace("\r\n", "\n").replace("\r", "\n")
