"""What is not as a second person last read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from topthree.domain.agreeing.approval import VerdictKind
from topthree.domain.writing.content_difference import FieldChange, compare_contents
from topthree.store.agreeing.verdicts import VerdictRow, newest_verdict
from topthree.store.editors.editors import name_of_editor
from topthree.store.writing.issues import IssueRow
from topthree.store.writing.versions import find_version

_PARTS = ("Subject", "Preheader", "Greeting", "Language", "Item 1", "Item 2", "Item 3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """The last verdict that the content has left behind, and how far."""

    was_approved: bool
    by: str
    at: datetime
    #: Who made the first change after it; empty for nobody at the desk.
    changed_by: str
    changed_at: datetime | None
    changes: tuple[FieldChange, ...]
    #: The parts that are as they were.
    unchanged: tuple[str, ...]


def changes_since_verdict(session: Session, issue: IssueRow) -> Since | None:
    """Return what changed since the issue was approved last, or, if it never was, sent back.

    None if nothing did, if nobody has said anything yet, or if the content of then is not known.
    """
    verdict = newest_verdict(session, issue.id, VerdictKind.APPROVED)
    verdict = verdict or newest_verdict(session, issue.id, VerdictKind.SENT_BACK)
    then = find_version(session, issue.id, verdict.version) if verdict else None
    if verdict is None or then is None or verdict.digest == issue.content.digest():
        return None
    changes = compare_contents(then.content, issue.content)
    return _since(session, issue, verdict, changes)


def _since(
    session: Session, issue: IssueRow, verdict: VerdictRow, changes: tuple[FieldChange, ...]
) -> Since:
    first = find_version(session, issue.id, verdict.version + 1)
    changed = {change.label.partition(":")[0] for change in changes}
    return Since(
        was_approved=verdict.kind is VerdictKind.APPROVED,
        by=name_of_editor(session, verdict.by),
        at=verdict.at,
        changed_by=name_of_editor(session, first.saved_by) if first else "",
        changed_at=first.saved_at if first else None,
        changes=changes,
        unchanged=tuple(part for part in _PARTS if part not in changed),
    )
