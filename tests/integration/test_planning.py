"""Slots, what stands on them, and changes to the calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.support.installation import Installation, complete_content
from topthree.domain.audit.act import Act
from topthree.domain.audit.entry import ThingKind
from topthree.domain.editors.permission import Role
from topthree.domain.ids import IssueId
from topthree.domain.planning.cadence import CadenceException, ExceptionKind, SlotFate, instant_of
from topthree.domain.refusal import Conflict, Invalid, NotAllowed
from topthree.services.audit.log import Wanted, list_entries
from topthree.services.identity.editor_view import EditorView
from topthree.services.planning.change_cadence import change_cadence
from topthree.services.planning.schedule_issue import Placing, schedule_issue
from topthree.services.planning.slots_ahead import slot_choices, upcoming_slots
from topthree.services.sending.open_run import open_due_runs
from topthree.services.writing.compose_issue import create_issue
from topthree.services.writing.read_issue import read_issue
from topthree.store.planning.slots import SlotRow

FIRST, SECOND = date(2026, 12, 3), date(2026, 12, 17)
SIX_ON_THE_FIRST = datetime(2026, 12, 3, 11, 0, tzinfo=UTC)


@pytest.fixture
def publisher(installation: Installation) -> EditorView:
    return installation.add_editor("Publisher", Role.PUBLISHER)


def draft(installation: Installation, editor: EditorView, subject: str = "One") -> IssueId:
    with installation.wiring.writing() as session:
        content = complete_content(subject)
        return create_issue(session, content, editor, installation.clock()).id


def put(
    installation: Installation, editor: EditorView, issue_id: IssueId, day: date | None
) -> None:
    with installation.wiring.writing() as session:
        cadence, now = installation.wiring.cadence, installation.clock()
        placing = Placing(issue_id=issue_id, day=day)
        schedule_issue(session, cadence, placing, editor, now)


def change(
    installation: Installation, kind: ExceptionKind, on: date, until: date | None = None
) -> None:
    with installation.wiring.writing() as session:
        exception = CadenceException(kind=kind, on=on, until=until)
        change_cadence(session, installation.wiring.cadence, exception, None, installation.clock())


def planned(installation: Installation) -> dict[date, str]:
    with installation.wiring.reading() as session:
        slots = upcoming_slots(session, installation.wiring.cadence, installation.clock())
    return {slot.slot.day: slot.issue.subject if slot.issue else "" for slot in slots}


def test_putting_an_issue_where_it_stands_is_no_news(
    installation: Installation, publisher: EditorView
) -> None:
    issue_id = draft(installation, publisher)

    for day in (FIRST, FIRST, None, None):
        put(installation, publisher, issue_id, day)

    with installation.wiring.reading() as session:
        entries = list_entries(session, Wanted(about_kind=ThingKind.ISSUE), limit=9).entries
    acts = [entry.act for entry in reversed(entries)]
    assert acts == [Act.ISSUE_CREATED, Act.ISSUE_PLANNED, Act.ISSUE_UNPLANNED]


def test_the_next_six_slots_are_shown_with_what_stands_on_each(
    installation: Installation, publisher: EditorView
) -> None:
    put(installation, publisher, draft(installation, publisher), SECOND)

    assert planned(installation) == {
        FIRST: "",
        SECOND: "One",
        date(2026, 12, 31): "",
        date(2027, 1, 14): "",
        date(2027, 1, 28): "",
        date(2027, 2, 11): "",
    }


def test_an_issue_stands_on_one_slot_at_a_time_and_can_be_taken_off(
    installation: Installation, publisher: EditorView
) -> None:
    issue_id = draft(installation, publisher)
    put(installation, publisher, issue_id, FIRST)
    put(installation, publisher, issue_id, SECOND)
    moved = planned(installation)
    put(installation, publisher, issue_id, None)

    assert (moved[FIRST], moved[SECOND]) == ("", "One")
    assert set(planned(installation).values()) == {""}


def test_a_slot_holds_one_issue(installation: Installation, publisher: EditorView) -> None:
    put(installation, publisher, draft(installation, publisher), FIRST)

    with pytest.raises(Conflict, match="“One” stands on 2026-12-03"):
        put(installation, publisher, draft(installation, publisher, "Two"), FIRST)


def test_a_day_that_is_no_slot_or_has_passed_is_refused(
    installation: Installation, publisher: EditorView
) -> None:
    issue_id = draft(installation, publisher)

    with pytest.raises(Conflict, match="No letter goes out on 2026-12-04"):
        put(installation, publisher, issue_id, date(2026, 12, 4))
    with pytest.raises(Conflict, match="has passed"):
        put(installation, publisher, issue_id, date(2026, 11, 19))
    with pytest.raises(Conflict, match="No letter goes out on 9999-12-31"):
        put(installation, publisher, issue_id, date(9999, 12, 31))


def test_only_a_publisher_may_schedule(installation: Installation, publisher: EditorView) -> None:
    issue_id = draft(installation, publisher)
    editor = installation.add_editor("Editor", Role.EDITOR)

    with pytest.raises(NotAllowed, match="Ask a publisher"):
        put(installation, editor, issue_id, FIRST)


def test_the_choices_are_the_slots_on_which_nothing_stands(
    installation: Installation, publisher: EditorView
) -> None:
    put(installation, publisher, draft(installation, publisher), FIRST)

    with installation.wiring.reading() as session:
        choices = slot_choices(session, installation.wiring.cadence, installation.clock())
    assert choices[0].day == SECOND


def test_an_issue_moves_with_its_slot(installation: Installation, publisher: EditorView) -> None:
    put(installation, publisher, draft(installation, publisher), FIRST)

    change(installation, ExceptionKind.MOVE, FIRST, date(2026, 12, 8))

    assert planned(installation)[date(2026, 12, 8)] == "One"


@pytest.mark.parametrize(
    ("kind", "until"),
    [(ExceptionKind.SKIP, None), (ExceptionKind.PAUSE, SECOND)],
)
def test_a_change_that_would_leave_an_issue_on_no_slot_is_refused(
    installation: Installation,
    publisher: EditorView,
    kind: ExceptionKind,
    until: date | None,
) -> None:
    put(installation, publisher, draft(installation, publisher), FIRST)

    with pytest.raises(Conflict, match="Put it on another slot first"):
        change(installation, kind, FIRST, until)
    assert planned(installation)[FIRST] == "One"


def test_an_extra_slot_can_be_used_at_once(
    installation: Installation, publisher: EditorView
) -> None:
    change(installation, ExceptionKind.EXTRA, date(2026, 12, 10))
    put(installation, publisher, draft(installation, publisher), date(2026, 12, 10))

    assert planned(installation)[date(2026, 12, 10)] == "One"


@pytest.mark.parametrize(
    ("kind", "on", "until", "field"),
    [
        (ExceptionKind.SKIP, date(2026, 12, 4), None, "on"),
        (ExceptionKind.SKIP, date(2026, 11, 19), None, "on"),
        (ExceptionKind.MOVE, FIRST, None, "until"),
        (ExceptionKind.MOVE, FIRST, date(2026, 11, 1), "until"),
        (ExceptionKind.PAUSE, SECOND, FIRST, "until"),
        (ExceptionKind.EXTRA, date(2020, 1, 1), None, "on"),
        (ExceptionKind.SKIP, date(9999, 12, 31), None, "on"),
        (ExceptionKind.EXTRA, date(2200, 1, 1), None, "on"),
        (ExceptionKind.REANCHOR, date(9999, 12, 31), None, "on"),
        (ExceptionKind.MOVE, FIRST, date(9999, 12, 31), "until"),
        (ExceptionKind.PAUSE, FIRST, date(9999, 12, 31), "until"),
    ],
)
def test_dates_that_make_no_sense_are_refused_by_field(
    installation: Installation, kind: ExceptionKind, on: date, until: date | None, field: str
) -> None:
    with pytest.raises(Invalid) as caught:
        change(installation, kind, on, until)
    assert field in {problem.field for problem in caught.value.problems}


def test_todays_slot_is_over_once_its_time_has_come(installation: Installation) -> None:
    installation.clock.advance(timedelta(days=9, hours=20))

    assert FIRST not in planned(installation)


def test_a_slot_is_not_moved_onto_a_day_where_another_issue_stands(
    installation: Installation, publisher: EditorView
) -> None:
    put(installation, publisher, draft(installation, publisher), FIRST)
    put(installation, publisher, draft(installation, publisher, "Two"), SECOND)

    with pytest.raises(Conflict, match="“Two” stands on 2026-12-17"):
        change(installation, ExceptionKind.MOVE, FIRST, SECOND)
    assert (planned(installation)[FIRST], planned(installation)[SECOND]) == ("One", "Two")


def test_a_slot_that_has_run_is_not_moved_and_its_issue_stays_as_it_was_sent(
    installation: Installation,
) -> None:
    issue_id = installation.schedule_approved_issue()
    installation.clock.now = SIX_ON_THE_FIRST + timedelta(hours=1)
    assert open_due_runs(installation.wiring)

    with pytest.raises(Conflict, match="has gone out"):
        change(installation, ExceptionKind.MOVE, FIRST, date(2026, 12, 8))
    with installation.wiring.reading() as session:
        assert read_issue(session, issue_id).slot_day == FIRST


@pytest.mark.parametrize("kind", [ExceptionKind.MOVE, ExceptionKind.SKIP])
def test_a_slot_that_came_and_sent_nothing_is_neither_moved_nor_skipped(
    installation: Installation, publisher: EditorView, kind: ExceptionKind
) -> None:
    put(installation, publisher, draft(installation, publisher), FIRST)
    installation.clock.now = SIX_ON_THE_FIRST + timedelta(hours=1)
    open_due_runs(installation.wiring)

    with pytest.raises(Invalid, match="2026-12-03 has passed"):
        change(installation, kind, FIRST, date(2026, 12, 8))


def test_a_slot_is_not_moved_to_an_hour_of_today_that_is_over(installation: Installation) -> None:
    installation.schedule_approved_issue()

    with pytest.raises(Invalid, match="2026-11-23 has passed"):
        change(installation, ExceptionKind.MOVE, FIRST, date(2026, 11, 23))
    assert open_due_runs(installation.wiring) == ()


def test_a_slot_is_moved_to_today_while_its_hour_lies_ahead(installation: Installation) -> None:
    installation.schedule_approved_issue()
    installation.clock.now = SIX_ON_THE_FIRST - timedelta(days=1, minutes=1)

    change(installation, ExceptionKind.MOVE, FIRST, date(2026, 12, 2))

    installation.clock.advance(timedelta(minutes=2))
    assert len(open_due_runs(installation.wiring)) == 1


@pytest.mark.parametrize(
    ("kind", "on", "until"),
    [(ExceptionKind.MOVE, SECOND, FIRST), (ExceptionKind.EXTRA, FIRST, None)],
)
def test_no_slot_is_made_on_a_day_whose_slot_was_dealt_with(
    installation: Installation, kind: ExceptionKind, on: date, until: date | None
) -> None:
    note_before_its_hour(installation, FIRST)

    with pytest.raises(Invalid, match="2026-12-03 has passed"):
        change(installation, kind, on, until)


def note_before_its_hour(installation: Installation, day: date) -> None:
    """Deal with a slot early, as happens when an issue is sent by hand on its very morning."""
    with installation.wiring.writing() as session:
        row = SlotRow(
            day=day,
            due_at=instant_of(installation.wiring.cadence, day),
            fate=SlotFate.RAN,
            noted_at=installation.clock(),
        )
        session.add(row)
