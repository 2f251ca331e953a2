"""Starting an issue, once however often it is asked for: on a slot, or on none."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from topthree.domain.editors.permission import Permission, require
from topthree.domain.planning.cadence import Cadence
from topthree.domain.writing.issue import IssueContent
from topthree.services.identity.editor_view import EditorView
from topthree.services.planning.schedule_issue import Placing, schedule_issue
from topthree.services.writing.compose_issue import create_issue
from topthree.services.writing.read_issue import IssueView, issue_view
from topthree.store.editors.editors import lock_editor
from topthree.store.writing.issues import find_issue_of_slot, find_untouched_drafts


def start_issue(
    session: Session, cadence: Cadence, day: date, editor: EditorView, now: datetime
) -> IssueView:
    """Return the issue that stands on the slot of this day; without one, a new draft on it.

    :raises Conflict: if the day is no slot ahead.
    """
    require(editor.role, Permission.SCHEDULE)
    standing = find_issue_of_slot(session, day)
    if standing is not None and not standing.status.is_published:
        return issue_view(session, standing)
    issue = create_issue(session, IssueContent(), editor, now)
    return schedule_issue(session, cadence, Placing(issue_id=issue.id, day=day), editor, now)


def start_draft(session: Session, editor: EditorView, now: datetime) -> IssueView:
    """Return the editor's blank draft that stands on no slot; without one, a new draft."""
    require(editor.role, Permission.WRITE)
    # Whoever presses the button twice at the same moment waits here for themselves.
    lock_editor(session, editor.id)
    for draft in find_untouched_drafts(session, editor.id):
        if draft.content == IssueContent():
            return issue_view(session, draft)
    return create_issue(session, IssueContent(), editor, now)
