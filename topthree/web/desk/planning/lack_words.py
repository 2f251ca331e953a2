"""What an issue still lacks, in one sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence

from topthree.domain.refusal import Problem

_OF_ITEM = re.compile(r"item-([123])-(.+)")
_PARTS = {
    "headline": "the headline of item {}",
    "body": "the text of item {}",
    "contributor-name": "who wrote item {}",
    "link-label": "the words of the link in item {}",
    "link-url": "the address of the link in item {}",
    "closes-on": "the closing date of item {}",
}
#: More than so many are only counted.
_MOST = 3


def lack_words(missing: Sequence[Problem]) -> str:
    """Return the sentence: “It lacks a subject and the text of item 1.”; empty for nothing."""
    parts = list(dict.fromkeys(_part(problem) for problem in missing))
    if not parts:
        return ""
    if len(parts) > _MOST:
        parts = [*parts[: _MOST - 1], f"{len(parts) - _MOST + 1} more"]
    *most, last = parts
    return f"It lacks {', '.join(most)} and {last}." if most else f"It lacks {last}."


def _part(problem: Problem) -> str:
    found = _OF_ITEM.fullmatch(problem.field)
    if found is None:
        return f"a {problem.field}"
    return _PARTS.get(found[2], "something of item {}").format(found[1])
