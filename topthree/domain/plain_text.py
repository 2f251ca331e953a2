"""What a line or a text typed by a person may hold, so that nothing travels hidden in it."""

from __future__ import annotations

import re
import unicodedata

from topthree.domain.refusal import Problem

# What never stands in a line: C0 and C1 controls, line and paragraph separators, the bidirectional
# controls that make a line read differently from what it is (Unicode TR 36), and what is no
# character at all. A text may have tabs and line feeds.
_LINE_BREAK_AND_TAB = "\t\n"
_NO_CHARACTERS = "\ud800-\udfff\ufdd0-\ufdef" + "".join(
    chr(plane * 0x10000 + 0xFFFE) + chr(plane * 0x10000 + 0xFFFF) for plane in range(17)
)
_HIDDEN = f"\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069{_NO_CHARACTERS}"
_NEVER_IN_A_LINE = re.compile(f"[{_LINE_BREAK_AND_TAB}{_HIDDEN}]")
_NEVER_IN_A_TEXT = re.compile(f"[{_HIDDEN}]")
# No limit is as long as this, so that nothing longer is worth bringing into form.
_LONGEST = 80_000
# No script puts more accents and signs on one letter (UAX 15 §13.1). A heap of thousands takes
# seconds to put in order.
_MOST_MARKS = 30


def normalise_line(text: str) -> str:
    """Return the text in NFC without surrounding blanks; what is refused anyway, as it is."""
    return _composed(text).strip()


def normalise_text(text: str) -> str:
    """Return the text in NFC with LF line ends, no trailing blanks, no blank edge lines.

    What is refused anyway keeps the form in which its letters are.
    """
    lines = _composed(text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip(" \t") for line in lines).strip("\n")


def without_hidden(text: str) -> str:
    """Return the text without what keeps it from being kept, so that it can be shown meanwhile."""
    return _NEVER_IN_A_TEXT.sub("", text)


def line_problems(field: str, label: str, text: str, limit: int) -> list[Problem]:
    """Say what keeps this text from being one clean line of at most ``limit`` characters."""
    said = ""
    if _NEVER_IN_A_LINE.search(text):
        said = f"{label} holds a line break or a hidden character. Type it again here."
    return _problems(field, said, label, text, limit)


def text_problems(field: str, label: str, text: str, limit: int) -> list[Problem]:
    """Say what keeps this text, which may have several lines, from being kept."""
    said = ""
    if _NEVER_IN_A_TEXT.search(text):
        said = f"{label} holds a hidden control character. Paste it again as plain text."
    return _problems(field, said, label, text, limit)


def _problems(field: str, hidden: str, label: str, text: str, limit: int) -> list[Problem]:
    """Return the problems that lines and texts share, and between them what was found hidden."""
    messages = []
    if len(text) > limit:
        message = f"{label} has {len(text):,} characters; at most {limit:,} fit. Shorten it."
        messages.append(message)
    if hidden:
        messages.append(hidden)
    if _is_heaped(text):
        messages.append(f"{label} holds a letter with a heap of accents on it. Type it again.")
    return [Problem(field=field, message=message) for message in messages]


def _composed(text: str) -> str:
    if len(text) > _LONGEST or _is_heaped(text):
        return text
    return unicodedata.normalize("NFC", text)


def _is_heaped(text: str) -> bool:
    if text.isascii():
        return False
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character).startswith("M") else 0
        if marks > _MOST_MARKS:
            return True
    return False
