"""An issue's history: its versions, what is different between two of them, and going back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy.orm import Session

from topthree.domain.editors.permission import Permission, require
from topthree.domain.ids import IssueId
from topthree.domain.refusal import Conflict, NotFound
from topthree.domain.writing.content_difference import FieldChange, change_words, compare_contents
from topthree.domain.writing.issue import IssueContent
from topthree.domain.writing.version import (
    FOLDED_KEPT,
    VersionKind,
    VersionMark,
    folded_versions,
    shown_versions,
)
from topthree.services.identity.editor_view import EditorView
from topthree.services.writing.compose_issue import Change, change_content, issue_to_change
from topthree.services.writing.read_issue import IssueView, issue_view
from topthree.store.editors.editors import name_of_editor
from topthree.store.writing.versions import (
    VersionRow,
    find_version,
    forget_versions,
    issues_with_passing_versions,
    version_marks,
    versions_of,
)

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLine:
    """A version as a row of the history."""

    number: int
    kind: VersionKind
    saved_by: str
    saved_at: datetime
    source: int | None
    #: What it changed, in words; empty for the first.
    changed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionView:
    """A version whole."""

    number: int
    kind: VersionKind
    saved_by: str
    saved_at: datetime
    content: IssueContent


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A page of the history, newest first."""

    lines: tuple[VersionLine, ...]
    #: The number before which older versions are found; None if there are none.
    older: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two versions, the older first, and where they differ."""

    before: VersionView
    after: VersionView
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoring:
    """Which version is to come back, and which is there as far as the editor knows."""

    issue_id: IssueId
    number: int
    version: int


def read_history(session: Session, issue_id: IssueId, *, before: int | None = None) -> History:
    """Return the newest versions that a history shows, or those before a number."""
    marks = shown_versions(version_marks(session, issue_id))
    wanted = [mark for mark in marks if before is None or mark.number < before]
    # One more than is shown: what the oldest of them changed is seen against it.
    some = wanted[-PAGE - 1 :]
    rows = versions_of(session, issue_id, [mark.number for mark in some])
    lines = [_line(session, after, rows, mark) for mark, after in pairwise(some)]
    if len(some) <= PAGE and some:
        lines.insert(0, _line(session, some[0], rows, None))
    older = lines[0].number if len(some) > PAGE else None
    return History(lines=tuple(reversed(lines)), older=older)


def read_version(session: Session, issue_id: IssueId, number: int) -> VersionView:
    """Return this version of the issue.

    :raises NotFound: if it is not kept.
    """
    row = find_version(session, issue_id, number)
    if row is None:
        raise NotFound(
            "This version is not kept. What was saved while somebody was writing is kept as one"
            " version for ten minutes; choose one from the history."
        )
    return VersionView(
        number=row.number,
        kind=row.kind,
        saved_by=name_of_editor(session, row.saved_by),
        saved_at=row.saved_at,
        content=row.content,
    )


def compare_versions(session: Session, issue_id: IssueId, one: int, other: int) -> Comparison:
    """Compare two versions, in whatever order they are named.

    :raises NotFound: if one of them is not kept.
    """
    before = read_version(session, issue_id, min(one, other))
    after = read_version(session, issue_id, max(one, other))
    changes = compare_contents(before.content, after.content)
    return Comparison(before=before, after=after, changes=changes)


def restore_version(
    session: Session, restoring: Restoring, editor: EditorView, now: datetime
) -> IssueView:
    """Bring a version back as a new one; the one before it stays, an approval ends.

    Bringing back what is there already changes nothing.

    :raises NotFound: if the version is not kept.
    :raises Conflict: if somebody saved since the editor looked, or it has gone out.
    """
    require(editor.role, Permission.WRITE)
    issue = issue_to_change(session, restoring.issue_id)
    version = read_version(session, issue.id, restoring.number)
    if version.content == issue.content:
        return issue_view(session, issue)
    if issue.version != restoring.version:
        raise Conflict(
            "Somebody saved this issue after you opened this page. Look at the history once more,"
            " then bring the version back."
        )
    change = Change(kind=VersionKind.RESTORED, who=editor.who, at=now, source=restoring.number)
    change_content(session, issue, version.content, change)
    return issue_view(session, issue)


def forget_folded_versions(session: Session, now: datetime) -> None:
    """Delete the versions that no history shows and that nobody can have open any more."""
    old = now - FOLDED_KEPT
    for issue_id in issues_with_passing_versions(session, old):
        folded = folded_versions(version_marks(session, issue_id))
        forget_versions(session, issue_id, [each.number for each in folded if each.saved_at < old])


def _line(
    session: Session, mark: VersionMark, rows: dict[int, VersionRow], before: VersionMark | None
) -> VersionLine:
    row = rows[mark.number]
    changes: Sequence[FieldChange] = ()
    if before is not None:
        changes = compare_contents(rows[before.number].content, row.content)
    return VersionLine(
        number=mark.number,
        kind=mark.kind,
        saved_by=name_of_editor(session, row.saved_by),
        saved_at=mark.saved_at,
        source=mark.source,
        changed=change_words(changes),
    )
