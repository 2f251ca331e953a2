"""The calendar: when letters go out, and departures from the rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from topthree.domain.calendar_words import day_words
from topthree.domain.editors.permission import Permission
from topthree.domain.planning.cadence import CadenceException, ExceptionKind
from topthree.domain.refusal import Conflict, Invalid, Problem, Refusal
from topthree.services.planning.change_cadence import change_cadence
from topthree.services.planning.read_calendar import CadenceChange, clashes, list_cadence_changes
from topthree.services.planning.school_calendar import list_breaks
from topthree.services.planning.slots_ahead import upcoming_slots
from topthree.web.access import current_editor, desk
from topthree.web.database import read_only, transaction
from topthree.web.desk.forms.going import gone_to
from topthree.web.desk.forms.typed_dates import NO_DAY, parse_day
from topthree.web.site import site
from topthree.web.typed_text import shown_again

_SHOWN = 12
_FIELDS = ("on", "until", "note")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One of the page's forms as it was sent, and what is wrong with it."""

    kind: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    #: A sentence that concerns the whole form.
    message: str = ""
    status: HTTPStatus = HTTPStatus.OK

    def value(self, kind: str, name: str) -> str:
        """Return what was typed into a field of the form of this kind."""
        return self.values.get(name, "") if kind == self.kind else ""

    def of(self, kind: str, name: str) -> tuple[str, ...]:
        """Return what is wrong with a field of the form of this kind."""
        if kind != self.kind:
            return ()
        return tuple(problem.message for problem in self.problems if problem.field == name)

    def links(self) -> list[tuple[str, str]]:
        """Return each problem as the field it leads to and its words."""
        return [(f"{self.kind}-{problem.field}", problem.message) for problem in self.problems]


@desk(Permission.READ_DESK)
def calendar() -> ResponseReturnValue:
    """Show the next slots and, to those who may, the forms that change them.

    A link may open one of the forms filled in, for somebody to look at and send.
    """
    values = {name: shown_again(request.args.get(name, "")) for name in _FIELDS}
    return _page(Change(kind=shown_again(request.args.get("change", "")), values=values))


@desk(Permission.SCHEDULE)
def change_calendar() -> ResponseReturnValue:
    """Record the departure from the rule that one of the forms asks for."""
    kind = request.form.get("kind", "")
    values = {name: shown_again(request.form.get(name, "")) for name in _FIELDS}
    try:
        wanted = _parse(kind, values)
        wiring, editor = site(), current_editor()
        with transaction() as session:
            change_cadence(session, wiring.cadence, wanted, editor, wiring.clock())
    except Invalid as invalid:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return _page(Change(kind=kind, values=values, problems=invalid.problems, status=status))
    except Conflict as conflict:
        status = HTTPStatus.CONFLICT
        return _page(Change(kind=kind, values=values, message=str(conflict), status=status))
    return gone_to(url_for("desk.calendar", said="calendar"))


def _parse(kind: str, values: Mapping[str, str]) -> CadenceException:
    if kind not in {each.value for each in ExceptionKind}:
        raise Refusal("Choose one of the changes that the calendar's page offers.")
    problems = [
        Problem(field=name, message=NO_DAY)
        for name in ("on", "until")
        if values[name].strip() and parse_day(values[name]) is None
    ]
    on = parse_day(values["on"])
    if not values["on"].strip():
        problems.append(Problem(field="on", message="Choose a day."))
    if problems or on is None:
        raise Invalid(*problems)
    return CadenceException(
        kind=ExceptionKind(kind), on=on, until=parse_day(values["until"]), note=values["note"]
    )


def change_words(made: CadenceChange) -> str:
    """Say what somebody decided: “Skipped Thursday, November 26, 2026”."""
    change = made.change
    on, until = day_words(change.on), day_words(change.until or change.on)
    return {
        ExceptionKind.SKIP: f"Skipped {on}",
        ExceptionKind.MOVE: f"Moved {on} to {until}",
        ExceptionKind.EXTRA: f"Added {on}",
        ExceptionKind.PAUSE: f"Paused from {on} to {until}",
        ExceptionKind.REANCHOR: f"Began a new rhythm on {on}",
    }[change.kind]


def _page(change: Change) -> ResponseReturnValue:
    wiring = site()
    now = wiring.clock()
    today = wiring.cadence.day_at(now)
    with read_only() as session:
        planned = upcoming_slots(session, wiring.cadence, now, _SHOWN)
        in_breaks = clashes(session, planned, today)
        breaks = list_breaks(session, today)
        changes = list_cadence_changes(session)
    page = render_template(
        "desk/planning/calendar.html",
        planned=planned,
        change=change,
        cadence=wiring.cadence,
        in_breaks=in_breaks,
        breaks=breaks,
        changes=[(change_words(made), made) for made in changes],
        choices=[(each.slot.day.isoformat(), day_words(each.slot.day)) for each in planned],
    )
    return page, change.status
