"""Paragraphs of a plain-text message."""

from __future__ import annotations

import textwrap

#: R-72 allows 78; quoting a letter in a reply adds two.
TEXT_WIDTH = 72


def wrapped(text: str, indent: str = "", first: str | None = None) -> str:
    """Return the text in lines of at most ``TEXT_WIDTH``; no word is ever cut, so no URL is.

    :param first: what the first line begins with, where it is not the indent.
    """
    return textwrap.fill(
        text,
        width=TEXT_WIDTH,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
