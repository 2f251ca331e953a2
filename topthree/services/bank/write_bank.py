"""Writing items of the bank: new ones, changes without overwriting anybody's, copies, deleting."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from topthree.domain.audit.act import Act
from topthree.domain.audit.entry import Entry, item_thing
from topthree.domain.bank.bank_item import (
    BankDetails,
    BankEvent,
    BankState,
    details_problems,
    next_bank_state,
    tidy_details,
)
from topthree.domain.editors.permission import Permission, require
from topthree.domain.ids import BankItemId
from topthree.domain.refusal import Conflict, Invalid, Problem
from topthree.domain.writing.item import Item, missing_parts, storable_problems, tidy_item
from topthree.services.audit.log import record
from topthree.services.bank.read_bank import BankItemView, bank_item_view, require_bank_item
from topthree.services.identity.editor_view import EditorView, who_of
from topthree.store.bank.bank_items import (
    BankItemRow,
    find_by_form_key,
    find_use,
    lock_bank_item,
    new_bank_item,
    write_down,
)
from topthree.store.base import add_once
from topthree.store.editors.editors import find_editor
from topthree.store.writing.issues import lock_issue

#: Within it, one editor's autosaves are one act.
_ONE_SITTING = timedelta(minutes=10)
_EVENT_TO = {
    BankState.IDEA: BankEvent.SHELVE,
    BankState.DRAFTING: BankEvent.TAKE_UP,
    BankState.READY: BankEvent.FINISH,
}


class BankItemChanged(Conflict):
    """Somebody saved this item while it was being written here; nothing was overwritten."""

    def __init__(self, theirs: BankItemView) -> None:
        message = (
            f"{theirs.edited_by or 'Somebody'} saved this item while you were writing."
            " Nothing is lost: your text is below, theirs beside it."
            " Bring the two together and save again."
        )
        super().__init__(message)
        self.theirs = theirs


@dataclass(frozen=True, slots=True, kw_only=True)
class BankSave:
    """What an editor typed, and the version they saw when they began."""

    item_id: BankItemId
    version: int
    #: None leaves the text as it is: while the item stands in an issue, it is written there.
    item: Item | None
    details: BankDetails
    #: Where it shall stand; None leaves that as it is.
    state: BankState | None = None
    #: Whether the page saved it while somebody wrote.
    is_by_itself: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBankItem:
    """An item for the bank. A key, if the form has one, makes sending it twice harmless."""

    item: Item
    details: BankDetails = field(default_factory=BankDetails)
    state: BankState = BankState.IDEA
    key: str = ""


def create_bank_item(
    session: Session, new: NewBankItem, editor: EditorView | None, now: datetime
) -> BankItemView:
    """Add an item; what is not complete becomes a draft where it was to be ready.

    :param editor: None for what comes from a file.
    :raises Invalid: if it cannot be kept.
    """
    if editor is not None:
        require(editor.role, Permission.WRITE)
    item, details = _checked(session, new.item, new.details)
    known = find_by_form_key(session, new.key) if new.key else None
    if known is not None and known.item == item:
        return bank_item_view(session, known)
    by = editor.id if editor else None
    row = new_bank_item(item, by=by, at=now)
    row.form_key = None if known else new.key or None
    row.state = _state_for(item, next_bank_state(row.state, _EVENT_TO[new.state]))
    row.details = details
    write_down(row, item, by=by, at=now)
    if add_once(session, row, lambda: find_by_form_key(session, new.key)) is not row:
        # The form was sent twice at the same moment, and the other one was quicker.
        return create_bank_item(session, new, editor, now)
    _record(session, Act.ITEM_CREATED, row, editor, now)
    return bank_item_view(session, row)


def save_bank_item(
    session: Session, save: BankSave, editor: EditorView, now: datetime
) -> BankItemView:
    """Keep what was typed. Saving what is there already changes nothing.

    An item that lacks something is a draft, even where it was to be ready; its view says what.

    :raises Invalid: if it cannot be kept.
    :raises BankItemChanged: if somebody saved a later version.
    :raises Conflict: if its text was typed while it went into an issue.
    """
    require(editor.role, Permission.WRITE)
    row = bank_item_to_change(session, save.item_id)
    item, details = _checked(session, save.item or row.item, save.details)
    wanted = save.state or row.state
    if (item, details, wanted) == (row.item, row.details, row.state):
        return bank_item_view(session, row)
    if save.version != row.version:
        raise BankItemChanged(bank_item_view(session, row))
    if item != row.item:
        next_bank_state(row.state, BankEvent.EDIT)
    goes_on = save.is_by_itself and _goes_on(row, editor, now)
    if wanted is not row.state:
        row.state = next_bank_state(row.state, _EVENT_TO[wanted])
    row.state = _state_for(item, row.state)
    row.details = details
    write_down(row, item, by=editor.id, at=now)
    session.flush()
    if not goes_on:
        _record(session, Act.ITEM_SAVED, row, editor, now)
    return bank_item_view(session, row)


def copy_bank_item(
    session: Session, item_id: BankItemId, key: str, editor: EditorView, now: datetime
) -> BankItemView:
    """Add an item with the same text and tags that belongs to whoever copies it.

    :raises NotFound: if there is no such item.
    """
    row = bank_item_to_change(session, item_id)
    details = replace(row.details, owner_id=editor.id)
    new = NewBankItem(item=row.item, details=details, state=BankState.DRAFTING, key=key)
    return create_bank_item(session, new, editor, now)


def delete_bank_item(
    session: Session, item_id: BankItemId, editor: EditorView, now: datetime
) -> BankItemView:
    """Take the item out of the bank for good, and return it as it was; an issue keeps its text.

    :raises NotFound: if it is gone already.
    """
    require(editor.role, Permission.WRITE)
    if (use := find_use(session, item_id)) is not None:
        # Whoever saves that issue now looks for the use that is about to go.
        lock_issue(session, use.issue_id)
    row = bank_item_to_change(session, item_id)
    gone = bank_item_view(session, row)
    if (use := find_use(session, item_id)) is not None:
        session.delete(use)
        session.flush()
    _record(session, Act.ITEM_DELETED, row, editor, now)
    session.delete(row)
    session.flush()
    return gone


def bank_item_to_change(session: Session, item_id: BankItemId) -> BankItemRow:
    """Return the item's row, which nobody else can change before this transaction ends.

    :raises NotFound: if there is none.
    """
    return require_bank_item(lock_bank_item(session, item_id))


def _goes_on(row: BankItemRow, editor: EditorView, now: datetime) -> bool:
    """Tell whether the editor has been writing just now, which is written down already."""
    return row.edited_by == editor.id and now - row.edited_at < _ONE_SITTING


def _state_for(item: Item, wanted: BankState) -> BankState:
    """Return the state, unless it is ready and the item is not."""
    if wanted is BankState.READY and missing_parts(item):
        return next_bank_state(wanted, BankEvent.TAKE_UP)
    return wanted


def _checked(session: Session, item: Item, details: BankDetails) -> tuple[Item, BankDetails]:
    item, details = tidy_item(item), tidy_details(details)
    problems = [*storable_problems(item), *details_problems(details)]
    if details.owner_id is not None and find_editor(session, details.owner_id) is None:
        problems.append(Problem(field="owner", message="Choose one of the editors."))
    if problems:
        raise Invalid(*problems)
    return item, details


def _record(
    session: Session, act: Act, row: BankItemRow, editor: EditorView | None, now: datetime
) -> None:
    about = item_thing(row.id, row.headline)
    details = {"version": row.version, "state": row.state.value}
    record(session, Entry(who=who_of(editor), act=act, about=about, details=details), now)
