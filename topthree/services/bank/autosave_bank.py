"""Autosave in the bank: what is typed goes into an item that nobody may print yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from topthree.domain.bank.bank_item import BankState
from topthree.services.bank.read_bank import BankItemView
from topthree.services.bank.write_bank import (
    BankSave,
    NewBankItem,
    bank_item_to_change,
    create_bank_item,
    save_bank_item,
)
from topthree.services.identity.editor_view import EditorView
from topthree.store.bank.bank_items import find_by_form_key

_UNFINISHED = (BankState.IDEA, BankState.DRAFTING)


def autosave_bank_item(
    session: Session, save: BankSave, editor: EditorView, now: datetime
) -> BankItemView | None:
    """Keep what was typed; None: the item is ready or stands in an issue, and stays as it is.

    Nothing becomes ready by it: that is said by a press of the button.

    :raises Invalid: if it cannot be kept.
    :raises BankItemChanged: if somebody saved a later version.
    """
    if bank_item_to_change(session, save.item_id).state not in _UNFINISHED:
        return None
    state = save.state if save.state in _UNFINISHED else None
    return save_bank_item(session, replace(save, state=state, is_by_itself=True), editor, now)


def autosave_new_bank_item(
    session: Session, new: NewBankItem, editor: EditorView, now: datetime
) -> BankItemView | None:
    """Begin an item with what was typed, or go on with the one that its form has begun.

    :param new: its key names the form.
    :raises Invalid: if it cannot be kept.
    :raises BankItemChanged: if somebody else has gone on with that one.
    """
    state = new.state if new.state in _UNFINISHED else BankState.DRAFTING
    begun = find_by_form_key(session, new.key)
    if begun is None:
        return create_bank_item(session, replace(new, state=state), editor, now)
    seen = begun.version if begun.edited_by == editor.id else 0
    save = BankSave(item_id=begun.id, version=seen, item=new.item, details=new.details, state=state)
    return autosave_bank_item(session, save, editor, now)
