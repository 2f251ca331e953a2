"""Correcting the page of an issue that went out, with a dated note.

What was sent is a record and stays: the issue's own content, the bytes of its run, the approval.
The page shows the latest correction in its place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from topthree.domain.archive.correction import Correction, note_problems, tidy_note
from topthree.domain.audit.act import Act
from topthree.domain.editors.permission import Permission, require
from topthree.domain.ids import IssueId, RunId
from topthree.domain.refusal import Conflict, Invalid, Problem
from topthree.domain.writing.issue import (
    IssueContent,
    missing_from,
    storable_content_problems,
    tidy,
)
from topthree.services.audit.entries import about_issue
from topthree.services.audit.log import record
from topthree.services.identity.editor_view import EditorView
from topthree.services.writing.compose_issue import issue_to_change
from topthree.services.writing.read_issue import issue_there
from topthree.store.corrections import CorrectionRow, corrections_of
from topthree.store.sending.runs import find_run_of_issue
from topthree.store.writing.issues import IssueRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Correcting:
    """What a publisher typed, and how many corrections they had seen."""

    issue_id: IssueId
    based_on: int
    content: IssueContent
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """What an issue's page says, and how it came to say so."""

    content: IssueContent
    #: Newest first.
    corrections: tuple[Correction, ...]
    #: How it went out; None if it came from a file, and nobody knows who got it.
    run_id: RunId | None


def correct_issue(
    session: Session, correcting: Correcting, editor: EditorView, now: datetime
) -> Corrected:
    """Let the page of a published issue say this from now on.

    :raises Invalid: without a note, if nothing is changed, or if an issue must not look so.
    :raises Conflict: if it is not published, or somebody has corrected it meanwhile.
    """
    require(editor.role, Permission.CORRECT)
    issue = issue_to_change(session, correcting.issue_id)
    if not issue.status.is_published:
        message = "This issue has not gone out. Change its text; there is nothing to correct yet."
        raise Conflict(message)
    before = corrected(session, issue.id)
    content = replace(tidy(correcting.content), corrects=issue.corrects)
    note = tidy_note(correcting.note)
    _require_sense(before.content, content, note)
    if len(before.corrections) != correcting.based_on:
        message = (
            f"{before.corrections[0].by if before.corrections else 'Somebody'} has corrected this"
            " issue since you opened it. Your text is below; compare it with the page, then save."
        )
        raise Conflict(message)
    session.add(
        CorrectionRow(
            issue_id=issue.id,
            number=len(before.corrections) + 1,
            note=note,
            written=content.canonical(),
            corrected_at=now,
            corrected_by=editor.id,
        )
    )
    session.flush()
    _record_anew(session, issue)
    record(session, about_issue(editor.who, Act.ISSUE_CORRECTED, issue, {"note": note}), now)
    return corrected(session, issue.id)


def corrected(session: Session, issue_id: IssueId) -> Corrected:
    """Return what the page of this issue says: what was sent, or its latest correction.

    :raises NotFound: if there is no such issue.
    """
    issue = issue_there(session, issue_id)
    rows, run = corrections_of(session, issue_id), find_run_of_issue(session, issue_id)
    return Corrected(
        content=rows[0][0].content if rows else issue.content,
        corrections=tuple(
            Correction(note=row.note, at=row.corrected_at, by=name) for row, name in rows
        ),
        run_id=None if run is None else run.id,
    )


def _require_sense(before: IssueContent, content: IssueContent, note: str) -> None:
    problems: list[Problem] = note_problems(note)
    problems += storable_content_problems(content)
    if not problems:
        problems += missing_from(content)
    if not problems and content == before:
        message = "Nothing is changed yet. Put the slip right below, then save."
        problems.append(Problem(field="subject", message=message))
    if problems:
        raise Invalid(*problems)


def _record_anew(session: Session, issue: IssueRow) -> None:
    """Have the files of the public record written again, with the correction."""
    run = find_run_of_issue(session, issue.id)
    if run is not None:
        run.recorded_at = None
