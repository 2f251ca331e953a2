"""Issues as rows of lists: what a list shows, and none of the texts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, subqueryload

from topthree.domain.ids import IssueId
from topthree.domain.writing.issue import IssueStatus
from topthree.domain.writing.item import Section
from topthree.store.editors.editors import EditorRow
from topthree.store.writing.issues import NEWEST_FIRST, PUBLISHED, IssueRow, ItemRow

#: Section, kicker and headline of an item.
Headline = tuple[Section, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueTitle:
    """What a published issue is called."""

    subject: str
    number: int
    corrects: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedLine:
    """A published issue as a list shows it: without its text, which lists need not read."""

    id: IssueId
    status: IssueStatus
    subject: str
    preheader: str
    language: str
    number: int
    day: date
    corrects: date | None
    published_at: datetime
    is_sample: bool
    edited_at: datetime
    edited_by: str
    headlines: tuple[Headline, ...]


def titles_of(session: Session, issue_ids: Collection[IssueId]) -> dict[IssueId, IssueTitle]:
    """Return what these issues are called; they have been published, so each has its number."""
    query = select(IssueRow.id, IssueRow.subject, IssueRow.number, IssueRow.corrects)
    query = query.where(IssueRow.id.in_(issue_ids), IssueRow.number.is_not(None))
    return {
        issue_id: IssueTitle(subject=subject, number=number or 0, corrects=corrects)
        for issue_id, subject, number, corrects in session.execute(query)
    }


def published_lines(session: Session, limit: int | None = None) -> Sequence[PublishedLine]:
    """Return the published issues, newest first, in two queries however many there are."""
    query = (
        select(
            IssueRow.id,
            IssueRow.status,
            IssueRow.subject,
            IssueRow.preheader,
            IssueRow.language,
            IssueRow.number,
            IssueRow.day,
            IssueRow.corrects,
            IssueRow.published_at,
            IssueRow.is_sample,
            IssueRow.edited_at,
            func.coalesce(EditorRow.name, "").label("edited_by"),
        )
        .outerjoin(EditorRow, EditorRow.id == IssueRow.edited_by)
        .where(IssueRow.status.in_(PUBLISHED))
        .order_by(*NEWEST_FIRST)
        .limit(limit)
    )
    rows = session.execute(query).mappings().all()
    headlines = _published_headlines(
        session, None if limit is None else [row["id"] for row in rows]
    )
    return [PublishedLine(headlines=tuple(headlines[row["id"]]), **row) for row in rows]


def _published_headlines(
    session: Session, issue_ids: Collection[IssueId] | None
) -> dict[IssueId, list[Headline]]:
    """Return the headlines of these issues, or of all that have gone out."""
    query = (
        select(ItemRow.issue_id, ItemRow.section, ItemRow.kicker, ItemRow.headline)
        .join(IssueRow, IssueRow.id == ItemRow.issue_id)
        .where(IssueRow.status.in_(PUBLISHED))
        .order_by(ItemRow.issue_id, ItemRow.place)
    )
    if issue_ids is not None:
        query = query.where(ItemRow.issue_id.in_(issue_ids))
    headlines: dict[IssueId, list[Headline]] = defaultdict(list)
    for issue_id, section, kicker, headline in session.execute(query):
        headlines[issue_id].append((section, kicker, headline))
    return headlines


def issues_in_hand(
    session: Session, also_on: Collection[date] = ()
) -> Sequence[tuple[IssueRow, str]]:
    """Return the issues that have not gone out, by slot, each with who edited it last.

    :param also_on: slots whose issues are wanted even if they have gone out.
    """
    wanted = or_(IssueRow.status.not_in(PUBLISHED), IssueRow.slot_day.in_(also_on))
    issues = _with_editors(session, wanted)
    return sorted(issues, key=lambda pair: (pair[0].slot_day or date.max, pair[0].id))


def issues_on_slots(session: Session, days: Collection[date]) -> dict[date, tuple[IssueRow, str]]:
    """Return the issues on these slots by day, gone out or not, each with who edited it last."""
    found = _with_editors(session, IssueRow.slot_day.in_(days))
    return {issue.slot_day: (issue, name) for issue, name in found if issue.slot_day is not None}


def _with_editors(session: Session, wanted: ColumnElement[bool]) -> Sequence[tuple[IssueRow, str]]:
    query = (
        select(IssueRow, func.coalesce(EditorRow.name, ""))
        .outerjoin(EditorRow, EditorRow.id == IssueRow.edited_by)
        .where(wanted)
        # One query for all items, where the usual way takes one for every 500 issues.
        .options(subqueryload(IssueRow.items))
    )
    return [(issue, name) for issue, name in session.execute(query)]
