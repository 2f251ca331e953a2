"""From a slot to the last delivery: who gets the issue, once, and what becomes of the rest."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.support.faults import Fault, Phase
from tests.support.installation import (
    Installation,
    complete_content,
    dismantle,
    install,
)
from tests.support.journal import Accepted
from tests.support.relay import Relay
from tests.support.sending import claim, send_what_is_due
from topthree.domain.editors.permission import Role
from topthree.domain.ids import IssueId, RunId
from topthree.domain.refusal import Conflict
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.domain.sending.run import RunStatus
from topthree.domain.writing.issue import IssueStatus
from topthree.mail.transport import RelayUnavailable
from topthree.services.archive.record_run import record_runs
from topthree.services.planning.slots_ahead import slots_without_a_letter
from topthree.services.sending.finish_run import finish_run
from topthree.services.sending.letter_of_run import MessageChanged
from topthree.services.sending.open_run import open_due_runs, send_now
from topthree.services.sending.report_run import RunView, read_run
from topthree.services.subscribers.unsubscribe import unsubscribe
from topthree.services.writing.compose_issue import Save, save_issue
from topthree.services.writing.read_issue import read_issue
from topthree.store.engine import writing
from topthree.store.sending.releases import release_claims
from topthree.store.sending.runs import RunRow
from topthree.store.subscribers.subscribers import find_subscriber_by_key
from topthree.tokens import Purpose

SLOT = date(2026, 12, 3)
ADDRESSES = tuple(f"teacher-{number}@school.example" for number in range(1, 81))


@pytest.fixture
def house(database_url: str, tmp_path: Path, relay: Relay) -> Iterator[Installation]:
    """An installation that sends through the relay, with subscribers."""
    installation = install(tmp_path / "instance", database_url, TOPTHREE_SMTP_URL=relay.url)
    installation.add_subscribers(*ADDRESSES)
    yield installation
    dismantle(installation)


def header(message: Accepted, name: str) -> str:
    return str(message_from_bytes(message.content)[name])


def wait_for_the_slot(house: Installation) -> None:
    house.clock.now = house.clock.now.replace(month=12, day=3, hour=11)


def open_the_run(house: Installation) -> tuple[IssueId, RunId]:
    issue_id = house.schedule_approved_issue()
    wait_for_the_slot(house)
    (run_id,) = open_due_runs(house.wiring)
    return issue_id, run_id


def send_all(house: Installation, run_id: RunId) -> RunView:
    send_what_is_due(house.wiring, run_id)
    with house.wiring.reading() as session:
        return read_run(session, run_id)


def status_of(house: Installation, issue_id: IssueId) -> IssueStatus:
    with house.wiring.reading() as session:
        return read_issue(session, issue_id).status


def test_every_subscriber_gets_the_issue_once_with_a_link_of_their_own(
    house: Installation, relay: Relay
) -> None:
    issue_id, run_id = open_the_run(house)

    run = send_all(house, run_id)

    assert sorted(m.recipients[0] for m in relay.accepted) == sorted(ADDRESSES)
    assert len({header(m, "List-Unsubscribe") for m in relay.accepted}) == len(ADDRESSES)
    assert len({header(m, "Message-ID") for m in relay.accepted}) == len(ADDRESSES)
    assert run.status is RunStatus.DONE
    assert run.counts[DeliveryStatus.SENT] == run.audience == len(ADDRESSES)
    assert status_of(house, issue_id) is IssueStatus.SENT


def test_nothing_happens_before_the_slot_comes(house: Installation) -> None:
    house.schedule_approved_issue()

    assert open_due_runs(house.wiring) == ()


def test_a_slot_is_acted_on_once_however_often_it_is_asked_about(house: Installation) -> None:
    open_the_run(house)

    assert open_due_runs(house.wiring) == ()
    assert open_due_runs(house.wiring) == ()


def test_eight_schedulers_at_the_same_moment_open_one_run(house: Installation) -> None:
    house.schedule_approved_issue()
    wait_for_the_slot(house)
    opened: list[RunId] = []
    together = threading.Barrier(8)

    def tick() -> None:
        together.wait()
        opened.extend(open_due_runs(house.wiring))

    threads = [threading.Thread(target=tick) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(opened) == 1


def test_a_slot_without_an_approved_issue_sends_nothing_and_says_so(house: Installation) -> None:
    issue_id = house.schedule_approved_issue()
    editor = house.add_editor("Late", Role.EDITOR)
    with house.wiring.writing() as session:
        issue = read_issue(session, issue_id)
        edited = Save(issue_id=issue_id, version=issue.version, content=complete_content("Changed"))
        save_issue(session, edited, editor, house.clock())
    wait_for_the_slot(house)

    assert open_due_runs(house.wiring) == ()
    with house.wiring.reading() as session:
        (slot,) = slots_without_a_letter(session, house.clock())
    assert (slot.day, slot.note) == (SLOT, "the issue was not approved")


def test_a_slot_missed_by_less_than_the_grace_is_sent_late(house: Installation) -> None:
    house.schedule_approved_issue()
    wait_for_the_slot(house)
    house.clock.advance(timedelta(hours=13))

    assert len(open_due_runs(house.wiring)) == 1


def test_a_slot_missed_by_more_is_held_until_a_publisher_sends_it(house: Installation) -> None:
    issue_id = house.schedule_approved_issue()
    wait_for_the_slot(house)
    house.clock.advance(timedelta(days=3))

    assert open_due_runs(house.wiring) == ()
    with house.wiring.reading() as session:
        (slot,) = slots_without_a_letter(session, house.clock())
    assert (slot.fate, slot.note) == ("held", "missed by 3 days")

    publisher = house.add_editor("Decides", Role.PUBLISHER)
    run_id = send_now(house.wiring, issue_id, publisher)
    assert send_all(house, run_id).day == SLOT


def test_an_issue_cannot_be_sent_a_second_time(house: Installation) -> None:
    issue_id, _ = open_the_run(house)
    publisher = house.add_editor("Twice", Role.PUBLISHER)

    with pytest.raises(Conflict, match="cannot be sent: it is sending"):
        send_now(house.wiring, issue_id, publisher)


def test_a_second_issue_on_one_day_is_told_what_went_out(house: Installation) -> None:
    open_the_run(house)
    second = house.schedule_approved_issue(complete_content("The second"))
    publisher = house.add_editor("Again", Role.PUBLISHER)

    with pytest.raises(Conflict, match="on 2026-12-03 it was “Share the lead”"):
        send_now(house.wiring, second, publisher)


def test_who_leaves_while_the_run_goes_on_gets_nothing(house: Installation, relay: Relay) -> None:
    _, run_id = open_the_run(house)
    leaver = ADDRESSES[70]
    with house.wiring.writing() as session:
        subscriber = find_subscriber_by_key(session, leaver)
        assert subscriber is not None
        token = house.wiring.tokens.sign(Purpose.UNSUBSCRIBE, subscriber.id, house.clock())
        unsubscribe(session, house.wiring.tokens, token, by_one_click=True, now=house.clock())

    run = send_all(house, run_id)

    assert not relay.sent_to(leaver)
    assert run.counts[DeliveryStatus.SKIPPED] == 1
    assert run.counts[DeliveryStatus.SENT] == len(ADDRESSES) - 1


def test_who_subscribes_after_the_run_has_opened_is_not_in_it(
    house: Installation, relay: Relay
) -> None:
    _, run_id = open_the_run(house)
    house.add_subscribers("late@school.example")

    send_all(house, run_id)

    assert not relay.sent_to("late@school.example")


def test_a_refused_address_fails_and_stops_nobody_else(house: Installation, relay: Relay) -> None:
    relay.add_fault(
        Fault(phase=Phase.RCPT, recipient=ADDRESSES[5], refuse="550 5.1.1 no such user")
    )
    _, run_id = open_the_run(house)

    run = send_all(house, run_id)

    assert run.counts[DeliveryStatus.FAILED] == 1
    assert run.counts[DeliveryStatus.SENT] == len(ADDRESSES) - 1


def test_a_deferred_address_is_tried_again_with_the_same_message_id(
    house: Installation, relay: Relay
) -> None:
    relay.add_fault(
        Fault(phase=Phase.RCPT, recipient=ADDRESSES[5], refuse="451 4.7.1 come back later", times=1)
    )
    _, run_id = open_the_run(house)

    first = send_all(house, run_id)
    house.clock.advance(timedelta(minutes=6))
    second = send_all(house, run_id)

    assert (first.status, first.counts[DeliveryStatus.DEFERRED]) == (RunStatus.RUNNING, 1)
    assert (second.status, second.counts[DeliveryStatus.SENT]) == (RunStatus.DONE, len(ADDRESSES))


def test_an_address_that_is_deferred_for_three_days_has_failed(
    house: Installation, relay: Relay
) -> None:
    relay.add_fault(
        Fault(phase=Phase.RCPT, recipient=ADDRESSES[5], refuse="451 4.7.1 come back later")
    )
    _, run_id = open_the_run(house)

    run = send_all(house, run_id)
    while run.status is RunStatus.RUNNING:
        house.clock.advance(timedelta(hours=8))
        run = send_all(house, run_id)

    assert (run.status, run.counts[DeliveryStatus.FAILED]) == (RunStatus.DONE, 1)


def test_a_relay_that_is_away_costs_no_delivery_an_attempt(
    house: Installation, relay: Relay
) -> None:
    _, run_id = open_the_run(house)
    relay.stop()

    with pytest.raises(RelayUnavailable):
        send_what_is_due(house.wiring, run_id)
    relay.start()
    run = send_all(house, run_id)

    assert run.counts[DeliveryStatus.SENT] == len(ADDRESSES)
    assert len(relay.accepted) == len(ADDRESSES)


def test_a_connection_lost_after_the_final_dot_is_tried_again_with_the_same_message_id(
    house: Installation, relay: Relay
) -> None:
    relay.add_fault(Fault(phase=Phase.FINAL_DOT, recipient=ADDRESSES[5], drop=True, times=1))
    _, run_id = open_the_run(house)

    with pytest.raises(RelayUnavailable):
        send_what_is_due(house.wiring, run_id)
    house.clock.advance(timedelta(minutes=6))
    run = send_all(house, run_id)

    copies = relay.sent_to(ADDRESSES[5])
    assert run.counts[DeliveryStatus.SENT] == len(ADDRESSES)
    assert len({header(copy, "Message-ID") for copy in copies}) == 1
    assert len({header(copy, "Date") for copy in copies}) == 1


def test_what_a_dead_worker_held_is_sent_when_it_starts_again(
    house: Installation, relay: Relay
) -> None:
    _, run_id = open_the_run(house)
    _claim_and_die(house, run_id)

    with writing(house.wiring.sessions) as session:
        released = release_claims(
            session, house.wiring.doubts, worker=house.wiring.worker, now=house.clock()
        )
    run = send_all(house, run_id)

    assert released > 0
    assert run.counts[DeliveryStatus.SENT] == len(ADDRESSES)
    assert len(relay.accepted) == len(ADDRESSES)


def test_a_run_is_closed_once(house: Installation) -> None:
    _, run_id = open_the_run(house)
    run = send_all(house, run_id)
    house.clock.advance(timedelta(days=1))

    assert finish_run(house.wiring, run_id)
    with house.wiring.reading() as session:
        assert read_run(session, run_id) == run
    assert run.status is RunStatus.DONE


def test_the_counts_add_up_to_the_audience_in_every_state(house: Installation) -> None:
    _, run_id = open_the_run(house)
    _claim_and_die(house, run_id)

    with house.wiring.reading() as session:
        run = read_run(session, run_id)

    assert sum(run.counts.values()) == run.audience == len(ADDRESSES)


def test_a_frozen_message_that_was_tampered_with_is_not_sent(
    house: Installation, relay: Relay
) -> None:
    _, run_id = open_the_run(house)
    with house.wiring.writing() as session:
        row = session.get_one(RunRow, run_id)
        row.message = row.message.replace(b"Share", b"Scare")

    with pytest.raises(MessageChanged):
        send_what_is_due(house.wiring, run_id)
    assert not relay.accepted


def test_a_run_leaves_a_record_in_the_issues_folder(house: Installation) -> None:
    _, run_id = open_the_run(house)
    record_runs(house.wiring)
    send_all(house, run_id)

    record_runs(house.wiring)

    folder = house.wiring.issues_folder / SLOT.isoformat()
    assert {file.name for file in folder.iterdir()} == {
        "issue.md",
        "message.html",
        "message.txt",
        "record.json",
    }
    assert f'"sent": {len(ADDRESSES)}' in (folder / "record.json").read_text()
    assert record_runs(house.wiring) == 0


def _claim_and_die(house: Installation, run_id: RunId) -> None:
    """Take a batch in hand as a worker does, and do nothing more."""
    claim(house.wiring, run_id)
