"""Looking into the item bank: one item whole, and what a search finds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from topthree.domain.bank.bank_item import BankDetails, BankState
from topthree.domain.bank.bank_search import BankSearch
from topthree.domain.ids import BankItemId, IssueId
from topthree.domain.refusal import NotFound, Problem
from topthree.domain.writing.item import Item, Section, missing_parts
from topthree.store.bank.bank_items import BankItemRow, find_bank_item, find_use, has_bank_items
from topthree.store.bank.bank_lists import (
    BankLine,
    count_bank_items,
    find_bank_lines,
    ready_counts,
    tags_in_use,
)
from topthree.store.editors.editors import all_editors, name_of_editor
from topthree.store.writing.issues import find_issue

__all__ = [
    "BankItemView",
    "BankLine",
    "BankPage",
    "Standing",
    "bank_item_view",
    "bank_words",
    "find_in_bank",
    "read_bank_item",
    "ready_for",
    "require_bank_item",
    "search_bank",
]

PAGE = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The place of an issue in which an item of the bank stands or went out."""

    issue_id: IssueId
    #: 1 to 3.
    place: int
    subject: str
    #: The day for which the issue is planned, or on which it went out.
    day: date | None
    is_published: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BankItemView:
    """An item of the bank whole."""

    id: BankItemId
    version: int
    state: BankState
    item: Item
    details: BankDetails
    owner: str
    last_day: date | None
    missing: tuple[Problem, ...]
    #: None while it is used nowhere.
    standing: Standing | None
    created_at: datetime
    created_by: str
    edited_at: datetime
    edited_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BankPage:
    """A page of what was found; pages are counted from 1."""

    lines: tuple[BankLine, ...]
    count: int
    number: int
    of: int
    #: Whether the bank holds nothing at all, whatever is looked for.
    is_bank_empty: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BankWords:
    """What a search can choose from."""

    tags: tuple[str, ...]
    #: The id and the name of each editor, by name.
    owners: tuple[tuple[str, str], ...]


def ready_for(session: Session, day: date) -> dict[Section, int]:
    """Return how many items are ready, and still can be printed on this day, by section."""
    ready = dict.fromkeys(Section, 0)
    for each in ready_counts(session):
        if not each.is_over_before(day):
            ready[each.section] += each.count
    return ready


def search_bank(session: Session, search: BankSearch, today: date, number: int = 1) -> BankPage:
    """Return a page of what is found; a number beyond the last page gives the last."""
    count = count_bank_items(session, search, today)
    of = max(1, -(-count // PAGE))
    number = min(max(1, number), of)
    lines = find_bank_lines(session, search, today, skip=(number - 1) * PAGE, limit=PAGE)
    is_empty = not count and not has_bank_items(session)
    return BankPage(lines=tuple(lines), count=count, number=number, of=of, is_bank_empty=is_empty)


def find_in_bank(session: Session, search: BankSearch, today: date) -> tuple[BankLine, ...]:
    """Return all that is found."""
    count = count_bank_items(session, search, today)
    return tuple(find_bank_lines(session, search, today, skip=0, limit=count))


def bank_words(session: Session) -> BankWords:
    """Return the tags in use, and who may own an item."""
    owners = tuple((str(editor.id), editor.name) for editor in all_editors(session))
    return BankWords(tags=tuple(tags_in_use(session)), owners=owners)


def read_bank_item(session: Session, item_id: BankItemId) -> BankItemView:
    """Return the item with this id.

    :raises NotFound: if there is none.
    """
    return bank_item_view(session, require_bank_item(find_bank_item(session, item_id)))


def require_bank_item(row: BankItemRow | None) -> BankItemRow:
    """Return the row of an item that was looked for.

    :raises NotFound: if it was not found.
    """
    if row is None:
        message = "This item is not in the bank any more. Choose one from the list."
        raise NotFound(message)
    return row


def bank_item_view(session: Session, row: BankItemRow) -> BankItemView:
    """Return the item whole."""
    item = row.item
    return BankItemView(
        id=row.id,
        version=row.version,
        state=row.state,
        item=item,
        details=row.details,
        owner=name_of_editor(session, row.owner_id),
        last_day=row.last_day,
        missing=tuple(missing_parts(item)),
        standing=_standing(session, row.id),
        created_at=row.created_at,
        created_by=name_of_editor(session, row.created_by),
        edited_at=row.edited_at,
        edited_by=name_of_editor(session, row.edited_by),
    )


def _standing(session: Session, item_id: BankItemId) -> Standing | None:
    use = find_use(session, item_id)
    issue = find_issue(session, use.issue_id) if use else None
    if use is None or issue is None:
        return None
    return Standing(
        issue_id=issue.id,
        place=use.place,
        subject=issue.subject,
        day=issue.day or issue.slot_day,
        is_published=issue.status.is_published,
    )
