"""The board: the next slots with their three places, and what the bank has ready for them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from topthree.domain.bank.bank_item import BankState
from topthree.domain.bank.bank_search import BankSearch
from topthree.domain.ids import IssueId
from topthree.domain.planning.cadence import Cadence, Slot
from topthree.domain.refusal import Problem
from topthree.domain.writing.issue import PLACES, IssueContent, IssueStatus, missing_from
from topthree.domain.writing.item import Item, Section
from topthree.services.planning.slots_ahead import slots_ahead
from topthree.services.writing.read_issue import IssueSummary, recently_published, summary_of
from topthree.store.agreeing.preflight_results import PreflightResultRow, preflight_results
from topthree.store.bank.bank_items import has_bank_items, owners_of_places
from topthree.store.bank.bank_lists import BankLine, ReadyCount, find_bank_lines, ready_counts
from topthree.store.writing.issue_lists import issues_in_hand
from topthree.store.writing.issues import IssueRow

_RECENT = 3
_ON_THE_SHELF = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPlace:
    """One of the three places of a slot, filled or waiting."""

    #: 1 to 3.
    number: int
    section: Section
    kicker: str
    headline: str
    is_empty: bool
    closes_on: date | None
    #: Whose item of the bank it is, if it came from there.
    owner: str
    #: How many items of the section are ready, and can still be printed on the slot's day.
    ready: int
    #: How many more are ready, but close or were to be used before that day.
    over_before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """How much preflight has found in an issue as it is."""

    stops: int
    advice: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardIssue:
    """The issue on a slot."""

    id: IssueId
    status: IssueStatus
    subject: str
    edited_at: datetime
    edited_by: str
    empty_count: int
    #: What else it lacks before it can be approved; nothing of the places that are empty.
    lacks: tuple[Problem, ...]
    #: None if it was not checked since it was changed, or has gone out.
    found: Found | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardSlot:
    """A slot ahead with its places; without an issue, all three are empty."""

    slot: Slot
    issue: BoardIssue | None
    places: tuple[BoardPlace, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What the board shows of the bank."""

    #: How many are ready, by section; each section is there.
    ready: dict[Section, int]
    #: Some of it, what has least time left first.
    lines: tuple[BankLine, ...]
    is_empty: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What is ahead, what lies about, what went out last."""

    slots: tuple[BoardSlot, ...]
    #: Work in hand that stands on none of these slots.
    loose: tuple[IssueSummary, ...]
    recent: tuple[IssueSummary, ...]
    shelf: Shelf


def read_board(session: Session, cadence: Cadence, now: datetime, count: int = 6) -> Board:
    """Return the board, in a number of queries that does not grow with what it shows."""
    slots = slots_ahead(session, cadence, now, count)
    days = [slot.day for slot in slots]
    issues = issues_in_hand(session, also_on=days)
    on_days = {issue.slot_day: (issue, name) for issue, name in issues if issue.slot_day in days}
    today = cadence.day_at(now)
    ready = [each for each in ready_counts(session) if not each.is_over_before(today)]
    shown = [issue for issue, _ in on_days.values()]
    known = _Known(
        ready=ready,
        owners=owners_of_places(session, [issue.id for issue in shown]),
        results=preflight_results(session, shown),
    )
    return Board(
        slots=tuple(_slot(slot, on_days.get(slot.day), known) for slot in slots),
        loose=tuple(summary_of(issue, name) for issue, name in issues if _is_loose(issue, days)),
        recent=recently_published(session, _RECENT),
        shelf=_shelf(session, ready, today),
    )


def _is_loose(issue: IssueRow, days: Collection[date]) -> bool:
    return issue.slot_day not in days and not issue.status.is_published


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What is asked once for all slots."""

    ready: Sequence[ReadyCount]
    owners: dict[tuple[IssueId, int], str]
    results: dict[IssueId, PreflightResultRow]


def _slot(slot: Slot, standing: tuple[IssueRow, str] | None, known: _Known) -> BoardSlot:
    content = standing[0].content if standing else IssueContent()
    issue = None if standing is None else _issue(*standing, content, known.results)
    places = [
        _place(
            number,
            item,
            _ready_on(slot.day, item.section, known.ready),
            known.owners.get((issue.id, number), "") if issue else "",
        )
        for number, item in zip(PLACES, content.items, strict=True)
        if number in content.written_places
    ]
    return BoardSlot(slot=slot, issue=issue, places=tuple(places))


def _issue(
    row: IssueRow,
    edited_by: str,
    content: IssueContent,
    results: dict[IssueId, PreflightResultRow],
) -> BoardIssue:
    result = None if row.status.is_published else results.get(row.id)
    empty = [place for place in content.written_places if content.item_at(place).is_empty]
    of_empty = tuple(f"item-{place}-" for place in empty)
    missing = () if row.status.is_published else missing_from(content)
    return BoardIssue(
        id=row.id,
        status=row.status,
        subject=row.subject,
        edited_at=row.edited_at,
        edited_by=edited_by,
        empty_count=len(empty),
        lacks=tuple(each for each in missing if not each.field.startswith(of_empty)),
        found=Found(stops=result.stops, advice=result.advice) if result else None,
    )


def _place(number: int, item: Item, ready: tuple[int, int], owner: str) -> BoardPlace:
    return BoardPlace(
        number=number,
        section=item.section,
        kicker=item.kicker,
        headline=item.headline,
        is_empty=item.is_empty,
        closes_on=item.participation.closes_on,
        owner=owner,
        ready=ready[0],
        over_before=ready[1],
    )


def _ready_on(day: date, section: Section, counts: Sequence[ReadyCount]) -> tuple[int, int]:
    """Return how many of the section are ready for the day, and how many are over before it."""
    of_section = [each for each in counts if each.section is section]
    over = sum(each.count for each in of_section if each.is_over_before(day))
    return sum(each.count for each in of_section) - over, over


def _shelf(session: Session, counts: Sequence[ReadyCount], today: date) -> Shelf:
    search = BankSearch(state=BankState.READY, keeps_until=today)
    lines = find_bank_lines(session, search, today, skip=0, limit=_ON_THE_SHELF)
    return Shelf(
        ready={section: _ready_on(today, section, counts)[0] for section in Section},
        lines=tuple(lines),
        is_empty=not lines and not has_bank_items(session),
    )
