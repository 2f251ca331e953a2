"""Writing: a new issue, and saving one without overwriting what somebody else wrote."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from topthree.domain.audit.act import Act
from topthree.domain.audit.entry import Who
from topthree.domain.editors.permission import Permission, require
from topthree.domain.ids import IssueId
from topthree.domain.refusal import Conflict, Invalid, NotFound
from topthree.domain.writing.content_difference import AS_IT_WAS, Order, in_order
from topthree.domain.writing.issue import (
    IssueContent,
    IssueEvent,
    IssueStatus,
    next_status,
    storable_content_problems,
    tidy,
)
from topthree.domain.writing.merge import Merged, merge, take
from topthree.domain.writing.version import VersionKind
from topthree.services.audit.entries import about_issue
from topthree.services.audit.log import record
from topthree.services.identity.editor_view import EditorView
from topthree.services.writing.comments import carry_comments
from topthree.services.writing.follow_bank import Saving, follow_bank_items
from topthree.services.writing.note_change import note_change
from topthree.services.writing.read_issue import IssueView, issue_view
from topthree.store.writing.authorship import add_author
from topthree.store.writing.issues import IssueRow, lock_issue, new_issue
from topthree.store.writing.versions import (
    VersionRow,
    find_version,
    is_passing,
    pin_version,
    tabs_after,
)


class ChangedMeanwhile(Conflict):
    """Somebody changed the same fields meanwhile; nothing was overwritten."""

    title = "Somebody else saved this issue"

    def __init__(self, theirs: IssueView, merged: Merged) -> None:
        message = (
            f"{theirs.edited_by or 'Somebody'} saved this issue while you were writing, and changed"
            " what you changed too. Nothing is lost: choose what stays, and save again."
        )
        super().__init__(message)
        self.theirs = theirs
        self.merged = merged


class ApprovedMeanwhile(Conflict):
    """Somebody approved this issue meanwhile, and saving would end that; nothing was saved."""

    title = "This issue was approved while you were writing"

    def __init__(self, theirs: IssueView) -> None:
        message = (
            f"{theirs.approved_by} has approved it as it was before. Nothing is lost, and nothing"
            " is saved yet: saving now makes it a draft again, and somebody has to approve it"
            " once more."
        )
        super().__init__(message)
        self.theirs = theirs


@dataclass(frozen=True, slots=True, kw_only=True)
class Save:
    """What an editor typed, and the version they saw when they began."""

    issue_id: IssueId
    version: int
    content: IssueContent
    #: The page it was typed on: what comes from there follows upon itself.
    tab: str = ""
    #: The fields that are to be as they are in that version, brought into this order.
    taken: frozenset[str] = frozenset()
    order: Order = AS_IT_WAS
    #: Whether whoever saves knows that the issue is approved, and that saving ends it.
    may_end_approval: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Who changes an issue's content, when, and how it comes about."""

    kind: VersionKind
    who: Who
    at: datetime
    #: The version that is brought back.
    source: int | None = None
    #: The page it was typed on.
    tab: str = ""


def create_issue(
    session: Session, content: IssueContent, editor: EditorView, now: datetime
) -> IssueView:
    """Add a draft with this content.

    :raises Invalid: if the content cannot be kept.
    """
    require(editor.role, Permission.WRITE)
    issue = new_issue(_checked(content), created_at=now)
    begin_issue(session, issue, Change(kind=VersionKind.BEGUN, who=editor.who, at=now))
    return issue_view(session, issue)


def begin_issue(session: Session, issue: IssueRow, change: Change) -> None:
    """Add the issue, and its content as its first version; each new issue goes through here."""
    issue.edited_by = change.who.editor_id
    session.add(issue)
    session.flush()
    if issue.edited_by is not None and issue.content != IssueContent():
        add_author(session, issue.id, issue.edited_by)
    _keep_version(session, issue, change)
    if change.kind is VersionKind.BEGUN:
        record(session, about_issue(change.who, Act.ISSUE_CREATED, issue), change.at)


