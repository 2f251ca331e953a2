"""What is sent by hand waits a while, can be taken back by any publisher, and goes once."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from tests.support.installation import Installation, complete_content
from topthree.domain.editors.permission import Role
from topthree.domain.ids import IssueId, RunId
from topthree.domain.refusal import Conflict, NotAllowed
from topthree.domain.writing.issue import IssueStatus
from topthree.services.agreeing.review_issue import (
    Asking,
    Reading,
    approve_issue,
    send_back_issue,
    submit_issue,
)
from topthree.services.identity.editor_view import EditorView
from topthree.services.sending.announce import announce, announce_by_hand
from topthree.services.sending.begin_run import Overtaken
from topthree.services.sending.open_run import open_asked_run, open_due_runs, send_now
from topthree.services.sending.report_run import list_runs
from topthree.services.sending.send_by_hand import (
    WaitingSend,
    ask_to_send,
    list_waiting_sends,
    open_asked_runs,
    take_back_send,
    waiting_send,
)
from topthree.services.writing.compose_issue import Save, save_issue
from topthree.services.writing.read_issue import read_issue

WINDOW = timedelta(minutes=10)
A_SECOND = timedelta(seconds=1)


@pytest.fixture
def pat(installation: Installation) -> EditorView:
    installation.add_subscribers("ana@school.example", "ben@school.example")
    return installation.add_editor("Pat", Role.PUBLISHER)


def ask(house: Installation, issue_id: IssueId, editor: EditorView) -> WaitingSend:
    with house.wiring.writing() as session:
        return ask_to_send(session, house.wiring, issue_id, editor)


def take_back(house: Installation, issue_id: IssueId, editor: EditorView) -> None:
    with house.wiring.writing() as session:
        take_back_send(session, issue_id, editor, house.clock())


def waits(house: Installation, issue_id: IssueId) -> WaitingSend | None:
    with house.wiring.reading() as session:
        return waiting_send(session, issue_id)


def why_not(house: Installation, issue_id: IssueId) -> str:
    found = waits(house, issue_id)
    return found.stopped_because if found else ""


def status_of(house: Installation, issue_id: IssueId) -> IssueStatus:
    with house.wiring.reading() as session:
        return read_issue(session, issue_id).status


def edit(house: Installation, issue_id: IssueId, editor: EditorView) -> None:
    with house.wiring.writing() as session:
        issue = read_issue(session, issue_id)
        save = Save(
            issue_id=issue_id, version=issue.version, content=complete_content("Another subject")
        )
        save_issue(session, save, editor, house.clock())


def test_nothing_goes_before_the_while_is_over_and_then_it_goes_once(
    installation: Installation, pat: EditorView
) -> None:
    issue_id = installation.schedule_approved_issue()
    asked = ask(installation, issue_id, pat)

    installation.clock.advance(WINDOW - A_SECOND)
    early = open_asked_runs(installation.wiring)
    installation.clock.advance(A_SECOND)
    opened = open_asked_runs(installation.wiring)
    again = open_asked_runs(installation.wiring)

    assert asked.opens_at - installation.clock() == timedelta(0)
    assert (early, len(opened), again) == ((), 1, ())
    assert status_of(installation, issue_id) is IssueStatus.SENDING
    assert waits(installation, issue_id) is None


def test_pressing_twice_changes_nothing(installation: Installation, pat: EditorView) -> None:
    issue_id = installation.schedule_approved_issue()
    first = ask(installation, issue_id, pat)
    installation.clock.advance(timedelta(minutes=5))

    second = ask(installation, issue_id, installation.add_editor("Quinn", Role.PUBLISHER))

    assert second == first


def test_any_publisher_takes_it_back_and_twice_is_harmless(
    installation: Installation, pat: EditorView
) -> None:
    issue_id = installation.schedule_approved_issue()
    quinn = installation.add_editor("Quinn", Role.PUBLISHER)
    ask(installation, issue_id, pat)

    take_back(installation, issue_id, quinn)
    take_back(installation, issue_id, pat)
    installation.clock.advance(WINDOW)

    assert open_asked_runs(installation.wiring) == ()
    assert status_of(installation, issue_id) is IssueStatus.APPROVED
    # A process that had looked before it was taken back.
    with pytest.raises(Overtaken):
        open_asked_run(installation.wiring, issue_id, pat.who)


def test_it_is_too_late_once_the_run_has_begun(installation: Installation, pat: EditorView) -> None:
    issue_id = installation.schedule_approved_issue()
    ask(installation, issue_id, pat)
    installation.clock.advance(WINDOW)
    open_asked_runs(installation.wiring)

    with pytest.raises(Conflict, match="too late"):
        take_back(installation, issue_id, pat)


def test_only_publishers_ask_and_take_back(installation: Installation, pat: EditorView) -> None:
    issue_id = installation.schedule_approved_issue()
    wim = installation.add_editor("Wim", Role.EDITOR)
    ask(installation, issue_id, pat)

    with pytest.raises(NotAllowed):
        take_back(installation, issue_id, wim)
    with pytest.raises(NotAllowed):
        ask(installation, issue_id, wim)


def test_an_edit_meanwhile_ends_it_and_says_so(installation: Installation, pat: EditorView) -> None:
    issue_id = installation.schedule_approved_issue()
    ask(installation, issue_id, pat)

    edit(installation, issue_id, pat)
    at_once = why_not(installation, issue_id)
    installation.clock.advance(WINDOW)
    opened = open_asked_runs(installation.wiring)

    assert "Its approval has ended" in at_once
    assert (opened, list_of_runs(installation)) == ((), ())
    assert why_not(installation, issue_id)


def test_an_approval_that_was_given_anew_is_another_one(
    installation: Installation, pat: EditorView
) -> None:
    issue_id = installation.schedule_approved_issue()
    ask(installation, issue_id, pat)
    installation.clock.advance(timedelta(minutes=1))
    wiring = installation.wiring
    with wiring.writing() as session:
        digest = read_issue(session, issue_id).digest
        send_back_issue(session, issue_id, "Wait for the link.", pat, installation.clock())
        reading = Reading(issue_id=issue_id, digest=digest)
        submit_issue(session, wiring, Asking(issue_id=issue_id), pat, installation.clock())
        approve_issue(session, wiring, reading, pat, installation.clock())

    installation.clock.advance(WINDOW)
    opened = open_asked_runs(installation.wiring)
    asked_anew = ask(installation, issue_id, pat)
    installation.clock.advance(WINDOW)

    assert opened == ()
    assert asked_anew.stopped_because == ""
    assert len(open_asked_runs(installation.wiring)) == 1


def test_what_nobody_was_there_to_send_is_left_to_an_editor(
    installation: Installation, pat: EditorView
) -> None:
    issue_id = installation.schedule_approved_issue()
    ask(installation, issue_id, pat)

    installation.clock.advance(WINDOW + installation.wiring.grace + A_SECOND)
    opened = open_asked_runs(installation.wiring)

    assert opened == ()
    assert "Nothing was running" in why_not(installation, issue_id)
    assert status_of(installation, issue_id) is IssueStatus.APPROVED


def test_a_slot_that_comes_meanwhile_sends_it_once(
    installation: Installation, pat: EditorView
) -> None:
    issue_id = installation.schedule_approved_issue()
    installation.clock.now = installation.clock.now.replace(month=12, day=3, hour=10, minute=55)
    ask(installation, issue_id, pat)
    installation.clock.advance(timedelta(minutes=30))

    by_slot = open_due_runs(installation.wiring)
    by_hand = open_asked_runs(installation.wiring)

    assert (len(by_slot), by_hand) == (1, ())
    assert waits(installation, issue_id) is None


def test_a_letter_that_went_out_on_the_same_day_stops_it_with_the_reason(
    installation: Installation, pat: EditorView
) -> None:
    first, second = (installation.schedule_approved_issue() for _ in range(2))
    ask(installation, second, pat)
    send_now(installation.wiring, first, pat)

    installation.clock.advance(WINDOW)
    opened = open_asked_runs(installation.wiring)

    assert opened == ()
    assert "One letter goes out a day" in why_not(installation, second)
    with pytest.raises(Conflict, match="One letter goes out a day"):
        ask(installation, second, pat)


def test_what_is_not_approved_cannot_be_asked_for(
    installation: Installation, pat: EditorView
) -> None:
    issue_id = installation.schedule_approved_issue()
    edit(installation, issue_id, pat)

    with pytest.raises(Conflict, match="cannot be sent"):
        ask(installation, issue_id, pat)


def test_many_who_open_and_take_back_at_once_either_send_or_do_not(
    installation: Installation, pat: EditorView
) -> None:
    issue_id = installation.schedule_approved_issue()
    ask(installation, issue_id, pat)
    installation.clock.advance(WINDOW)
    start = threading.Barrier(4)
    opened: list[RunId] = []
    refused: list[str] = []

    def open_it() -> None:
        start.wait()
        opened.extend(open_asked_runs(installation.wiring))

    def take_it_back() -> None:
        start.wait()
        try:
            take_back(installation, issue_id, pat)
        except Conflict as conflict:
            refused.append(str(conflict))

    threads = [threading.Thread(target=open_it) for _ in range(3)]
    threads.append(threading.Thread(target=take_it_back))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    is_sent = status_of(installation, issue_id) is IssueStatus.SENDING
    assert (len(opened), len(refused)) == ((1, 1) if is_sent else (0, 0))
    assert len(list_of_runs(installation)) == len(opened)
    assert waits(installation, issue_id) is None


def test_before_it_goes_one_sentence_says_what_goes_to_how_many_and_when(
    installation: Installation, pat: EditorView
) -> None:
    first, second = (installation.schedule_approved_issue() for _ in range(2))
    ask(installation, second, pat)
    wiring = installation.wiring

    with wiring.reading() as session:
        sentences = [
            announce(session, wiring.cadence, read_issue(session, issue_id)).sentence
            for issue_id in (first, second)
        ]
        by_hand = announce_by_hand(session, read_issue(session, first)).sentence
        waiting = list_waiting_sends(session)

    assert sentences == [
        "Issue 1 goes to 2 teachers on Thursday, December 3 at 6:00 am EST.",
        "Issue 2 goes to 2 teachers on Thursday, December 17 at 6:00 am EST.",
    ]
    assert by_hand == "Issue 1 goes to 2 teachers."
    assert [(each.issue_id, each.asked_by) for each in waiting] == [(second, "Pat")]


def list_of_runs(house: Installation) -> tuple[object, ...]:
    with house.wiring.reading() as session:
        return list_runs(session)
