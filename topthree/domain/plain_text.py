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


def normalise_line(text: str) -> str:
    """Return the text in NFC without surrounding blanks."""
    return unicodedata.normalize("NFC", text).strip()


def normalise_text(text: str) -> str:
    """Return the text in NFC with LF line ends, no trailing blanks, no blank edge lines."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip(" \t") for line in lines).strip("\n")


def line_problems(field: str, label: str, text: str, limit: int) -> list[Problem]:
    """Say what keeps this text from being one clean line of at most ``limit`` characters."""
    problems = _length_problems(field, label, text, limit)
    if _NEVER_IN_A_LINE.search(text):
        problems.append(
            Problem(
                field=field,
                message=f"{label} holds a line break or a hidden character. Type it again here.",
            )
        )
    return problems


def text_problems(field: str, label: str, text: str, limit: int) -> list[Problem]:
    """Say what keeps this text, which may have several lines, from being kept."""
    problems = _length_problems(field, label, text, limit)
    if _NEVER_IN_A_TEXT.search(text):
        problems.append(
            Problem(
                field=field,
                message=f"{label} holds a hidden control character. Paste it again as plain text.",
            )
        )
    return problems


def _length_problems(field: str, label: str, text: str, limit: int) -> list[Problem]:
    if len(text) <= limit:
        return []
    message = f"{label} has {len(text):,} characters; at most {limit:,} fit. Shorten it."
    return [Problem(field=field, message=message)]
