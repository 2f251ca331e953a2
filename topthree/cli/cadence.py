"""Commands about the calendar: the slots ahead, and departures from the rule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import click

from topthree.cli.launcher import Launcher
from topthree.cli.parameters import day, json_option
from topthree.cli.printing import Row, print_listing
from topthree.domain.planning.cadence import CadenceException, ExceptionKind
from topthree.domain.planning.school_calendar import SchoolBreak
from topthree.services.planning.change_cadence import change_cadence
from topthree.services.planning.school_calendar import breaks_on
from topthree.services.planning.slots_ahead import PlannedSlot, upcoming_slots

_COLUMNS = {
    "at": "Goes out",
    "issue": "Id",
    "subject": "Issue",
    "status": "State",
    "note": "Note",
    "school_break": "School break",
}
_note_option = click.option("--note", default="", help="Why, in a few words.")


@click.group()
def cadence() -> None:
    """Plan when letters go out."""


@cadence.command()
@click.option(
    "--count",
    type=click.IntRange(1, 100),
    default=6,
    show_default=True,
    help="How many slots to show.",
)
@json_option
@click.pass_obj
def show(launcher: Launcher, count: int, *, as_json: bool) -> None:
    """List the next slots and what stands on each."""
    wiring = launcher.wiring()
    with wiring.reading() as session:
        slots = upcoming_slots(session, wiring.cadence, wiring.clock(), count)
        breaks = breaks_on(session, [planned.slot.day for planned in slots])
    empty = "No slot in the next three years. See the settings of the cadence."
    print_listing(
        [_row(planned, breaks) for planned in slots], _COLUMNS, as_json=as_json, empty=empty
    )


@cadence.command()
@click.argument("slot", type=day)
@_note_option
@click.pass_obj
def skip(launcher: Launcher, slot: date, note: str) -> None:
    """Send nothing on SLOT, a date; the slots after it stay where they are."""
    _change(launcher, CadenceException(kind=ExceptionKind.SKIP, on=slot, note=note))
    click.echo(f"Nothing goes out on {slot:%A}, {slot}. The other slots stay as they are.")


@cadence.command()
@click.argument("slot", type=day)
@click.argument("new_day", type=day)
@_note_option
@click.pass_obj
def move(launcher: Launcher, slot: date, new_day: date, note: str) -> None:
    """Move SLOT to NEW_DAY, both dates; an issue that stands on it moves along."""
    change = CadenceException(kind=ExceptionKind.MOVE, on=slot, until=new_day, note=note)
    _change(launcher, change)
    click.echo(f"The slot of {slot:%A}, {slot} is now on {new_day:%A}, {new_day}.")


def _change(launcher: Launcher, change: CadenceException) -> None:
    wiring = launcher.wiring()
    with wiring.writing() as session:
        # Who works at the terminal is not known to be any editor.
        change_cadence(session, wiring.cadence, change, None, wiring.clock())


def _row(planned: PlannedSlot, breaks: Mapping[date, SchoolBreak]) -> Row:
    slot, issue = planned.slot, planned.issue
    return {
        "day": slot.day,
        "at": slot.at,
        "note": slot.note,
        "issue": None if issue is None else issue.id,
        "subject": None if issue is None else issue.subject,
        "status": None if issue is None else issue.status,
        "school_break": breaks[slot.day].name if slot.day in breaks else None,
    }
