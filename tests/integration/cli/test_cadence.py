"""The calendar, at the terminal."""

from __future__ import annotations

from datetime import date

from tests.integration.cli.conftest import Terminal
from topthree.domain.editors.permission import Role
from topthree.domain.planning.school_calendar import SchoolBreak
from topthree.services.planning.school_calendar import Takeover, take_over_breaks


def test_the_next_six_slots_are_listed_with_weekday_time_and_zone(terminal: Terminal) -> None:
    lines = terminal.output("cadence", "show").splitlines()

    assert len(lines) == 1 + 6
    assert lines[1] == "Thu 2026-12-03 06:00 EST"


def test_a_slot_in_a_school_break_says_so(terminal: Terminal) -> None:
    house = terminal.launcher.installation
    winter = SchoolBreak(first=date(2026, 12, 24), last=date(2027, 1, 3), name="Winter break")
    takeover = Takeover(breaks=(winter,), source="school.ics", replaces=False)
    pat = house.add_editor("Pat", Role.PUBLISHER)
    with house.wiring.writing() as session:
        take_over_breaks(session, takeover, pat, house.clock())

    slots = terminal.json("cadence", "show", "--count", "3")

    assert isinstance(slots, list)
    assert [each["school_break"] for each in slots] == [None, None, "Winter break"]


def test_a_skipped_slot_is_gone_and_the_others_stay(terminal: Terminal) -> None:
    terminal.output("cadence", "skip", "2026-12-17", "--note", "Winter break")

    assert _days(terminal) == ["2026-12-03", "2026-12-31", "2027-01-14"]


def test_a_moved_slot_takes_its_issue_along(terminal: Terminal) -> None:
    issue_id = terminal.launcher.installation.schedule_approved_issue()

    said = terminal.output("cadence", "move", "2026-12-03", "2026-12-04")

    assert "Friday, 2026-12-04" in said
    slots = terminal.json("cadence", "show", "--count", "1")
    assert isinstance(slots, list)
    assert (slots[0]["day"], slots[0]["issue"]) == ("2026-12-04", issue_id)


def test_a_day_that_is_no_slot_cannot_be_skipped(terminal: Terminal) -> None:
    assert "is not a slot" in terminal.refusal("cadence", "skip", "2026-12-04")


def test_a_slot_on_which_an_issue_stands_is_not_skipped_under_it(terminal: Terminal) -> None:
    terminal.launcher.installation.schedule_approved_issue()

    assert "Put it on another slot first" in terminal.refusal("cadence", "skip", "2026-12-03")
    assert _days(terminal)[0] == "2026-12-03"


def _days(terminal: Terminal) -> list[str]:
    slots = terminal.json("cadence", "show", "--count", "3")
    assert isinstance(slots, list)
    return [slot["day"] for slot in slots]
