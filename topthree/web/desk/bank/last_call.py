"""Running something again before it closes: from the bank, or from an issue."""

from __future__ import annotations

from http import HTTPStatus

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from topthree.domain.editors.permission import Permission
from topthree.domain.ids import BankItemId, IssueId
from topthree.domain.refusal import Conflict
from topthree.domain.writing.item import Item
from topthree.services.bank.read_bank import read_bank_item
from topthree.services.bank.run_again import Again, item_at, run_again, slots_before_it_closes
from topthree.services.bank.use_bank_item import Place
from topthree.web.access import current_editor, desk
from topthree.web.database import read_only, transaction
from topthree.web.desk.bank.bank_form import fresh_key, sent_key
from topthree.web.desk.forms.going import gone_to
from topthree.web.desk.forms.typed_dates import NO_DAY_CHOSEN, parse_day
from topthree.web.site import site


@desk(Permission.WRITE)
def show_last_call(item_id: int) -> ResponseReturnValue:
    """Offer the slots before the item of the bank closes."""
    return _page(*_of_bank(item_id))


@desk(Permission.WRITE)
def last_call(item_id: int) -> ResponseReturnValue:
    """Add the copy for the slot that was chosen."""
    return _called(*_of_bank(item_id))


@desk(Permission.WRITE)
def show_last_call_of_place(issue_id: int, number: int) -> ResponseReturnValue:
    """Offer the slots before what stands in the issue closes."""
    return _page(_at_place(issue_id, number), ())


@desk(Permission.WRITE)
def last_call_of_place(issue_id: int, number: int) -> ResponseReturnValue:
    """Add the copy for the slot that was chosen."""
    return _called(_at_place(issue_id, number), ())


def _called(item: Item, tags: tuple[str, ...]) -> ResponseReturnValue:
    day = parse_day(request.form.get("day", ""))
    if day is None:
        return _page(item, tags, NO_DAY_CHOSEN), HTTPStatus.UNPROCESSABLE_ENTITY
    wiring, again = site(), Again(item=item, tags=tags, day=day, key=sent_key())
    try:
        with transaction() as session:
            made = run_again(session, wiring.cadence, again, current_editor(), wiring.clock())
    except Conflict as conflict:
        return _page(item, tags, str(conflict)), HTTPStatus.CONFLICT
    return gone_to(url_for("desk.places", item_id=made.id, said="last-call", day=day))


def _of_bank(item_id: int) -> tuple[Item, tuple[str, ...]]:
    with read_only() as session:
        shown = read_bank_item(session, BankItemId(item_id))
    return shown.item, shown.details.tags


def _at_place(issue_id: int, number: int) -> Item:
    with read_only() as session:
        return item_at(session, Place(issue_id=IssueId(issue_id), number=number))


def _page(item: Item, tags: tuple[str, ...], problem: str = "") -> str:
    wiring = site()
    with read_only() as session:
        slots = slots_before_it_closes(session, wiring.cadence, item, wiring.clock())
    return render_template(
        "desk/bank/last_call.html",
        item=item,
        tags=tags,
        slots=slots,
        problem=problem,
        key=sent_key() or fresh_key(),
    )
