"""Versions of issues: what each once was, who left it so and when."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from topthree.domain.ids import EditorId, IssueId
from topthree.domain.writing.content_json import read_content
from topthree.domain.writing.issue import IssueContent
from topthree.domain.writing.version import VersionKind, VersionMark
from topthree.store.base import Table


class VersionRow(Table, kw_only=True, repr=False):
    """What an issue's content was after its so-many-th change; never rewritten."""

    __tablename__ = "versions"

    issue_id: Mapped[IssueId] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[VersionKind]
    #: The content's canonical JSON.
    written: Mapped[str]
    saved_by: Mapped[EditorId | None] = mapped_column(ForeignKey("editors.id"), default=None)
    saved_at: Mapped[datetime] = mapped_column(index=True)
    is_pinned: Mapped[bool] = mapped_column(default=False)
    source: Mapped[int | None] = mapped_column(default=None)
    #: The page it was typed on, if it was typed.
    tab: Mapped[str] = mapped_column(default="")

    @property
    def content(self) -> IssueContent:
        """The content as the frozen value that everything else works with."""
        return read_content(self.written)


def find_version(session: Session, issue_id: IssueId, number: int) -> VersionRow | None:
    """Return this version of the issue."""
    return session.get(VersionRow, (issue_id, number))


def versions_of(
    session: Session, issue_id: IssueId, numbers: Collection[int]
) -> dict[int, VersionRow]:
    """Return those of these versions that there are, by number."""
    query = select(VersionRow).where(
        VersionRow.issue_id == issue_id, VersionRow.number.in_(numbers)
    )
    return {row.number: row for row in session.scalars(query)}


def version_marks(session: Session, issue_id: IssueId) -> Sequence[VersionMark]:
    """Return every version of the issue without its content, oldest first."""
    query = select(
        VersionRow.number,
        VersionRow.kind,
        VersionRow.saved_by,
        VersionRow.saved_at,
        VersionRow.is_pinned,
        VersionRow.source,
    ).where(VersionRow.issue_id == issue_id)
    return [
        VersionMark(
            number=number, kind=kind, saved_by=by, saved_at=at, is_pinned=is_pinned, source=source
        )
        for number, kind, by, at, is_pinned, source in session.execute(
            query.order_by(VersionRow.number)
        )
    ]


def tabs_after(session: Session, issue_id: IssueId, number: int) -> set[str]:
    """Return the pages that all versions after this one were typed on."""
    query = select(VersionRow.tab).where(
        VersionRow.issue_id == issue_id, VersionRow.number > number
    )
    return set(session.scalars(query.distinct()))


def is_passing(session: Session, issue_id: IssueId, number: int) -> bool:
    """Tell whether a history may leave this version out."""
    row = find_version(session, issue_id, number)
    return row is not None and row.kind is VersionKind.AUTOSAVED and not row.is_pinned


def pin_version(session: Session, issue_id: IssueId, number: int) -> None:
    """Let this version be shown whatever comes after it."""
    session.execute(
        update(VersionRow)
        .where(VersionRow.issue_id == issue_id, VersionRow.number == number)
        .values(is_pinned=True)
    )


def issues_with_passing_versions(session: Session, before: datetime) -> Sequence[IssueId]:
    """Return the issues that have versions from before then which may not be shown."""
    query = select(VersionRow.issue_id).where(
        VersionRow.kind == VersionKind.AUTOSAVED,
        VersionRow.is_pinned.is_(False),
        VersionRow.saved_at < before,
    )
    return session.scalars(query.distinct().order_by(VersionRow.issue_id)).all()


def forget_versions(session: Session, issue_id: IssueId, numbers: Iterable[int]) -> None:
    """Delete these versions of the issue."""
    session.execute(
        delete(VersionRow).where(
            VersionRow.issue_id == issue_id, VersionRow.number.in_(list(numbers))
        )
    )
