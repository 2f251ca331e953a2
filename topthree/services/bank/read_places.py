"""The places that items of the bank can go into: those of the issues in hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from topthree.domain.ids import BankItemId, IssueId
from topthree.domain.writing.issue import PLACES, IssueStatus
from topthree.domain.writing.item import Item
from topthree.store.bank.bank_items import find_use_at
from topthree.store.writing.issue_lists import issues_in_hand

_MOST_LOOSE = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPlace:
    """One place of an issue in hand, and what stands there."""

    #: 1 to 3.
    number: int
    item: Item
    is_empty: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIssue:
    """An issue in hand with its three places."""

    id: IssueId
    subject: str
    status: IssueStatus
    #: The slot on which it stands; None: on none.
    day: date | None
    places: tuple[OpenPlace, ...]


def open_issues(session: Session) -> tuple[OpenIssue, ...]:
    """Return the issues in hand by slot, and some of those on none, the newest first."""
    issues = [issue for issue, _ in issues_in_hand(session)]
    loose = [issue for issue in issues if issue.slot_day is None]
    return tuple(
        OpenIssue(
            id=issue.id,
            subject=issue.subject,
            status=issue.status,
            day=issue.slot_day,
            places=tuple(
                OpenPlace(number=number, item=item, is_empty=item.is_empty)
                for number, item in zip(PLACES, issue.content.items, strict=True)
            ),
        )
        for issue in (
            *(issue for issue in issues if issue.slot_day is not None),
            *reversed(loose[-_MOST_LOOSE:]),
        )
    )


def item_used_at(session: Session, issue_id: IssueId, number: int) -> BankItemId | None:
    """Return which item of the bank stands at the place (1 to 3), if one does."""
    use = find_use_at(session, issue_id, number)
    return use.bank_item_id if use else None
