"""Beginning a correction: a small issue for those who got the one that it corrects."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from topthree.domain.audit.act import Act
from topthree.domain.editors.permission import Permission, require
from topthree.domain.ids import IssueId
from topthree.domain.refusal import Conflict
from topthree.domain.writing.issue import SUBJECT_LIMIT, IssueContent
from topthree.domain.writing.version import VersionKind
from topthree.render.phrased_dates import day_words
from topthree.render.phrases import phrases_for
from topthree.services.archive.correct_issue import Corrected, corrected
from topthree.services.audit.entries import about_issue
from topthree.services.audit.log import record
from topthree.services.identity.editor_view import EditorView
from topthree.services.sending.audience import run_of_day
from topthree.services.writing.compose_issue import Change, begin_issue, issue_to_change
from topthree.services.writing.read_issue import IssueView, issue_view
from topthree.store.writing.issues import IssueRow, find_correction_in_hand, new_issue


def begin_correction(
    session: Session, issue_id: IssueId, editor: EditorView, now: datetime
) -> IssueView:
    """Add a draft that corrects a published issue, or return the one that is in hand.

    :raises Conflict: if it is not published, is a correction itself, or nobody got it from us.
    """
    require(editor.role, Permission.WRITE)
    first = issue_to_change(session, issue_id)
    day = _correctable_day(session, first)
    there = find_correction_in_hand(session, day)
    if there is not None:
        return issue_view(session, there)
    content = _first_words(corrected(session, first.id), day)
    correction = new_issue(content, created_at=now)
    begin_issue(session, correction, Change(kind=VersionKind.BEGUN, who=editor.who, at=now))
    details = {"correction": correction.id}
    record(session, about_issue(editor.who, Act.CORRECTION_BEGUN, first, details), now)
    return issue_view(session, correction)


def _correctable_day(session: Session, first: IssueRow) -> date:
    if not first.status.is_published or first.day is None:
        raise Conflict("This issue has not gone out. Change its text; nobody has it yet.")
    if first.corrects is not None:
        message = "This is a correction itself. Correct its page, or begin with the first issue."
        raise Conflict(message)
    if run_of_day(session, first.day) is None:
        message = "It came from a file, so nobody knows who got it. Write an ordinary issue."
        raise Conflict(message)
    return first.day


def _first_words(stands: Corrected, day: date) -> IssueContent:
    """Return what a correction begins with: which letter it is about, and what is known of it."""
    first = stands.content
    phrases = phrases_for(first.language)
    said = day_words(phrases, day)
    paragraphs = (
        phrases.correction_greeting.format(day=said, subject=first.subject),
        *(each.note for each in stands.corrections[:1]),
    )
    subject = phrases.correction_subject.format(subject=first.subject)
    return IssueContent(
        subject=subject[:SUBJECT_LIMIT].rstrip(),
        preheader=phrases.correction_preheader.format(day=said),
        greeting="\n\n".join(paragraphs),
        language=first.language,
        corrects=day,
    )
