"""What comes back by mail: bounces, complaints and letters that ask to leave, heeded once each."""

from __future__ import annotations

import mailbox
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.parser import BytesParser
from itertools import permutations
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.support.faults import Fault, Phase
from tests.support.installation import Installation, dismantle, install
from tests.support.relay import Relay
from tests.support.reports import OURS, Report, complaint, dsn, letter
from tests.support.sending import claim, send_what_is_due
from topthree.domain.audit.entry import TERMINAL
from topthree.domain.editors.permission import Role
from topthree.domain.ids import RunId, SubscriberId
from topthree.domain.sending.breaker import Tally
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.domain.sending.run import RunStatus
from topthree.domain.subscribers.address import EmailAddress
from topthree.domain.subscribers.subscription import (
    ConsentKind,
    SubscriptionStatus,
    SuppressionReason,
)
from topthree.mail.inbound.mailboxes import messages_in
from topthree.mail.message import issue_message_id
from topthree.services.feedback.heed_feedback import Heeded, heed_message
from topthree.services.feedback.read_feedback import read_feedback
from topthree.services.process.conduct import Conduct
from topthree.services.sending.bounce_address import bounce_sender
from topthree.services.sending.claim_batch import end_batch
from topthree.services.sending.open_run import send_now
from topthree.services.sending.report_run import RunView, read_run
from topthree.services.sending.steer_run import resume_run
from topthree.services.subscribers.confirm_subscription import confirm_by_link
from topthree.services.subscribers.report_subscribers import SubscriberHistory, show_subscriber
from topthree.services.subscribers.subscribe import SignUp, subscribe
from topthree.store.sending.feedback import FeedbackRow
from topthree.store.sending.runs import find_run
from topthree.store.sending.tallies import keep_tally
from topthree.store.subscribers.subscribers import find_subscriber_by_key, newest_subscription
from topthree.tokens import Purpose

ANN = "ann@school.example"
BEN = "ben@school.example"
MAILBOXES = {
    "TOPTHREE_SENDER_ADDRESS": "letters@letters.example",
    "TOPTHREE_BOUNCE_ADDRESS": "bounces@letters.example",
    "TOPTHREE_UNSUBSCRIBE_ADDRESS": "leave@letters.example",
}


@pytest.fixture
def house(database_url: str, tmp_path: Path, relay: Relay) -> Iterator[Installation]:
    url = {"TOPTHREE_SMTP_URL": relay.url}
    installation = install(tmp_path / "instance", database_url, **url, **MAILBOXES)
    installation.add_subscribers(ANN, BEN)
    yield installation
    dismantle(installation)


@pytest.fixture
def run_id(house: Installation) -> RunId:
    return opened_run(house)


def opened_run(house: Installation) -> RunId:
    issue_id = house.schedule_approved_issue()
    publisher = house.add_editor(f"Sends-{issue_id}", Role.PUBLISHER)
    return send_now(house.wiring, issue_id, publisher)


def sent_issue(house: Installation) -> RunId:
    run_id = opened_run(house)
    send_what_is_due(house.wiring, run_id)
    return run_id


def id_of(house: Installation, address: str) -> SubscriberId:
    with house.wiring.reading() as session:
        subscriber = find_subscriber_by_key(session, address)
    assert subscriber is not None
    return subscriber.id


def token_of(house: Installation, address: str) -> str:
    return house.wiring.tokens.sign(Purpose.UNSUBSCRIBE, id_of(house, address), house.clock())


def about(house: Installation, address: str) -> bytes:
    """Return the letter as it went to this address, but for the sender on its envelope."""
    lines = OURS.replace(b"THE-TOKEN", token_of(house, address).encode()).splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(b"Return-Path"))


def bounce(house: Installation, run_id: RunId, address: str, status: str = "5.1.1") -> bytes:
    """Return the bounce of this run's letter to the address, without the letter itself."""
    sender = bounce_sender(house.wiring, run_id, id_of(house, address))
    return dsn(Report(to=sender, status=status, diagnostic="", returned=b"Subject: cut off"))


def history(house: Installation, address: str) -> SubscriberHistory:
    local, _, domain = address.partition("@")
    with house.wiring.reading() as session:
        return show_subscriber(session, EmailAddress(local=local, domain=domain))


def run_of(house: Installation, run_id: RunId) -> RunView:
    with house.wiring.reading() as session:
        return read_run(session, run_id)


def count_rows(house: Installation) -> int:
    with house.wiring.reading() as session:
        return session.scalar(select(func.count()).select_from(FeedbackRow)) or 0


