"""The shape of an issue file: blocks of keys and text, and the lines that begin an item."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise

from topthree.domain.writing.item import Section

HEAD_KEYS = ("number", "date", "subject", "preheader", "language", "corrects", "sample")
ITEM_KEYS = (
    "headline",
    "contributor",
    "role",
    "school",
    "consent",
    "closes",
    "happens",
    "place",
    "link",
    "link-label",
    "link-url",
    "language",
    "picture",
    "alt",
    "decorative",
    "caption",
    "credit",
    "portrait",
)
_SHOWN_LIMIT = 50
_KEY = re.compile(r"([A-Za-z]+(?:-[A-Za-z]+)*)[ \t]*:(.*)")
_HEADING = re.compile(r"#(?:[ \t]|$)")
# A line of text that would read as a heading, or as an escaped one.
_LIKE_A_HEADING = re.compile(r"\\*#(?:[ \t]|$)")


class BadLine(Exception):
    """One line cannot be understood; whoever knows the file's name says so to people."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line, or what stands behind a key in it, and where it is."""

    #: 1 for the first line of the file.
    number: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Keys, an empty line, text: the head of the file, or the inside of an item."""

    #: Where it begins; 1 for the first line of the file.
    line: int
    values: Mapping[str, Line]
    #: Without the blank lines before it; headings in it are unescaped.
    text: Sequence[Line]

    def value(self, key: str) -> str:
        """Return what stands behind the key, or nothing if the key is not there."""
        line = self.values.get(key)
        return line.text if line else ""

    def whole_text(self) -> str:
        """Return the text as one string."""
        return "\n".join(line.text for line in self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemBlock(Block):
    """A block under a heading such as ``# Resource: FYI``."""

    section: Section
    kicker: str


def read_blocks(text: str) -> tuple[Block, tuple[ItemBlock, ...]]:
    """Cut the file into its head and its items, however many there are.

    :raises BadLine: at the first line that has no place in the format.
    """
    lines = _lines(text)
    starts = [index for index, line in enumerate(lines) if _HEADING.match(line.text)]
    head, *items = [lines[start:end] for start, end in pairwise([0, *starts, len(lines)])]
    return _read_head(head), tuple(_read_item(item) for item in items)


def write_block(heading: str, values: Iterable[tuple[str, str]], text: str) -> str:
    """Return the block as it stands in a file; keys without a value are left out."""
    top = [f"# {heading}"] if heading else []
    top += [f"{key}: {value}" for key, value in values if value]
    parts = ["\n".join(top)]
    if text:
        parts.append("\n".join(_escape(line) for line in text.split("\n")))
    return "\n\n".join(parts)


def shown(text: str) -> str:
    """Return the text in quotation marks, safe to print and not too long for a message."""
    safe = "".join(character if character.isprintable() else "\ufffd" for character in text)
    return f"“{safe}”" if len(safe) <= _SHOWN_LIMIT else f"“{safe[: _SHOWN_LIMIT - 1]}…”"


def _lines(text: str) -> list[Line]:
    # Blanks at the end of a line say nothing here: content is kept without them.
    plain = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [Line(number=number, text=line.rstrip(" \t")) for number, line in enumerate(plain, 1)]


def _read_head(lines: Sequence[Line]) -> Block:
    used = _without_blank_start(lines)
    keys, text = _keys_and_text(used)
    if keys and not _KEY.fullmatch(keys[0].text):
        reason = (
            f"the file begins with text, {shown(keys[0].text)}. Begin it with keys, such as"
            " “subject: Share the lead”; the greeting comes after them and an empty line."
        )
        raise BadLine(keys[0].number, reason)
    return Block(
        line=1,
        values=_read_values(keys, HEAD_KEYS, "The head of the file"),
        text=_unescaped(text),
    )


def _read_item(lines: Sequence[Line]) -> ItemBlock:
    heading, *rest = lines
    section, kicker = _read_heading(heading)
    keys, text = _keys_and_text(rest)
    return ItemBlock(
        line=heading.number,
        section=section,
        kicker=kicker,
        values=_read_values(keys, ITEM_KEYS, "An item"),
        text=_unescaped(text),
    )


def _read_heading(heading: Line) -> tuple[Section, str]:
    word, _, kicker = heading.text[1:].partition(":")
    try:
        return Section(word.strip().lower()), kicker.strip()
    except ValueError:
        guess = _closest(word.strip().capitalize(), [section.word for section in Section])
        reason = (
            f"{shown(heading.text)} begins no item.{guess} An item begins with"
            " “# Resource: What We’re Reading”, “# Reflection” or “# Opportunity”."
            " If this line is text, put a backslash before the #."
        )
        raise BadLine(heading.number, reason) from None


def _keys_and_text(lines: Sequence[Line]) -> tuple[Sequence[Line], Sequence[Line]]:
    """Cut at the first blank line: keys above it, text below."""
    cut = next((index for index, line in enumerate(lines) if not line.text), len(lines))
    return lines[:cut], _without_blank_start(lines[cut:])


def _without_blank_start(lines: Sequence[Line]) -> Sequence[Line]:
    start = next((index for index, line in enumerate(lines) if line.text), len(lines))
    return lines[start:]


def _read_values(lines: Sequence[Line], known: Sequence[str], where: str) -> dict[str, Line]:
    values: dict[str, Line] = {}
    for line in lines:
        key, value = _read_key(line, known, where)
        if key in values:
            reason = (
                f"the key “{key}” stands here a second time; the first is in line"
                f" {values[key].number}. Keep one of them. {_known(known, where)}"
            )
            raise BadLine(line.number, reason)
        values[key] = Line(number=line.number, text=value)
    return values


def _read_key(line: Line, known: Sequence[str], where: str) -> tuple[str, str]:
    match = _KEY.fullmatch(line.text)
    if not match:
        reason = (
            f"{shown(line.text)} is not written as “key: value”."
            " If it is text, put an empty line between the keys and the text."
        )
        raise BadLine(line.number, reason)
    key = match[1].lower()
    if key not in known:
        reason = (
            f"there is no key {shown(match[1])} here.{_closest(key, known)} {_known(known, where)}"
            " If this line is text, put an empty line between the keys and the text."
        )
        raise BadLine(line.number, reason)
    return key, match[2].strip()


def _known(known: Sequence[str], where: str) -> str:
    return f"{where} knows these: {', '.join(known)}."


def _closest(word: str, known: Sequence[str]) -> str:
    """Return the question whether one of the known words was meant, or nothing."""
    matches = get_close_matches(word, known, n=1)
    return f" Did you mean “{matches[0]}”?" if matches else ""


def _escape(line: str) -> str:
    return f"\\{line}" if _LIKE_A_HEADING.match(line) else line


def _unescaped(lines: Sequence[Line]) -> Sequence[Line]:
    # A heading proper never gets here, so the first character is a backslash.
    return [
        Line(number=line.number, text=line.text[1:]) if _LIKE_A_HEADING.match(line.text) else line
        for line in lines
    ]
