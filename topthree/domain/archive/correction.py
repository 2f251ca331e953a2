"""A correction: what was put right on an issue's page after it went out, and the note about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from topthree.domain.plain_text import line_problems, normalise_line
from topthree.domain.refusal import Problem

NOTE_LIMIT = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What readers are told about one correction."""

    note: str
    at: datetime
    #: Who made it; readers are not told.
    by: str


def tidy_note(text: str) -> str:
    """Return the note as it is kept: one line, single blanks."""
    return normalise_line(" ".join(text.split()))


def note_problems(note: str) -> list[Problem]:
    """Say what keeps this note from standing under a correction."""
    if not note:
        message = "Say in one sentence what was wrong and what is right; readers see it."
        return [Problem(field="note", message=message)]
    return line_problems("note", "The note", note, NOTE_LIMIT)