def test_a_bounce_of_a_dead_mailbox_closes_the_address_once(
    house: Installation, run_id: RunId
) -> None:
    report = bounce(house, run_id, ANN)

    heeded = [heed_message(house.wiring, raw) for raw in (report, report.lower())]

    assert heeded == [Heeded.HARD, Heeded.KNOWN]
    assert history(house, ANN).suppression is SuppressionReason.HARD_BOUNCE
    assert history(house, BEN).suppression is None
    assert count_rows(house) == 1


def test_a_bounce_that_returns_no_more_than_our_message_id_is_about_its_run(
    house: Installation, run_id: RunId
) -> None:
    with house.wiring.reading() as session:
        run = find_run(session, run_id)
    assert run is not None
    domain = house.wiring.newsletter.domain
    ours = issue_message_id(run_id, id_of(house, ANN), domain=domain, salt=run.salt)

    def returned(message_id: str, to: str = ANN) -> bytes:
        head = f"To: {to}\nMessage-ID: {message_id}\n".encode()
        return dsn(Report(to="postmaster@letters.example", returned=head))

    forged = ours.replace(ours[1:3], "ff" if ours[1:3] != "ff" else "00", 1)
    heeded = [
        heed_message(house.wiring, each)
        for each in (returned(ours, BEN), returned(forged), returned(ours))
    ]

    assert heeded == [Heeded.FOREIGN, Heeded.FOREIGN, Heeded.HARD]
    assert history(house, ANN).suppression is SuppressionReason.HARD_BOUNCE
    assert history(house, BEN).suppression is None


def test_a_forged_bounce_closes_nothing(house: Installation, run_id: RunId) -> None:
    sender = bounce_sender(house.wiring, run_id, id_of(house, ANN))
    mark = sender.partition("@")[0].rpartition("-")[2]
    forged = (
        sender.replace(mark, ("b" if mark[0] == "a" else "a") + mark[1:]),
        sender.replace(f"{run_id}-", f"{run_id + 1}-"),
        sender.replace(mark, mark[:-1]),
        sender.replace(mark, ""),
        ANN,
    )

    for address in forged:
        report = dsn(Report(to=address, returned=b"Subject: nothing of ours"))
        assert heed_message(house.wiring, report) is Heeded.FOREIGN
    assert count_rows(house) == 0
    assert history(house, ANN).suppression is None


def test_a_report_without_its_address_is_known_by_the_links_that_it_returns(
    house: Installation, run_id: RunId
) -> None:
    report = Report(to="postmaster@letters.example", returned=about(house, ANN))

    heeded = [
        heed_message(house.wiring, dsn(replace(report, status=status, diagnostic="")))
        for status in ("5.2.2", "5.7.1", "5.1.1")
    ]

    assert heeded == [Heeded.SOFT, Heeded.OTHER, Heeded.HARD]
    assert count_rows(house) == 3


def test_a_mailbox_that_is_full_for_three_issues_is_closed_whoever_says_so(
    house: Installation, relay: Relay
) -> None:
    full = "552 5.2.2 mailbox full"
    for turn in range(3):
        if turn == 1:
            relay.add_fault(Fault(phase=Phase.RCPT, recipient=BEN, refuse=full))
        run_id = sent_issue(house)
        heed_message(house.wiring, bounce(house, run_id, ANN, "5.2.2"))
        assert (history(house, ANN).suppression is None) is (turn < 2)
        house.clock.advance(timedelta(days=14))
    sent_issue(house)

    assert history(house, ANN).suppression is SuppressionReason.SOFT_BOUNCES
    assert history(house, BEN).suppression is SuppressionReason.SOFT_BOUNCES


def test_a_complaint_ends_the_subscription_and_closes_the_address(
    house: Installation, run_id: RunId
) -> None:
    assert heed_message(house.wiring, complaint(returned=about(house, ANN))) is Heeded.COMPLAINT

    found = history(house, ANN)
    assert found.status is SubscriptionStatus.ENDED
    assert found.suppression is SuppressionReason.COMPLAINT
    assert found.consent[-1].kind is ConsentKind.COMPLAINED


@pytest.mark.parametrize("reason", [SuppressionReason.HARD_BOUNCE, SuppressionReason.COMPLAINT])
def test_only_who_confirms_anew_gets_mail_again_after_it_came_back_or_a_complaint(
    house: Installation, run_id: RunId, reason: SuppressionReason
) -> None:
    is_complaint = reason is SuppressionReason.COMPLAINT
    report = complaint(returned=about(house, ANN)) if is_complaint else bounce(house, run_id, ANN)
    heed_message(house.wiring, report)
    before = sign_up_anew(house, ANN)

    assert (before.status, before.suppression) == (SubscriptionStatus.PENDING, reason)
    after = history(house, ANN)
    assert (after.status, after.suppression) == (SubscriptionStatus.CONFIRMED, None)


