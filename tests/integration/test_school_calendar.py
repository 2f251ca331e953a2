"""School breaks are kept once, replaced by the year, and found by the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.support.installation import Installation
from topthree.domain.editors.permission import Role
from topthree.domain.planning.cadence import CadenceException, ExceptionKind
from topthree.domain.planning.school_calendar import SchoolBreak
from topthree.domain.refusal import Invalid, NotAllowed, NotFound
from topthree.services.identity.editor_view import EditorView
from topthree.services.planning.change_cadence import change_cadence
from topthree.services.planning.read_calendar import clashes, list_cadence_changes
from topthree.services.planning.school_calendar import (
    LIMIT,
    TakenOver,
    Takeover,
    breaks_on,
    list_breaks,
    remove_break,
    take_over_breaks,
)
from topthree.services.planning.slots_ahead import upcoming_slots

TODAY = date(2026, 11, 23)
WINTER = SchoolBreak(first=date(2026, 12, 24), last=date(2027, 1, 3), name="Winter break")
SPRING = SchoolBreak(first=date(2027, 4, 5), last=date(2027, 4, 9), name="Spring break")
NEXT_WINTER = SchoolBreak(first=date(2027, 12, 23), last=date(2028, 1, 2), name="Winter break")


@pytest.fixture
def pat(installation: Installation) -> EditorView:
    return installation.add_editor("Pat", Role.PUBLISHER)


def take_over(
    installation: Installation, editor: EditorView, *breaks: SchoolBreak, replaces: bool = False
) -> TakenOver:
    takeover = Takeover(breaks=breaks, source="school.ics", replaces=replaces)
    with installation.wiring.writing() as session:
        return take_over_breaks(session, takeover, editor, installation.clock())


def kept(installation: Installation) -> list[SchoolBreak]:
    with installation.wiring.reading() as session:
        return [each.found for each in list_breaks(session, TODAY)]


def test_taking_a_calendar_over_twice_adds_nothing(
    installation: Installation, pat: EditorView
) -> None:
    first = take_over(installation, pat, SPRING, WINTER)
    second = take_over(installation, pat, SPRING, WINTER, WINTER)

    assert (first.added, second.added) == (2, 0)
    assert kept(installation) == [WINTER, SPRING]


def test_a_calendar_replaces_the_breaks_of_its_own_school_years_only(
    installation: Installation, pat: EditorView
) -> None:
    take_over(installation, pat, WINTER, SPRING, NEXT_WINTER)
    later = replace(SPRING, first=date(2027, 4, 12), last=date(2027, 4, 16))

    taken = take_over(installation, pat, WINTER, later, replaces=True)

    assert (taken.added, taken.removed) == (1, 1)
    assert kept(installation) == [WINTER, later, NEXT_WINTER]


def test_the_days_that_fall_into_a_break_are_told_with_its_name(
    installation: Installation, pat: EditorView
) -> None:
    monday = SchoolBreak(first=date(2026, 12, 28), last=date(2026, 12, 28), name="A Monday")
    take_over(installation, pat, monday, WINTER)
    days = [date(2026, 12, 23), date(2026, 12, 24), date(2026, 12, 28), date(2027, 1, 4)]

    with installation.wiring.reading() as session:
        found = breaks_on(session, days)
        none = breaks_on(session, [])

    assert found == {days[1]: WINTER, days[2]: WINTER}
    assert none == {}


def test_a_slot_in_a_break_is_offered_the_same_weekday_beside_it(
    installation: Installation, pat: EditorView
) -> None:
    take_over(installation, pat, WINTER)
    wiring = installation.wiring

    with wiring.reading() as session:
        planned = upcoming_slots(session, wiring.cadence, wiring.clock(), 6)
        found = clashes(session, planned, TODAY)

    # The week before is in the break too, and the one after that is a slot.
    assert {day: clash.better for day, clash in found.items()} == {
        date(2026, 12, 31): date(2027, 1, 7)
    }


def test_a_removed_break_is_gone_and_removing_it_again_says_so(
    installation: Installation, pat: EditorView
) -> None:
    take_over(installation, pat, WINTER)
    with installation.wiring.reading() as session:
        (there,) = list_breaks(session, TODAY)

    with installation.wiring.writing() as session:
        removed = remove_break(session, there.id, pat, installation.clock())

    assert (removed, kept(installation)) == (WINTER, [])
    with installation.wiring.writing() as session, pytest.raises(NotFound):
        remove_break(session, there.id, pat, installation.clock())


WRONG = (
    replace(WINTER, last=date(2026, 12, 1)),
    replace(WINTER, name=""),
    replace(WINTER, name="Winter\u202ebreak"),
    replace(WINTER, last=date(2027, 12, 1)),
)


def test_what_is_no_break_is_refused_and_nothing_changes(
    installation: Installation, pat: EditorView
) -> None:
    take_over(installation, pat, SPRING)
    ana = installation.add_editor("Ana", Role.EDITOR)

    for wrong in WRONG:
        with pytest.raises(Invalid):
            take_over(installation, pat, WINTER, wrong, replaces=True)
    with pytest.raises(NotAllowed):
        take_over(installation, ana, WINTER)

    assert kept(installation) == [SPRING]


def test_a_calendar_holds_so_many_breaks_and_no_more(
    installation: Installation, pat: EditorView
) -> None:
    many = [replace(WINTER, name=f"Day {number}") for number in range(LIMIT)]
    take_over(installation, pat, *many)

    with pytest.raises(Invalid, match="At most"):
        take_over(installation, pat, SPRING)

    assert len(kept(installation)) == LIMIT


def test_each_change_of_the_cadence_is_told_with_who_and_why(
    installation: Installation, pat: EditorView
) -> None:
    wiring = installation.wiring
    skip = CadenceException(kind=ExceptionKind.SKIP, on=date(2026, 12, 31), note="Winter break")
    extra = CadenceException(kind=ExceptionKind.EXTRA, on=date(2027, 1, 7))
    with wiring.writing() as session:
        change_cadence(session, wiring.cadence, skip, pat, wiring.clock())
        change_cadence(session, wiring.cadence, extra, None, wiring.clock())

    with wiring.reading() as session:
        changes = list_cadence_changes(session)

    assert [(each.change, each.decided_by) for each in changes] == [(extra, ""), (skip, "Pat")]
