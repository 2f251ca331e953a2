"""Deliveries that may have been accepted: somebody decides whether they are sent again."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from topthree.domain.editors.permission import Permission
from topthree.domain.ids import RunId, SubscriberId
from topthree.domain.refusal import Refusal
from topthree.domain.sending.delivery import DeliveryEvent, DeliveryStatus
from topthree.services.sending.note_people import note_people_seen
from topthree.services.sending.report_run import read_run
from topthree.services.sending.run_people import list_people, settle_all_held
from topthree.services.sending.steer_run import settle_held
from topthree.web.access import current_editor, desk
from topthree.web.database import read_only
from topthree.web.desk.forms.going import gone_to
from topthree.web.desk.forms.typed_number import parse_number
from topthree.web.desk.sending.recent_figures import counts_of, recent_figures
from topthree.web.site import site

_SHOWN = 50
_EVERYBODY = "everybody"
_DECISIONS = {"got-it": DeliveryEvent.COUNT_AS_SENT, "send-again": DeliveryEvent.SEND_AGAIN}


@desk(Permission.STEER_RUN)
def held(run_id: int) -> ResponseReturnValue:
    """List those of whom nobody knows whether they got it."""
    with read_only() as session:
        shown = read_run(session, RunId(run_id), counts_of)
        page = list_people(session, shown.id, DeliveryStatus.HELD, limit=_SHOWN)
    details = {"outcome": DeliveryStatus.HELD, "addresses": "whole"}
    note_people_seen(site(), current_editor().who, shown, details)
    count = shown.counts[DeliveryStatus.HELD] if page.next_after else len(page.people)
    return render_template("desk/sending/run_held.html", run=shown, people=page.people, count=count)


@desk(Permission.STEER_RUN)
def settle(run_id: int) -> ResponseReturnValue:
    """Let a decision hold for one of them, or for all."""
    decision = _DECISIONS.get(request.form.get("decision", ""))
    chosen = request.form.get("person", "")
    person = parse_number(chosen)
    if decision is None or (person is None and chosen != _EVERYBODY):
        raise Refusal("Choose one of the two buttons beside a name, or below all of them.")
    if person is None:
        settle_all_held(site(), RunId(run_id), decision, current_editor().who)
    else:
        settle_held(site(), RunId(run_id), decision, [SubscriberId(person)], current_editor().who)
    recent_figures().forget()
    return gone_to(url_for("desk.held", run_id=run_id, said="settled"))
