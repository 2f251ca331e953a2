"""Warnings of slots for which nothing is approved: once a stage, whatever happens between."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.installation import Installation, complete_content
from topthree.domain.editors.permission import Role
from topthree.domain.ids import IssueId
from topthree.domain.planning.cadence import CadenceException, ExceptionKind
from topthree.services.agreeing.review_issue import Asking, Reading, approve_issue, submit_issue
from topthree.services.identity.editor_view import EditorView
from topthree.services.planning.change_cadence import change_cadence
from topthree.services.planning.schedule_issue import Placing, schedule_issue
from topthree.services.sending.warn_of_slots import warn_of_slots
from topthree.services.writing.compose_issue import create_issue

#: 6:00 am in New York on the third of December.
SLOT = datetime(2026, 12, 3, 11, 0, tzinfo=UTC)
TWO_DAYS, FOUR_HOURS = timedelta(hours=48), timedelta(hours=4)
NOTHING = "Nothing is approved for Thursday, December 3, 2026"


@pytest.fixture
def pat(installation: Installation) -> EditorView:
    return installation.add_editor("Pat", Role.PUBLISHER)


@pytest.fixture
def ann(installation: Installation) -> EditorView:
    return installation.add_editor("Ann", Role.WRITER)


def at(installation: Installation, before: timedelta, *, is_sent: bool = True) -> int:
    """Let it be so long before the slot, and return of how many slots is warned."""
    installation.clock.now = SLOT - before
    count = warn_of_slots(installation.wiring)
    if is_sent:
        installation.outbox()
    return count


def warnings(installation: Installation) -> list[tuple[str, str]]:
    return [(message.recipient, message.subject) for message in installation.outbox()]


def planned(installation: Installation, ann: EditorView, pat: EditorView) -> IssueId:
    with installation.wiring.writing() as session:
        issue = create_issue(session, complete_content(), ann, installation.clock())
        placing = Placing(issue_id=issue.id, day=SLOT.date())
        schedule_issue(session, installation.wiring.cadence, placing, pat, installation.clock())
    return issue.id


def approved(installation: Installation, ann: EditorView, pat: EditorView) -> None:
    issue_id = planned(installation, ann, pat)
    wiring, now = installation.wiring, installation.clock()
    reading = Reading(issue_id=issue_id, digest=complete_content().digest())
    with wiring.writing() as session:
        submit_issue(session, wiring, Asking(issue_id=issue_id, colleague=pat.id), ann, now)
        approve_issue(session, wiring, reading, pat, now)


def test_publishers_and_whoever_has_the_issue_are_told_once_a_stage(
    installation: Installation, ann: EditorView, pat: EditorView
) -> None:
    installation.add_editor("Someone", Role.WRITER)
    planned(installation, ann, pat)

    asked = [
        at(installation, before)
        for before in (timedelta(days=3), TWO_DAYS, TWO_DAYS / 2, FOUR_HOURS, FOUR_HOURS / 2)
    ]

    assert asked == [0, 1, 0, 1, 0]
    told = [(address, NOTHING) for address in (ann.address, pat.address)]
    assert sorted(warnings(installation)) == sorted(told * 2)


def test_an_empty_slot_is_warned_of_as_well(installation: Installation, pat: EditorView) -> None:
    at(installation, TWO_DAYS)

    (message,) = installation.outbox()
    assert "No issue stands on this slot" in " ".join(message.text.split())
    assert "<http://letters.example/desk/>" in message.text


def test_what_is_approved_is_not_warned_of(
    installation: Installation, ann: EditorView, pat: EditorView
) -> None:
    approved(installation, ann, pat)

    assert at(installation, TWO_DAYS) == at(installation, FOUR_HOURS) == 0


def test_after_a_long_stop_only_the_stage_of_that_moment_is_told(
    installation: Installation, pat: EditorView
) -> None:
    counts = [at(installation, timedelta(hours=3)), at(installation, timedelta(hours=2))]

    assert counts == [1, 0]
    assert warnings(installation) == [(pat.address, NOTHING)]


@pytest.mark.usefixtures("pat")
def test_a_slot_that_has_come_is_not_warned_of(installation: Installation) -> None:
    assert at(installation, timedelta(0)) == at(installation, timedelta(hours=-1)) == 0


def test_a_slot_that_moved_is_another_one_and_its_old_day_is_forgotten(
    installation: Installation, pat: EditorView
) -> None:
    at(installation, TWO_DAYS / 2, is_sent=False)
    move = CadenceException(
        kind=ExceptionKind.MOVE, on=SLOT.date(), until=SLOT.date() + timedelta(days=1)
    )
    with installation.wiring.writing() as session:
        change_cadence(session, installation.wiring.cadence, move, pat, installation.clock())

    counts = [at(installation, TWO_DAYS / 2), at(installation, timedelta(hours=4 - 24))]

    assert counts == [1, 1]
    # What waited for the old day is not wanted any more; the new day is told of twice.
    assert [subject for _, subject in warnings(installation)] == [
        "Nothing is approved for Friday, December 4, 2026"
    ] * 2


def test_what_is_approved_before_the_warning_leaves_is_not_sent(
    installation: Installation, ann: EditorView, pat: EditorView
) -> None:
    at(installation, TWO_DAYS, is_sent=False)
    approved(installation, ann, pat)

    assert NOTHING not in [subject for _, subject in warnings(installation)]


def test_without_anybody_to_tell_nothing_counts_as_told(installation: Installation) -> None:
    before = at(installation, TWO_DAYS)
    installation.add_editor("Pat", Role.PUBLISHER)

    assert (before, at(installation, TWO_DAYS / 2)) == (0, 1)
