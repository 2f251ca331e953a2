"""The school calendar: bringing breaks in, looking at them first, and removing one."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from itertools import groupby

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from topthree.domain.editors.permission import Permission
from topthree.domain.planning.pasted_breaks import UNDERSTOOD, parse_breaks
from topthree.domain.planning.school_calendar import (
    NAME_LIMIT,
    SchoolBreak,
    school_year,
    school_year_words,
    tidy_name,
)
from topthree.domain.refusal import Invalid, Problem
from topthree.services.planning.calendar_file import (
    BREAK_LIMIT,
    SIZE_LIMIT,
    PassedOver,
    read_calendar_file,
)
from topthree.services.planning.school_calendar import (
    PASTED,
    Takeover,
    list_breaks,
    remove_break,
    take_over_breaks,
)
from topthree.web.access import current_editor, desk
from topthree.web.database import read_only, transaction
from topthree.web.desk.forms.going import gone_to
from topthree.web.desk.forms.trouble import Trouble
from topthree.web.desk.forms.typed_dates import parse_day
from topthree.web.site import site, today
from topthree.web.typed_text import lines_shown_again, shown_again

_WANTED = "Choose a file, or paste dates below."
_PARTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Breaks to choose from, before any of them is kept."""

    source: str
    offered: tuple[SchoolBreak, ...]
    chosen: frozenset[SchoolBreak]
    passed_over: tuple[tuple[PassedOver, int], ...] = ()
    replaces: bool = False
    problem: str = ""


@desk(Permission.READ_DESK)
def school_calendar() -> ResponseReturnValue:
    """Show the breaks ahead and, to those who may, the two ways to bring more in."""
    return _page()


@desk(Permission.SCHEDULE)
def read_school_calendar() -> ResponseReturnValue:
    """Show what a file or a text holds; nothing is kept yet."""
    text = request.form.get("dates", "")
    try:
        offer = _pasted(text) if "dates" in request.form else _uploaded()
    except Invalid as invalid:
        return _page(invalid.problems, lines_shown_again(text)), HTTPStatus.UNPROCESSABLE_ENTITY
    return _preview(offer)


@desk(Permission.SCHEDULE)
def take_over_school_calendar() -> ResponseReturnValue:
    """Keep the breaks that were ticked."""
    chosen = tuple(filter(None, map(_break_of, request.form.getlist("break")[:BREAK_LIMIT])))
    source = tidy_name(shown_again(request.form.get("source", "")))[:NAME_LIMIT]
    replaces = request.form.get("how") == "replace"
    takeover = Takeover(breaks=chosen, source=source, replaces=replaces)
    try:
        with transaction() as session:
            take_over_breaks(session, takeover, current_editor(), site().clock())
    except Invalid as invalid:
        if not chosen:
            return _page((_none_chosen(),)), HTTPStatus.UNPROCESSABLE_ENTITY
        offer = Offer(
            source=source,
            offered=chosen,
            chosen=frozenset(chosen),
            replaces=replaces,
            problem=str(invalid),
        )
        return _preview(offer), HTTPStatus.UNPROCESSABLE_ENTITY
    return gone_to(url_for("desk.school_calendar", said="breaks"))


@desk(Permission.SCHEDULE)
def remove_school_break(break_id: int) -> ResponseReturnValue:
    """Take one break out of the calendar."""
    with transaction() as session:
        remove_break(session, break_id, current_editor(), site().clock())
    return gone_to(url_for("desk.school_calendar", said="break-removed"))


def _pasted(text: str) -> Offer:
    read = parse_breaks(text)
    if read.problems:
        raise Invalid(*read.problems)
    return Offer(source=PASTED, offered=read.breaks, chosen=frozenset(read.breaks))


def _uploaded() -> Offer:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Invalid(Problem(field="file", message=_WANTED))
    name = shown_again(file.filename)[:NAME_LIMIT]
    reading = read_calendar_file(file.stream.read(SIZE_LIMIT + 1), name, today())
    # A calendar of schools holds other days as well; what sounds like a break is ticked.
    likely = frozenset(each for each in reading.breaks if each.sounds_like_one)
    return Offer(
        source=name,
        offered=reading.breaks,
        chosen=likely or frozenset(reading.breaks),
        passed_over=reading.passed_over,
    )


def _break_of(value: str) -> SchoolBreak | None:
    """Read one of the boxes of the preview; None if it is none."""
    parts = value.split("/", _PARTS - 1)
    if len(parts) != _PARTS:
        return None
    first, last = parse_day(parts[0]), parse_day(parts[1])
    if first is None or last is None:
        return None
    return SchoolBreak(first=first, last=last, name=tidy_name(shown_again(parts[2])))


def _none_chosen() -> Problem:
    message = "No break was ticked. Read the calendar again and tick those to keep."
    return Problem(field="file", message=message)


def _page(problems: tuple[Problem, ...] = (), text: str = "") -> str:
    with read_only() as session:
        breaks = list_breaks(session, today())
    years = groupby(breaks, key=lambda each: school_year(each.found.first))
    return render_template(
        "desk/planning/school_calendar.html",
        years=[(year, list(kept)) for year, kept in years],
        year_words=school_year_words,
        understood=UNDERSTOOD,
        typed=text,
        trouble=Trouble(problems=problems),
    )


def _preview(offer: Offer) -> str:
    years = sorted({school_year(each.first) for each in offer.offered})
    return render_template(
        "desk/planning/school_calendar_preview.html",
        source=offer.source,
        offered=offer.offered,
        chosen=offer.chosen,
        passed_over=offer.passed_over,
        replaces=offer.replaces,
        problem=offer.problem,
        years=[school_year_words(year) for year in years],
    )
