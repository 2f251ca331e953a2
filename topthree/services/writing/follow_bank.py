"""What the bank knows of its items that stand in issues: where they are, and their text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from topthree.domain.audit.act import Act
from topthree.domain.audit.entry import Entry, Who, item_thing
from topthree.domain.bank.bank_item import BankEvent, next_bank_state, places_after
from topthree.domain.ids import IssueId
from topthree.domain.writing.item import Item, missing_parts
from topthree.services.audit.log import record
from topthree.store.bank.bank_items import BankUseRow, lock_bank_item, uses_of_issue, write_down


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """What a save did to an issue's items."""

    issue_id: IssueId
    before: tuple[Item, Item, Item]
    after: tuple[Item, Item, Item]
    #: Kept while somebody types: a place that is empty now may be filled again in a moment.
    is_passing: bool


def follow_bank_items(session: Session, saving: Saving, who: Who, now: datetime) -> None:
    """Let the bank know what a save did to its items in this issue.

    One that was moved is known at its new place, and its text is the issue's. One whose place was
    emptied is back in the bank, as it stood there last.
    """
    uses = {use.place: use for use in uses_of_issue(session, saving.issue_id)}
    if not uses:
        return
    places = places_after(saving.before, saving.after)
    for place in uses.keys() - places.keys():
        if not saving.is_passing or place in places.values():
            give_back(session, uses[place], saving.before[place - 1], who, now)
    staying = {places[place]: use for place, use in uses.items() if place in places}
    _move(session, staying)
    for place, use in staying.items():
        row, item = lock_bank_item(session, use.bank_item_id), saving.after[place - 1]
        if row is not None and row.item != item:
            write_down(row, item, by=who.editor_id, at=now)
    session.flush()


def give_back(session: Session, use: BankUseRow, item: Item, who: Who, now: datetime) -> None:
    """Let the item that was used be in the bank again, with the text that it had in the issue."""
    row = lock_bank_item(session, use.bank_item_id)
    session.delete(use)
    session.flush()
    if row is None:
        return
    kept = row.item if item.is_empty else item
    row.state = next_bank_state(row.state, BankEvent.TAKE_OUT)
    if not missing_parts(kept):
        row.state = next_bank_state(row.state, BankEvent.FINISH)
    write_down(row, kept, by=who.editor_id, at=now)
    about = item_thing(row.id, kept.headline)
    record(session, Entry(who=who, act=Act.ITEM_TAKEN_OUT, about=about), now)


def _move(session: Session, standing: dict[int, BankUseRow]) -> None:
    """Let each use stand at its place; two that change places meet at none in between."""
    moving = {place: use for place, use in standing.items() if use.place != place}
    for use in moving.values():
        use.place = -use.place
    session.flush()
    for place, use in moving.items():
        use.place = place
    session.flush()
