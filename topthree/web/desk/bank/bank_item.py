"""Writing one item of the bank: a new one, its form, a copy, and taking it away for good."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from topthree.domain.bank.bank_item import BankState
from topthree.domain.editors.permission import Permission
from topthree.domain.ids import BankItemId
from topthree.domain.refusal import Conflict, Invalid
from topthree.services.bank.read_bank import BankItemView, bank_words, read_bank_item
from topthree.services.bank.write_bank import (
    BankItemChanged,
    BankSave,
    NewBankItem,
    copy_bank_item,
    create_bank_item,
    delete_bank_item,
    save_bank_item,
)
from topthree.web.access import current_editor, desk
from topthree.web.database import read_only, transaction
from topthree.web.desk.bank.bank_form import (
    BANK_FIELDS,
    STATES,
    BankForm,
    bank_form_of,
    bank_label_of,
    empty_bank_form,
    fresh_key,
    sent_bank_form,
    sent_key,
)
from topthree.web.desk.bank.bank_search import STATE_WORDS
from topthree.web.desk.forms.going import gone_to
from topthree.web.desk.forms.trouble import NO_TROUBLE, Difference, Trouble, sent_version, slips
from topthree.web.desk.writing.item_form import ItemChoices
from topthree.web.site import site

#: Buttons that save first and lead on to a picture.
_PARTS = {"item-picture": "picture", "item-portrait": "portrait"}
_NOT_READY = "It is saved, as being written: an item is ready when nothing is missing."


@desk(Permission.WRITE)
def new_bank_item() -> ResponseReturnValue:
    """Show an empty form; nothing is in the bank before it is saved."""
    return _page(None, empty_bank_form(current_editor().id))


@desk(Permission.WRITE)
def add_bank_item() -> ResponseReturnValue:
    """Put what was typed into the bank."""
    form = sent_bank_form()
    problems = form.problems()
    if not problems:
        new = NewBankItem(
            item=form.item(),
            details=form.details(),
            state=form.state() or BankState.IDEA,
            key=sent_key(),
        )
        try:
            with transaction() as session:
                made = create_bank_item(session, new, current_editor(), site().clock())
        except Invalid as invalid:
            problems = invalid.problems
        else:
            return _saved(made, form, "bank-added")
    return _again(None, form, slips(problems))


@desk(Permission.READ_DESK)
def bank_item(item_id: int) -> ResponseReturnValue:
    """Show the item in its form; while it stands in an issue, only what the desk keeps of it."""
    shown = _read(item_id)
    return _page(shown, bank_form_of(shown))


@desk(Permission.WRITE)
def save_bank(item_id: int) -> ResponseReturnValue:
    """Keep what was typed."""
    form = sent_bank_form()
    has_text = "item-section" in request.form
    problems = form.problems() if has_text else form.details_problems()
    if problems:
        shown = _read(item_id)
        return _again(shown, form, slips(problems))
    wanted = BankSave(
        item_id=BankItemId(item_id),
        version=sent_version(),
        item=form.item() if has_text else None,
        details=form.details(),
        state=form.state(),
    )
    try:
        with transaction() as session:
            saved = save_bank_item(session, wanted, current_editor(), site().clock())
    except BankItemChanged as changed:
        return _side_by_side(changed, form)
    except Invalid as invalid:
        return _again(_read(item_id), form, slips(invalid.problems))
    except Conflict as conflict:
        trouble = Trouble(title="This cannot be saved here any more", message=str(conflict))
        return _again(_read(item_id), form, trouble, HTTPStatus.CONFLICT)
    return _saved(saved, form, "saved")


@desk(Permission.WRITE)
def copy_bank(item_id: int) -> ResponseReturnValue:
    """Add a copy and show it."""
    with transaction() as session:
        now = site().clock()
        made = copy_bank_item(session, BankItemId(item_id), sent_key(), current_editor(), now)
    return gone_to(url_for("desk.bank_item", item_id=made.id, said="bank-copied"))


@desk(Permission.WRITE)
def show_deleting(item_id: int) -> ResponseReturnValue:
    """Ask once more before an item is deleted."""
    return render_template("desk/bank/bank_delete.html", shown=_read(item_id))


@desk(Permission.WRITE)
def delete_bank(item_id: int) -> ResponseReturnValue:
    """Take the item out of the bank for good."""
    with transaction() as session:
        gone = delete_bank_item(session, BankItemId(item_id), current_editor(), site().clock())
    word = "bank-deleted-used" if gone.standing else "bank-deleted"
    return gone_to(url_for("desk.bank", said=word))


def _read(item_id: int) -> BankItemView:
    with read_only() as session:
        return read_bank_item(session, BankItemId(item_id))


def _saved(saved: BankItemView, form: BankForm, word: str) -> ResponseReturnValue:
    if form.state() is BankState.READY and saved.state is BankState.DRAFTING:
        page = _page(saved, bank_form_of(saved), slips(saved.missing, _NOT_READY))
        return page, HTTPStatus.UNPROCESSABLE_ENTITY
    part = _PARTS.get(request.form.get("do", ""))
    if part:
        return gone_to(url_for("desk.bank_picture", item_id=saved.id, part=part))
    return gone_to(url_for("desk.bank_item", item_id=saved.id, said=word))


def _side_by_side(changed: BankItemChanged, form: BankForm) -> ResponseReturnValue:
    """Show both texts; the form carries their version now, so saving again is a decision."""
    trouble = Trouble(
        title="Somebody else saved this item",
        message=str(changed),
        differences=tuple(_differences(form, bank_form_of(changed.theirs))),
    )
    return _page(changed.theirs, form, trouble), HTTPStatus.CONFLICT


def _differences(mine: BankForm, theirs: BankForm) -> Iterator[Difference]:
    for field in BANK_FIELDS:
        if mine[field].strip() != theirs[field].strip():
            yield Difference(field=field, mine=mine[field], theirs=theirs[field])


def _again(
    shown: BankItemView | None,
    form: BankForm,
    trouble: Trouble,
    status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY,
) -> ResponseReturnValue:
    return _page(shown, form, trouble, version=sent_version() if shown else 0), status


def _page(
    shown: BankItemView | None,
    form: BankForm,
    trouble: Trouble = NO_TROUBLE,
    *,
    version: int | None = None,
) -> str:
    with read_only() as session:
        words = bank_words(session)
    is_used = shown is not None and shown.state is BankState.USED
    return render_template(
        "desk/bank/bank_item.html",
        shown=shown,
        form=form,
        # What was typed while the item went into an issue stays in sight.
        has_text=not is_used or (trouble.title and form["item-section"]),
        version=version if version is not None else shown.version if shown else 0,
        trouble=trouble,
        missing=form.missing(),
        words=words,
        states=[(state.value, STATE_WORDS[state]) for state in STATES],
        bank_state_words=STATE_WORDS,
        label_of=bank_label_of,
        key=sent_key() or fresh_key(),
        choices=ItemChoices(zone=site().cadence.zone.key),
    )
