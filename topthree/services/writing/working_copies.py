"""Working copies: what an editor typed that is not in the issue, kept until they decide."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from topthree.domain.ids import EditorId, IssueId
from topthree.store.writing.issues import lock_issue
from topthree.store.writing.working_copies import (
    WorkingCopyRow,
    find_working_copy,
    forget_working_copy,
    working_copies_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A page on which one editor writes an issue."""

    issue_id: IssueId
    editor_id: EditorId
    #: Tells the pages of one editor from each other; empty: a page that keeps nothing.
    tab: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingCopy:
    """The form of a page as it was typed, and the version of the issue that it began with."""

    tab: str
    version: int
    fields: Mapping[str, str]
    saved_at: datetime


def keep_working_copy(
    session: Session, sheet: Sheet, version: int, fields: Mapping[str, str], now: datetime
) -> None:
    """Keep what stands on the page, in the place of what stood there before."""
    if not sheet.tab or lock_issue(session, sheet.issue_id) is None:
        return
    written = json.dumps(dict(fields), ensure_ascii=False)
    row = find_working_copy(session, sheet.issue_id, sheet.editor_id, sheet.tab)
    if row is None:
        row = WorkingCopyRow(
            issue_id=sheet.issue_id,
            editor_id=sheet.editor_id,
            tab=sheet.tab,
            version=version,
            fields=written,
            saved_at=now,
        )
        session.add(row)
    row.version, row.fields, row.saved_at = version, written, now
    session.flush()


def list_working_copies(
    session: Session, issue_id: IssueId, editor_id: EditorId
) -> tuple[WorkingCopy, ...]:
    """Return what the editor typed and has not put into the issue, newest first."""
    return tuple(map(_value, working_copies_of(session, issue_id, editor_id)))


def read_working_copy(session: Session, sheet: Sheet) -> WorkingCopy | None:
    """Return what stands on this page, if anything is kept of it."""
    row = find_working_copy(session, sheet.issue_id, sheet.editor_id, sheet.tab)
    return None if row is None else _value(row)


def drop_working_copy(session: Session, sheet: Sheet) -> None:
    """Keep it no longer: it is in the issue now, or its writer threw it away."""
    forget_working_copy(session, sheet.issue_id, sheet.editor_id, sheet.tab)


def _value(row: WorkingCopyRow) -> WorkingCopy:
    return WorkingCopy(
        tab=row.tab, version=row.version, fields=json.loads(row.fields), saved_at=row.saved_at
    )
