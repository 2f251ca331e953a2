"""Who got an issue: the people of a run, by outcome, one by address, and all of them as a file."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from topthree.domain.audit.entry import Details
from topthree.domain.editors.permission import Permission, may
from topthree.domain.ids import RunId, SubscriberId
from topthree.domain.refusal import Invalid, NotFound
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.domain.sending.run_words import DELIVERY_WORDS, reason_words
from topthree.domain.spreadsheet import csv_parts
from topthree.domain.subscribers.address import masked
from topthree.mail.address_syntax import parse_address
from topthree.services.sending.note_people import note_people_exported, note_people_seen
from topthree.services.sending.report_run import read_run
from topthree.services.sending.run_people import (
    NOBODY,
    PEOPLE_COLUMNS,
    export_people,
    list_people,
    who_got_it,
)
from topthree.web.access import current_editor, desk
from topthree.web.database import read_only
from topthree.web.desk.forms.typed_number import parse_number
from topthree.web.desk.sending.recent_figures import counts_of
from topthree.web.site import site
from topthree.web.typed_text import shown_again

_SHOWN = 50


@desk(Permission.READ_DESK)
def people(run_id: int) -> ResponseReturnValue:
    """List the people of a run; addresses are whole only for those who steer it."""
    chosen = _chosen()
    with read_only() as session:
        shown = read_run(session, RunId(run_id), counts_of)
        page = list_people(session, shown.id, chosen, after=_after(), limit=_SHOWN)
    details: Details = {
        "outcome": chosen or "all",
        "addresses": "whole" if _sees_whole() else "in part",
    }
    note_people_seen(site(), current_editor().who, shown, details)
    return render_template(
        "desk/sending/run_people.html", run=shown, page=page, chosen=chosen, **_words()
    )


@desk(Permission.READ_DESK)
def find_person(run_id: int) -> ResponseReturnValue:
    """Say what came of the run to one address; sent as a form, so that no log keeps it."""
    typed, problem, found = request.form.get("address", ""), "", None
    with read_only() as session:
        shown = read_run(session, RunId(run_id), counts_of)
        try:
            found = who_got_it(session, shown.id, parse_address(typed))
        except (Invalid, NotFound) as refusal:
            problem = str(refusal)
    looked_up: Details = {"address": shown_again(typed), "found": found is not None}
    note_people_seen(site(), current_editor().who, shown, looked_up)
    page = render_template(
        "desk/sending/run_person.html",
        run=shown,
        found=found,
        typed=shown_again(typed),
        problem=problem,
        **_words(),
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK


@desk(Permission.STEER_RUN)
def people_file(run_id: int) -> ResponseReturnValue:
    """Give everybody's outcome as CSV, row by row however many there are."""
    with read_only() as session:
        shown = read_run(session, RunId(run_id), counts_of)
    chosen = _chosen()
    note_people_exported(site(), current_editor().who, shown, {"outcome": chosen or "all"})
    rows = export_people(site().reading, shown.id, chosen)
    name = f"issue-{shown.number}-{shown.day.isoformat()}.csv"
    return Response(
        _with_mark(csv_parts(PEOPLE_COLUMNS, rows)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _with_mark(parts: Iterator[str]) -> Iterator[str]:
    # Without it a spreadsheet reads the file in a code page of old.
    yield "\ufeff"
    yield from parts


def _words() -> dict[str, Any]:
    return {
        "words": DELIVERY_WORDS,
        "reason_words": reason_words,
        "outcomes": [
            ("", "Everybody"),
            *((status.value, words.name) for status, words in DELIVERY_WORDS.items()),
        ],
        "address_words": (lambda address: address) if _sees_whole() else masked,
    }


def _sees_whole() -> bool:
    return may(current_editor().role, Permission.STEER_RUN)


def _chosen() -> DeliveryStatus | None:
    """Return the outcome that is asked for; any other word means all of them."""
    outcome = request.args.get("outcome", "")
    return DeliveryStatus(outcome) if outcome in {each.value for each in DeliveryStatus} else None


def _after() -> SubscriberId:
    return SubscriberId(parse_number(request.args.get("after", "")) or NOBODY)