def change_content(
    session: Session, issue: IssueRow, content: IssueContent, change: Change
) -> None:
    """Put this content in the place of the old one, which stays as a version.

    Whatever changes a content goes through here. What is the same changes nothing; anything else
    voids the approval.

    :raises Conflict: if the issue cannot be edited any more.
    """
    content = still_correcting(issue, content)
    if content == issue.content:
        return
    had_approval = issue.approved_at is not None
    issue.status = next_status(issue.status, IssueEvent.EDIT)
    before, issue.content = issue.content, content
    issue.version += 1
    issue.edited_at, issue.edited_by = change.at, change.who.editor_id
    note_change(session, issue, change.who.editor_id, change.at)
    carry_comments(session, issue.id, before, content)
    _keep_version(session, issue, change)
    saving = Saving(
        issue_id=issue.id,
        before=before.items,
        after=content.items,
        is_passing=change.kind is VersionKind.AUTOSAVED,
    )
    follow_bank_items(session, saving, change.who, change.at)
    # What is saved every few seconds would hide everything else in the log; the history has it.
    if change.kind is not VersionKind.AUTOSAVED or had_approval:
        _record(session, issue, change, had_approval=had_approval)


def keep_for_good(session: Session, issue: IssueRow) -> None:
    """Let the history always show the content as it is now: somebody else saw it, or was asked."""
    pin_version(session, issue.id, issue.version)


def save_issue(session: Session, save: Save, editor: EditorView, now: datetime) -> IssueView:
    """Keep the new content; an approval of the old one is void.

    What somebody else saved meanwhile stays wherever the editor left it alone. Saving what is there
    already changes nothing, not even the approval.

    :raises Invalid: if the content cannot be kept.
    :raises ChangedMeanwhile: if both changed the same fields.
    :raises ApprovedMeanwhile: if an approval would end that nobody said may end.
    """
    require(editor.role, Permission.WRITE)
    issue = issue_to_change(session, save.issue_id)
    begun = find_version(session, issue.id, save.version)
    content = still_correcting(issue, _checked(_with_what_was_taken(save, begun)))
    kind = VersionKind.SAVED
    if content != issue.content and not follows(session, issue, save):
        merged = merge(begun.content if begun else None, content, issue.content)
        if merged.clashes:
            raise ChangedMeanwhile(issue_view(session, issue), merged)
        content, kind = still_correcting(issue, merged.content), VersionKind.MERGED
    if issue.status is IssueStatus.APPROVED and not save.may_end_approval:
        _require_same(session, issue, content)
    change = Change(kind=kind, who=editor.who, at=now, tab=save.tab)
    if content != issue.content:
        change_content(session, issue, content, change)
    elif is_passing(session, issue.id, issue.version):
        keep_for_good(session, issue)
        _record(session, issue, change, had_approval=False)
    return issue_view(session, issue)


def follows(session: Session, issue: IssueRow, save: Save) -> bool:
    """Tell whether nobody saved the issue since, but for the same page itself."""
    return issue.version == save.version or (
        bool(save.tab) and tabs_after(session, issue.id, save.version) == {save.tab}
    )


def still_correcting(issue: IssueRow, content: IssueContent) -> IssueContent:
    """Return the content as this issue's: whom an issue corrects is settled when it is begun."""
    return replace(content, corrects=issue.corrects)


def issue_to_change(session: Session, issue_id: IssueId) -> IssueRow:
    """Return the issue's row, which nobody else can change before this transaction ends.

    :raises NotFound: if there is none.
    """
    issue = lock_issue(session, issue_id)
    if issue is None:
        message = "This issue is not there any more. Choose one from the list."
        raise NotFound(message)
    return issue


def _record(session: Session, issue: IssueRow, change: Change, *, had_approval: bool) -> None:
    details = {
        "version": issue.version,
        "how": change.kind.value,
        "ended_an_approval": had_approval,
    }
    record(session, about_issue(change.who, Act.ISSUE_SAVED, issue, details), change.at)


def _keep_version(session: Session, issue: IssueRow, change: Change) -> None:
    session.add(
        VersionRow(
            issue_id=issue.id,
            number=issue.version,
            kind=change.kind,
            written=issue.content.canonical(),
            saved_by=change.who.editor_id,
            saved_at=change.at,
            source=change.source,
            tab=change.tab,
        )
    )
    session.flush()


def _require_same(session: Session, issue: IssueRow, content: IssueContent) -> None:
    if content != issue.content:
        raise ApprovedMeanwhile(issue_view(session, issue))


def _with_what_was_taken(save: Save, begun: VersionRow | None) -> IssueContent:
    if not save.taken or begun is None:
        return save.content
    return take(save.content, in_order(begun.content, save.order), save.taken.__contains__)


def _checked(content: IssueContent) -> IssueContent:
    tidied = tidy(content)
    problems = storable_content_problems(tidied)
    if problems:
        raise Invalid(*problems)
    return tidied
