"""Running something again before it closes: a copy in the bank that says it is the last call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from topthree.domain.bank.bank_item import BankDetails, BankState, as_last_call, is_open_after
from topthree.domain.editors.permission import Permission, require
from topthree.domain.planning.cadence import Cadence, Slot, instant_of
from topthree.domain.refusal import Conflict
from topthree.domain.writing.item import Item
from topthree.services.bank.read_bank import BankItemView
from topthree.services.bank.use_bank_item import Place
from topthree.services.bank.write_bank import NewBankItem, create_bank_item
from topthree.services.identity.editor_view import EditorView
from topthree.services.planning.slots_ahead import slots_ahead
from topthree.services.writing.read_issue import read_issue

_SLOTS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """What is run again, and for the slot of which day."""

    item: Item
    tags: tuple[str, ...]
    day: date
    #: Names the form, so that sending it twice makes one copy.
    key: str = ""


def item_at(session: Session, place: Place) -> Item:
    """Return what stands at the place of an issue, gone out or not.

    :raises NotFound: if there is no such issue.
    """
    return read_issue(session, place.issue_id).content.item_at(place.number)


def slots_before_it_closes(
    session: Session, cadence: Cadence, item: Item, now: datetime
) -> tuple[Slot, ...]:
    """Return the slots ahead whose letter comes before the closing date; none without one."""
    if item.participation.closes_on is None:
        return ()
    ahead = slots_ahead(session, cadence, now, _SLOTS)
    return tuple(slot for slot in ahead if is_open_after(item.participation, slot.at))


def run_again(
    session: Session, cadence: Cadence, again: Again, editor: EditorView, now: datetime
) -> BankItemView:
    """Add a copy that is called a last call, to be put into the issue of that day.

    :raises Conflict: if it closes before the slot, or has no closing date.
    """
    require(editor.role, Permission.WRITE)
    if not is_open_after(again.item.participation, instant_of(cadence, again.day)):
        message = "A last call comes before something closes. Choose an earlier slot."
        raise Conflict(message)
    details = BankDetails(
        tags=again.tags, owner_id=editor.id, use_by=again.item.participation.closes_on
    )
    new = NewBankItem(
        item=as_last_call(again.item), details=details, state=BankState.READY, key=again.key
    )
    return create_bank_item(session, new, editor, now)
