"""The item bank as lists: what is found, what is ready, and which words are in use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from topthree.domain.bank.bank_item import BankState
from topthree.domain.bank.bank_search import SOON, BankSearch, UseBy
from topthree.domain.ids import BankItemId, IssueId
from topthree.domain.writing.item import Section
from topthree.store.bank.bank_items import BankItemRow, BankTagRow, BankUseRow
from topthree.store.editors.editors import EditorRow
from topthree.store.writing.issues import IssueRow

_ESCAPE = "\\"
#: Characters of a text that a list reads: enough for its first sentence.
_OPENING = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class BankLine:
    """An item of the bank as a row of a list: with the beginning of its text, and no more of it."""

    id: BankItemId
    state: BankState
    section: Section
    kicker: str
    headline: str
    opening: str
    owner: str
    use_by: date | None
    closes_on: date | None
    last_day: date | None
    edited_at: datetime
    edited_by: str
    #: Where it stands; None while it is used nowhere.
    issue_id: IssueId | None
    place: int | None
    #: The day for which the issue is planned, or on which it went out.
    issue_day: date | None
    issue_subject: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyCount:
    """How many ready items of a section have the same last day."""

    section: Section
    last_day: date | None
    count: int

    def is_over_before(self, day: date) -> bool:
        """Tell whether they close, or were to be used, before this day."""
        return self.last_day is not None and self.last_day < day


def find_bank_lines(
    session: Session, search: BankSearch, today: date, *, skip: int, limit: int
) -> Sequence[BankLine]:
    """Return a part of what is found: what has least time left first if time matters, else new."""
    query = _lines().where(*_conditions(search, today))
    if search.use_by is not None or search.keeps_until is not None:
        query = query.order_by(BankItemRow.last_day.is_(None), BankItemRow.last_day)
    query = query.order_by(BankItemRow.edited_at.desc(), BankItemRow.id.desc())
    rows = session.execute(query.offset(skip).limit(limit)).mappings().all()
    tags = _tags_of(session, [row["id"] for row in rows])
    return [BankLine(tags=tuple(tags[row["id"]]), **row) for row in rows]


def count_bank_items(session: Session, search: BankSearch, today: date) -> int:
    """Return how many items are found."""
    query = select(func.count(BankItemRow.id)).where(*_conditions(search, today))
    return session.scalars(query).one()


def ready_counts(session: Session) -> Sequence[ReadyCount]:
    """Return how many items are ready, by section and last day."""
    query = (
        select(BankItemRow.section, BankItemRow.last_day, func.count())
        .where(BankItemRow.state == BankState.READY)
        .group_by(BankItemRow.section, BankItemRow.last_day)
    )
    return [
        ReadyCount(section=section, last_day=last_day, count=count)
        for section, last_day, count in session.execute(query)
    ]


def tags_in_use(session: Session) -> Sequence[str]:
    """Return the tags that items have, each once, in order."""
    return session.scalars(select(BankTagRow.tag).distinct().order_by(BankTagRow.tag)).all()


def _lines() -> Select[*tuple[Any, ...]]:
    owner, editor = aliased(EditorRow), aliased(EditorRow)
    return (
        select(
            BankItemRow.id,
            BankItemRow.state,
            BankItemRow.section,
            BankItemRow.kicker,
            BankItemRow.headline,
            func.substr(BankItemRow.body, 1, _OPENING).label("opening"),
            func.coalesce(owner.name, "").label("owner"),
            BankItemRow.use_by,
            BankItemRow.closes_on,
            BankItemRow.last_day,
            BankItemRow.edited_at,
            func.coalesce(editor.name, "").label("edited_by"),
            BankUseRow.issue_id,
            BankUseRow.place,
            func.coalesce(IssueRow.day, IssueRow.slot_day).label("issue_day"),
            func.coalesce(IssueRow.subject, "").label("issue_subject"),
        )
        .outerjoin(owner, owner.id == BankItemRow.owner_id)
        .outerjoin(editor, editor.id == BankItemRow.edited_by)
        .outerjoin(BankUseRow, BankUseRow.bank_item_id == BankItemRow.id)
        .outerjoin(IssueRow, IssueRow.id == BankUseRow.issue_id)
    )


def _conditions(search: BankSearch, today: date) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [
        BankItemRow.searchable.like(f"%{_literal(term)}%", escape=_ESCAPE)
        for term in search.terms()
    ]
    if search.section is not None:
        wanted.append(BankItemRow.section == search.section)
    if search.state is not None:
        wanted.append(BankItemRow.state == search.state)
    if search.owner_id is not None:
        wanted.append(BankItemRow.owner_id == search.owner_id)
    if search.tag:
        wanted.append(BankItemRow.tags.any(BankTagRow.tag == search.tag))
    return wanted + _of_time(search, today)


def _of_time(search: BankSearch, today: date) -> list[ColumnElement[bool]]:
    day = BankItemRow.last_day
    wanted: list[ColumnElement[bool]] = []
    if search.use_by is UseBy.PAST:
        wanted.append(day < today)
    elif search.use_by is UseBy.SOON:
        wanted.append(day.between(today, today + SOON))
    if search.keeps_until is not None:
        wanted.append(or_(day.is_(None), day >= search.keeps_until))
    return wanted


def _literal(term: str) -> str:
    """Return the term as a pattern that matches nothing but itself."""
    for sign in (_ESCAPE, "%", "_"):
        term = term.replace(sign, f"{_ESCAPE}{sign}")
    return term


def _tags_of(session: Session, item_ids: Collection[BankItemId]) -> dict[BankItemId, list[str]]:
    tags: dict[BankItemId, list[str]] = defaultdict(list)
    query = select(BankTagRow).where(BankTagRow.bank_item_id.in_(item_ids))
    for row in session.scalars(query.order_by(BankTagRow.tag)):
        tags[row.bank_item_id].append(row.tag)
    return tags
