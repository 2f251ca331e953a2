"""Writing: a new issue, and saving one without overwriting what somebody else wrote."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from topthree.domain.act import Act
from topthree.domain.audit import Entry, issue_thing
from topthree.domain.ids import IssueId
from topthree.domain.issue import (
    IssueContent,
    IssueEvent,
    next_status,
    storable_content_problems,
    tidy,
)
from topthree.domain.permission import Permission, require
from topthree.domain.refusal import Conflict, Invalid, NotFound
from topthree.services.audit import record
from topthree.services.read_desk import IssueView, view
from topthree.services.sign_in import EditorView
from topthree.store.issues import IssueRow, lock_issue, new_issue


class ChangedMeanwhile(Conflict):
    """Somebody saved this issue while it was being edited here; nothing was overwritten."""

    def __init__(self, theirs: IssueView) -> None:
        message = (
            f"{theirs.edited_by or 'Somebody'} saved this issue while you were writing."
            " Nothing is lost: your text is below, theirs beside it."
            " Bring the two together and save again."
        )
        super().__init__(message)
        self.theirs = theirs


@dataclass(frozen=True, slots=True, kw_only=True)
class Save:
    """What an editor typed, and the version they saw when they began."""

    issue_id: IssueId
    version: int
    content: IssueContent


def create_issue(
    session: Session, content: IssueContent, editor: EditorView, now: datetime
) -> IssueView:
    """Add a draft with this content.

    :raises Invalid: if the content cannot be kept.
    """
    require(editor.role, Permission.WRITE)
    issue = new_issue(_checked(content), created_at=now)
    issue.edited_by = editor.id
    session.add(issue)
    session.flush()
    about = issue_thing(issue.id, issue.content.subject)
    record(session, Entry(who=editor.who, act=Act.ISSUE_CREATED, about=about), now)
    return view(session, issue)


def save_issue(session: Session, save: Save, editor: EditorView, now: datetime) -> IssueView:
    """Keep the new content; an approval of the old one is void.

    Saving what is there already changes nothing, not even the approval.

    :raises Invalid: if the content cannot be kept.
    :raises ChangedMeanwhile: if somebody saved a later version.
    """
    require(editor.role, Permission.WRITE)
    issue = issue_to_change(session, save.issue_id)
    content = _checked(save.content)
    if content == issue.content:
        return view(session, issue)
    if issue.version != save.version:
        raise ChangedMeanwhile(view(session, issue))
    details = {"version": save.version + 1, "ended_an_approval": issue.approved_at is not None}
    issue.status = next_status(issue.status, IssueEvent.EDIT)
    issue.content = content
    issue.version += 1
    issue.edited_at, issue.edited_by = now, editor.id
    void_approval(issue)
    session.flush()
    about = issue_thing(issue.id, content.subject)
    entry = Entry(who=editor.who, act=Act.ISSUE_SAVED, about=about, details=details)
    record(session, entry, now)
    return view(session, issue)


def issue_to_change(session: Session, issue_id: IssueId) -> IssueRow:
    """Return the issue's row, which nobody else can change before this transaction ends.

    :raises NotFound: if there is none.
    """
    issue = lock_issue(session, issue_id)
    if issue is None:
        message = "This issue is not there any more. Choose one from the list."
        raise NotFound(message)
    return issue


def void_approval(issue: IssueRow) -> None:
    """Forget who approved the issue: it is not what they read any more."""
    issue.approved_by = issue.approved_at = issue.approved_digest = None


def _checked(content: IssueContent) -> IssueContent:
    tidied = tidy(content)
    problems = storable_content_problems(tidied)
    if problems:
        raise Invalid(*problems)
    return tidied
