"""Corrections from the files of the public record, so that they outlive the database as well."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from topthree.domain.archive.correction import Correction, note_problems, tidy_note
from topthree.domain.writing.issue import missing_from
from topthree.domain.writing.issue_file import IssueFile, Malformed
from topthree.store.corrections import CorrectionRow
from topthree.store.writing.issues import IssueRow

CORRECTED_FILE = "corrected.md"
RECORD_FILE = "record.json"
_SIZE_LIMIT = 1_000_000


def take_in_corrections(
    session: Session, issue: IssueRow, folder: Path, read: Callable[[Path], IssueFile]
) -> None:
    """Let the page of this published issue say what its folder says.

    Of several corrections the files keep the notes and what the page said in the end.

    :raises Refusal: naming the file, if it cannot be read.
    """
    corrected, record = folder / CORRECTED_FILE, folder / RECORD_FILE
    if not corrected.is_file():
        return
    file = read(corrected)
    if file.day != issue.day or missing_from(file.content):
        reason = f"it is not what the page of {issue.day} can say. Take it away, or mend it."
        raise Malformed(file=str(corrected), line=1, reason=reason)
    session.add_all(
        CorrectionRow(
            issue_id=issue.id,
            number=number,
            note=each.note,
            written=file.content.canonical(),
            corrected_at=each.at,
            corrected_by=None,
        )
        for number, each in enumerate(_notes(record), start=1)
    )
    session.flush()


def _notes(record: Path) -> Iterator[Correction]:
    try:
        facts = json.loads(record.read_bytes()[:_SIZE_LIMIT])
        found = facts["corrections"]
        typed = [(tidy_note(str(each["note"])), str(each["at"])) for each in found]
        notes = [Correction(note=note, at=datetime.fromisoformat(at), by="") for note, at in typed]
    except (OSError, ValueError, KeyError, TypeError):
        notes = []
    if not notes or any(note_problems(each.note) or each.at.tzinfo is None for each in notes):
        reason = f"it does not say when and why {CORRECTED_FILE} was corrected. Mend it."
        raise Malformed(file=str(record), line=1, reason=reason)
    yield from notes