def sign_up_anew(house: Installation, address: str) -> SubscriberHistory:
    """Ask for the letter and confirm; return how things stood in between."""
    local, _, domain = address.partition("@")
    typed = EmailAddress(local=local, domain=domain)
    with house.wiring.writing() as session:
        sign_up = SignUp(address=typed, source="a test", ip="192.0.2.7")
        subscribe(session, sign_up, house.clock())
    before = history(house, address)
    with house.wiring.writing() as session:
        pending = newest_subscription(session, id_of(house, address))
        assert pending is not None
        link = house.wiring.tokens.sign(Purpose.CONFIRM, pending.id, house.clock())
        confirm_by_link(session, house.wiring.tokens, link, house.clock())
    return before


def test_whatever_the_order_and_however_often_the_end_is_the_same(house: Installation) -> None:
    ends = set()
    events = (0, 1, 2)
    people = [f"teacher-{place}@school.example" for place in range(6)]
    house.add_subscribers(*people)
    run_id = opened_run(house)
    for person, order in zip(people, permutations(events), strict=True):
        reports = (
            bounce(house, run_id, person),
            bounce(house, run_id, person, "5.2.2"),
            complaint(returned=about(house, person)),
        )
        for event in (*order, *order):
            heed_message(house.wiring, reports[event])
        found = history(house, person)
        ends.add((found.status, found.suppression, found.consent[-1].kind))

    ended = (SubscriptionStatus.ENDED, SuppressionReason.COMPLAINT, ConsentKind.COMPLAINED)
    assert ends == {ended}
    assert count_rows(house) == 3 * len(people)


def test_who_writes_to_the_address_to_leave_by_has_left(house: Installation, run_id: RunId) -> None:
    to = f"leave+{token_of(house, ANN)}@letters.example"

    heeded = [heed_message(house.wiring, letter(to)) for _ in range(2)]

    assert heeded == [Heeded.LEFT, Heeded.KNOWN]
    found = history(house, ANN)
    assert (found.status, found.suppression) == (SubscriptionStatus.ENDED, None)
    assert found.consent[-1].kind is ConsentKind.LEFT_BY_MAIL


def test_no_automatic_answer_no_mail_of_our_own_and_no_changed_token_ends_a_subscription(
    house: Installation,
) -> None:
    token = token_of(house, ANN)
    to = f"leave+{token}@letters.example"
    raws = (
        letter(to, "Auto-Submitted: auto-replied"),
        letter(to, "Return-Path: <>"),
        letter(to).replace(b"<ann@school.example>", b"<Letters@letters.example>"),
        letter(f"leave+{token[::-1]}@letters.example"),
        letter("leave@letters.example", text=token),
    )

    assert {heed_message(house.wiring, raw) for raw in raws} == {Heeded.NOTHING}
    assert history(house, ANN).status is SubscriptionStatus.CONFIRMED


def test_the_letter_offers_the_way_to_leave_by_mail_and_the_way_works(
    house: Installation, relay: Relay
) -> None:
    sent_issue(house)
    issue = BytesParser().parsebytes(relay.sent_to(ANN)[-1].content)
    to = str(issue["List-Unsubscribe"]).partition("mailto:")[2].partition("?")[0]

    assert heed_message(house.wiring, letter(to)) is Heeded.LEFT


def test_complaints_pause_a_run_until_a_person_has_looked(house: Installation) -> None:
    eve = "eve@school.example"
    house.add_subscribers(eve)
    run_id = opened_run(house)
    count_elsewhere(house, run_id, Tally(tried=1_000, accepted=1_000))

    states = []
    for address in (ANN, BEN, eve):
        heed_message(house.wiring, complaint(returned=about(house, address)))
        states.append(run_of(house, run_id).status)
    why = run_of(house, run_id).standing
    resume_run(house.wiring, run_id, TERMINAL)
    heed_message(house.wiring, complaint(returned=about(house, ANN)))

    assert states == [RunStatus.RUNNING, RunStatus.RUNNING, RunStatus.PAUSED]
    assert why.startswith("3 of 1,000 people called the issue spam.")
    assert run_of(house, run_id).status is RunStatus.RUNNING


