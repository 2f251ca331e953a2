"""Autosave: what is typed goes into a draft; whatever it must not change, it is kept beside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from topthree.domain.editors.permission import Permission, require
from topthree.domain.writing.issue import IssueStatus, storable_content_problems
from topthree.domain.writing.version import VersionKind
from topthree.services.identity.editor_view import EditorView
from topthree.services.writing.compose_issue import (
    Change,
    Save,
    change_content,
    follows,
    issue_to_change,
    still_correcting,
)
from topthree.services.writing.read_issue import IssueView, issue_view
from topthree.services.writing.working_copies import Sheet, drop_working_copy, keep_working_copy
from topthree.store.writing.issues import IssueRow


class Fate(StrEnum):
    """Where it went what was typed, and if not into the issue, why not."""

    SAVED = "saved"
    #: A field holds what cannot be kept in an issue.
    UNFIT = "unfit"
    #: Somebody else saved a later version.
    BEHIND = "behind"
    IN_REVIEW = "in review"
    APPROVED = "approved"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True, kw_only=True)
class Autosave:
    """A form as it stands at this moment."""

    save: Save
    #: Every field as it was typed.
    fields: Mapping[str, str]
    #: Whether each of them makes sense.
    is_fit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Autosaved:
    """What became of it; unless it was saved, it is kept as a working copy."""

    fate: Fate
    issue: IssueView


_NOT_BY_ITSELF = {
    IssueStatus.IN_REVIEW: Fate.IN_REVIEW,
    IssueStatus.APPROVED: Fate.APPROVED,
    IssueStatus.SENDING: Fate.PUBLISHED,
    IssueStatus.SENT: Fate.PUBLISHED,
}


def autosave_issue(
    session: Session, autosave: Autosave, editor: EditorView, now: datetime
) -> Autosaved:
    """Put a form into its draft, or keep it for its editor without touching the issue.

    Nothing that somebody else reads, has approved or wrote is ever changed by it.
    """
    require(editor.role, Permission.WRITE)
    save = autosave.save
    issue = issue_to_change(session, save.issue_id)
    sheet = Sheet(issue_id=issue.id, editor_id=editor.id, tab=save.tab)
    fate = _fate(session, issue, autosave)
    if fate is Fate.SAVED:
        change = Change(kind=VersionKind.AUTOSAVED, who=editor.who, at=now, tab=save.tab)
        change_content(session, issue, save.content, change)
        drop_working_copy(session, sheet)
    else:
        keep_working_copy(session, sheet, save.version, autosave.fields, now)
    return Autosaved(fate=fate, issue=issue_view(session, issue))


def _fate(session: Session, issue: IssueRow, autosave: Autosave) -> Fate:
    content = still_correcting(issue, autosave.save.content)
    if not autosave.is_fit or storable_content_problems(content):
        return Fate.UNFIT
    if content == issue.content:
        return Fate.SAVED
    if issue.status in _NOT_BY_ITSELF:
        return _NOT_BY_ITSELF[issue.status]
    return Fate.SAVED if follows(session, issue, autosave.save) else Fate.BEHIND
