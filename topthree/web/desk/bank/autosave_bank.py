"""What the page of an item says by itself while somebody writes on it: where the text is.

It answers with JSON, and the words in it are those that the page shows.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import jsonify, url_for
from flask.typing import ResponseReturnValue

from topthree.domain.bank.bank_item import BankState
from topthree.domain.editors.permission import Permission
from topthree.domain.ids import BankItemId
from topthree.domain.refusal import Invalid
from topthree.services.bank.autosave_bank import autosave_bank_item, autosave_new_bank_item
from topthree.services.bank.read_bank import BankItemView
from topthree.services.bank.write_bank import BankItemChanged, BankSave, NewBankItem
from topthree.web.access import current_editor, desk
from topthree.web.database import Session, transaction
from topthree.web.desk.bank.bank_form import sent_bank_form, sent_key
from topthree.web.desk.forms.trouble import sent_version
from topthree.web.desk.writing.compose_page import hour_words
from topthree.web.site import site


@desk(Permission.WRITE)
def autosave_bank(item_id: int) -> ResponseReturnValue:
    """Keep what stands in the form of an item, unless it is ready."""
    form = sent_bank_form()
    problems = form.problems()
    if problems:
        return _stays(problems[0].message)
    save = BankSave(
        item_id=BankItemId(item_id),
        version=sent_version(),
        item=form.item(),
        details=form.details(),
        state=form.state(),
    )
    editor, now = current_editor(), site().clock()
    return _answer(lambda session: autosave_bank_item(session, save, editor, now))


@desk(Permission.WRITE)
def autosave_new_bank() -> ResponseReturnValue:
    """Begin an item with what stands in its form, as soon as that is anything."""
    form, key = sent_bank_form(), sent_key()
    problems = form.problems()
    if problems:
        return _stays(problems[0].message)
    if not key or form.item().is_empty:
        return _stays("a headline is enough to begin with.")
    new = NewBankItem(
        item=form.item(), details=form.details(), state=form.state() or BankState.IDEA, key=key
    )
    editor, now = current_editor(), site().clock()
    return _answer(lambda session: autosave_new_bank_item(session, new, editor, now))


def _answer(keep: Callable[[Session], BankItemView | None]) -> ResponseReturnValue:
    try:
        with transaction() as session:
            item = keep(session)
    except BankItemChanged as changed:
        who = changed.theirs.edited_by or "somebody"
        return _stays(f"{who} saved it meanwhile. Press Save to see both.")
    except Invalid as invalid:
        return _stays(invalid.problems[0].message)
    if item is None:
        return _stays("it is ready, so only Save changes it.")
    return jsonify(
        fate="saved",
        version=item.version,
        words=f"Saved {hour_words(site().clock())}.",
        to=url_for("desk.autosave_bank", item_id=item.id),
        action=url_for("desk.save_bank", item_id=item.id),
        page=url_for("desk.bank_item", item_id=item.id),
    )


def _stays(why: str) -> ResponseReturnValue:
    """Answer that the text stays in the browser, and why."""
    words = f"Kept in this browser, and not in the bank yet: {why}"
    return jsonify(fate="unfit", version=sent_version(), words=words, stays=True)