def count_elsewhere(house: Installation, run_id: RunId, tally: Tally) -> None:
    """Let another process have counted this."""
    with house.wiring.writing() as session:
        keep_tally(session, run_id, 0, "another process", tally)


def test_a_maildir_is_read_once_and_what_is_read_is_marked(
    house: Installation, run_id: RunId, tmp_path: Path
) -> None:
    box = mailbox.Maildir(tmp_path / "mail")
    for raw in (bounce(house, run_id, ANN), complaint(returned=about(house, BEN)), b"\x00" * 99):
        box.add(raw)
    large = tmp_path / "mail" / "new" / "large"
    large.write_bytes(b"Subject: a gigabyte")
    os.truncate(large, 1_000_000_000)
    (tmp_path / "mail" / "new" / ".hidden").touch()

    first = read_feedback(house.wiring, messages_in(tmp_path / "mail"))
    second = read_feedback(house.wiring, messages_in(tmp_path / "mail"))

    assert {heeded: count for heeded, count in first.items() if count} == {
        Heeded.HARD: 1,
        Heeded.COMPLAINT: 1,
        Heeded.NOTHING: 2,
    }
    assert sum(second.values()) == 0
    assert all(file.name.endswith(":2,S") for file in (tmp_path / "mail" / "cur").iterdir())


def test_who_signs_up_anew_does_not_leave_again_because_old_mail_is_read_anew(
    house: Installation, run_id: RunId
) -> None:
    old = (
        letter(f"leave+{token_of(house, ANN)}@letters.example"),
        letter(f"leave+{token_of(house, ANN)}@letters.example", text="Once more."),
        complaint(returned=about(house, BEN)),
    )
    for raw in old:
        heed_message(house.wiring, raw)
    house.clock.advance(timedelta(days=14))
    for address in (ANN, BEN):
        sign_up_anew(house, address)
    opened_run(house)

    assert {heed_message(house.wiring, raw) for raw in old} == {Heeded.KNOWN}
    for address in (ANN, BEN):
        assert history(house, address).status is SubscriptionStatus.CONFIRMED


def test_an_mbox_is_read_again_without_harm_and_left_as_it_is(
    house: Installation, run_id: RunId, tmp_path: Path
) -> None:
    path = tmp_path / "mbox"
    box = mailbox.mbox(path)
    box.add(bounce(house, run_id, ANN))
    box.add(letter(f"leave+{token_of(house, BEN)}@letters.example"))
    box.close()
    before = path.read_bytes()

    first = read_feedback(house.wiring, messages_in(path))
    second = read_feedback(house.wiring, messages_in(path))

    assert (first[Heeded.HARD], first[Heeded.LEFT], second[Heeded.KNOWN]) == (1, 1, 2)
    assert path.read_bytes() == before


def refused_run(house: Installation, relay: Relay) -> RunId:
    """Open a run to many people of whom the relay takes none, for who we are."""
    house.add_subscribers(*(f"t-{number:02}@school.example" for number in range(70)))
    relay.add_fault(Fault(phase=Phase.RCPT, refuse="550 5.7.26 not authenticated"))
    return opened_run(house)


def test_processes_judge_a_run_by_what_all_of_them_have_seen(
    house: Installation, relay: Relay
) -> None:
    run_id = refused_run(house, relay)
    count_elsewhere(house, run_id, Tally(tried=15, refusals=15))

    send_what_is_due(house.wiring, run_id)

    run = run_of(house, run_id)
    assert run.status is RunStatus.PAUSED
    assert 5 <= run.counts[DeliveryStatus.FAILED] <= 7


def test_a_process_that_starts_anew_remembers_what_was_counted(
    house: Installation, relay: Relay
) -> None:
    run_id = refused_run(house, relay)
    tries = iter(range(12))
    send_what_is_due(house.wiring, run_id, lambda: next(tries, None) is None)
    before = run_of(house, run_id)
    house.clock.advance(timedelta(seconds=2))
    claim_and_give_back(house, run_id)

    send_what_is_due(replace(house.wiring, conduct=Conduct()), run_id)

    after = run_of(house, run_id)
    assert before.status is RunStatus.RUNNING
    assert after.status is RunStatus.PAUSED
    assert after.counts[DeliveryStatus.FAILED] <= 22


def claim_and_give_back(house: Installation, run_id: RunId) -> None:
    """Let this process tell what it has seen, as it does with its next claim."""
    batch = claim(house.wiring, run_id)
    with house.wiring.writing() as session:
        end_batch(session, batch.claim_id)
