"""What was approved and has been overtaken by its slot does not go, and editors are told why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.support.installation import Installation, complete_content
from topthree.domain.editors.permission import Role
from topthree.domain.ids import IssueId
from topthree.domain.refusal import Invalid
from topthree.domain.writing.issue import IssueContent
from topthree.domain.writing.item import Participation
from topthree.services.identity.editor_view import EditorView
from topthree.services.planning.schedule_issue import Placing, schedule_issue
from topthree.services.planning.slots_ahead import slots_without_a_letter
from topthree.services.sending.open_run import open_due_runs
from topthree.services.sending.report_run import list_runs
from topthree.services.sending.send_by_hand import ask_to_send, open_asked_runs, waiting_send
from topthree.services.sending.warn_of_slots import warn_of_slots

#: 6:00 am in New York, a week after the opportunity closes.
SLOT = datetime(2026, 12, 17, 11, 0, tzinfo=UTC)
CLOSES = date(2026, 12, 10)
STOPPED = "Something stops the letter of Thursday, December 17, 2026"
NOT_SENT = "“Share the lead” did not go out"


def content() -> IssueContent:
    whole = complete_content()
    closing = replace(whole.items[2], participation=Participation(closes_on=CLOSES))
    return replace(whole, items=(*whole.items[:2], closing))


@pytest.fixture
def pat(installation: Installation) -> EditorView:
    installation.add_subscribers("ana@school.example")
    return installation.add_editor("Pat", Role.PUBLISHER)


@pytest.fixture
def overtaken(installation: Installation, pat: EditorView) -> IssueId:
    """An issue, approved for the third, that was moved to the seventeenth."""
    issue_id = installation.schedule_approved_issue(content())
    put(installation, issue_id, SLOT.date(), pat)
    return issue_id


def put(house: Installation, issue_id: IssueId, day: date | None, editor: EditorView) -> None:
    with house.wiring.writing() as session:
        placing = Placing(issue_id=issue_id, day=day)
        schedule_issue(session, house.wiring.cadence, placing, editor, house.clock())


def told(house: Installation, editor: EditorView) -> list[tuple[str, str]]:
    """What the editor was told about the letter, oldest first."""
    messages = [each for each in reversed(house.outbox()) if each.recipient == editor.address]
    return [(each.subject, " ".join(each.text.split())) for each in messages]


def runs(house: Installation) -> int:
    with house.wiring.reading() as session:
        return len(list_runs(session))


def test_an_issue_on_a_slot_after_its_deadline_is_warned_of_and_not_sent(
    installation: Installation, pat: EditorView, overtaken: IssueId
) -> None:
    warned = []
    for before in (timedelta(hours=48), timedelta(hours=47), timedelta(hours=4)):
        installation.clock.now = SLOT - before
        warned.append(warn_of_slots(installation.wiring))
        installation.outbox()
    installation.clock.now = SLOT

    assert open_due_runs(installation.wiring) == ()

    assert warned == [1, 0, 1]
    first, second, last = told(installation, pat)
    assert [subject for subject, _ in (first, second, last)] == [STOPPED, STOPPED, NOT_SENT]
    assert "Item 3 closes on Thursday, December 10, 2026" in first[1]
    assert "Why: Item 3 closes on Thursday, December 10, 2026" in last[1]
    with installation.wiring.reading() as session:
        (slot,) = slots_without_a_letter(session, installation.clock())
    assert (slot.fate, runs(installation)) == ("held", 0)
    assert "Item 3 closes" in slot.note


def test_what_is_mended_before_the_warning_leaves_is_not_told(
    installation: Installation, pat: EditorView, overtaken: IssueId
) -> None:
    installation.clock.now = SLOT - timedelta(days=13, hours=23)
    put(installation, overtaken, date(2026, 12, 31), pat)
    installation.clock.now = datetime(2026, 12, 30, 11, 0, tzinfo=UTC)
    warn_of_slots(installation.wiring)
    put(installation, overtaken, None, pat)

    assert told(installation, pat) == []


def test_nobody_can_ask_by_hand_for_what_has_been_overtaken(
    installation: Installation, pat: EditorView, overtaken: IssueId
) -> None:
    installation.clock.now = SLOT - timedelta(days=5)

    with (
        installation.wiring.writing() as session,
        pytest.raises(Invalid, match="Item 3 closes on Thursday, December 10, 2026"),
    ):
        ask_to_send(session, installation.wiring, overtaken, pat)


def test_before_its_deadline_it_can_be_sent_by_hand_whatever_its_slot(
    installation: Installation, pat: EditorView, overtaken: IssueId
) -> None:
    with installation.wiring.writing() as session:
        ask_to_send(session, installation.wiring, overtaken, pat)
    installation.clock.advance(timedelta(minutes=10))

    assert len(open_asked_runs(installation.wiring)) == 1


def test_a_send_that_waits_past_the_deadline_stops_and_whoever_asked_is_told(
    installation: Installation, pat: EditorView, overtaken: IssueId
) -> None:
    # Five minutes to midnight in New York, on the day on which it closes.
    installation.clock.now = datetime(2026, 12, 11, 4, 55, tzinfo=UTC)
    with installation.wiring.writing() as session:
        ask_to_send(session, installation.wiring, overtaken, pat)
    installation.clock.advance(timedelta(minutes=10))

    assert open_asked_runs(installation.wiring) == ()

    ((subject, text),) = told(installation, pat)
    assert subject == NOT_SENT
    assert "as somebody asked, and did not go out" in text
    with installation.wiring.reading() as session:
        waiting = waiting_send(session, overtaken)
    assert waiting is not None
    assert "which has passed" in waiting.stopped_because
    assert runs(installation) == 0
