"""What was changed in a text, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

_WORD = re.compile(r"\w+(?:['’-]\w+)*|\s+|[^\w\s]")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
#: More pairs of words than this take too long to match; then lines are matched, or nothing is.
_MOST_PAIRS = 1_000_000
#: A passage is left as it is unless it is longer than so many times what would be kept of it.
_WORTH_SHORTENING = 3


class PassageKind(StrEnum):
    """What became of a passage."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    #: Stands for a long passage that is the same on both sides.
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Some words in a row with the same fate."""

    kind: PassageKind
    text: str


_SAME, _ADDED, _REMOVED = PassageKind.SAME, PassageKind.ADDED, PassageKind.REMOVED


def compare_texts(before: str, after: str) -> tuple[Passage, ...]:
    """Return the passages of both texts in order.

    Those that are the same and those removed make up the text before; those that are the same and
    those added, the text after. Huge texts are compared line by line, or as a whole.
    """
    old, new = _WORD.findall(before), _WORD.findall(after)
    begin = _common(old, new)
    end = _common(old[begin:][::-1], new[begin:][::-1])
    middle = _compare("".join(old[begin : len(old) - end]), "".join(new[begin : len(new) - end]))
    passages = [
        Passage(kind=_SAME, text="".join(old[:begin])),
        *middle,
        Passage(kind=_SAME, text="".join(old[len(old) - end :])),
    ]
    return tuple(_tidied(passages))


def shortened(passages: Sequence[Passage], *, context: int = 120) -> tuple[Passage, ...]:
    """Leave out what is the same far from any change, keeping about ``context`` characters."""
    short: list[Passage] = []
    for index, passage in enumerate(passages):
        ends = (index > 0, index < len(passages) - 1)
        if passage.kind is _SAME and len(passage.text) > _WORTH_SHORTENING * context:
            short += _short(passage.text, ends, context)
        else:
            short.append(passage)
    return tuple(short)


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    pairs = zip(old, new, strict=False)
    differing = (index for index, (one, other) in enumerate(pairs) if one != other)
    return next(differing, min(len(old), len(new)))


def _compare(before: str, after: str) -> Iterator[Passage]:
    for pattern in (_WORD, _LINE):
        old, new = pattern.findall(before), pattern.findall(after)
        if len(old) * len(new) <= _MOST_PAIRS:
            yield from _matched(old, new, is_finer=pattern is _LINE)
            return
    yield from _replaced(before, after)


def _matched(old: Sequence[str], new: Sequence[str], *, is_finer: bool) -> Iterator[Passage]:
    """Match the pieces; those that were replaced are looked at word by word, if that is finer."""
    for _, i, j, k, m in SequenceMatcher(None, old, new).get_opcodes():
        before, after = "".join(old[i:j]), "".join(new[k:m])
        if before == after:
            yield Passage(kind=_SAME, text=before)
        elif is_finer and len(_WORD.findall(before)) * len(_WORD.findall(after)) <= _MOST_PAIRS:
            yield from _compare(before, after)
        else:
            yield from _replaced(before, after)


def _replaced(before: str, after: str) -> Iterator[Passage]:
    yield Passage(kind=_REMOVED, text=before)
    yield Passage(kind=_ADDED, text=after)


def _tidied(passages: Iterable[Passage]) -> Iterator[Passage]:
    """Bring together what was removed in a row and what was added, across lone blanks."""
    sides = {_REMOVED: "", _ADDED: "", _SAME: ""}
    for passage in passages:
        is_change = passage.kind is not _SAME
        if is_change and sides[_SAME] and not _is_blank_between(sides):
            yield from _closed(sides)
            sides = dict.fromkeys(sides, "")
        if is_change and sides[_SAME]:
            blank = sides[_SAME]
            sides = {_REMOVED: sides[_REMOVED] + blank, _ADDED: sides[_ADDED] + blank, _SAME: ""}
        sides[passage.kind] += passage.text
    yield from _closed(sides)


def _is_blank_between(sides: dict[PassageKind, str]) -> bool:
    return bool(sides[_REMOVED] or sides[_ADDED]) and sides[_SAME].isspace()


def _closed(sides: dict[PassageKind, str]) -> Iterator[Passage]:
    """Give what was removed, added and is the same after it; blanks that both end with are that."""
    removed, added, same = sides[_REMOVED], sides[_ADDED], sides[_SAME]
    while removed and added and removed[-1] == added[-1] and removed[-1].isspace():
        removed, added, same = removed[:-1], added[:-1], removed[-1] + same
    parts = ((_REMOVED, removed), (_ADDED, added), (_SAME, same))
    yield from (Passage(kind=kind, text=text) for kind, text in parts if text)


def _short(text: str, ends: tuple[bool, bool], context: int) -> Iterator[Passage]:
    """Keep of a text what stands near the changes before it and after it, if there are any."""
    has_before, has_after = ends
    begin = text[:context].rpartition(" ")[0] or text[:context] if has_before else ""
    end = text[-context:].partition(" ")[2] or text[-context:] if has_after else ""
    if begin:
        yield Passage(kind=_SAME, text=begin)
    yield Passage(kind=PassageKind.LEFT_OUT, text=" … ")
    if end:
        yield Passage(kind=_SAME, text=end)
