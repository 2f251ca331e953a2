"""A relay that fails in mid-run, rows nothing can be made of, and threads that fail themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.support.checker import doubles, require_kept
from tests.support.faults import Fault, Phase
from tests.support.faulty_runs import (
    is_over,
    opened_run,
    send_in_time,
    threads_sending,
    view_of,
)
from tests.support.installation import Installation, with_wiring
from tests.support.nemesis import Watched, evidence_of
from tests.support.watching import wait_until
from topthree.domain.clock import seconds_since_boot
from topthree.domain.ids import RunId
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.domain.sending.outcome import Outcome
from topthree.domain.sending.run import UncertainPolicy
from topthree.mail.transport import Connection, Envelope, Mail, Transport
from topthree.services.sending.open_run import open_due_runs
from topthree.store.sending.deliveries import DeliveryRow
from topthree.store.subscribers.subscribers import SubscriberRow, SuppressionRow

AUDIENCE = 120
_PUT_OFF = 50


def teachers(*numbers: int) -> tuple[str, ...]:
    """The addresses of these members of the audience."""
    return tuple(f"teacher-{n}@school-{n % 20}.example" for n in numbers)


def count(house: Installation, run_id: RunId, status: DeliveryStatus) -> int:
    return view_of(house, run_id).counts[status]


def test_a_relay_that_makes_everybody_wait_once_gets_each_message_once(
    house: Installation, sink: Watched
) -> None:
    # More than forty put off make it feel its way.
    run_id = opened_run(house, _PUT_OFF)
    for teacher in teachers(*range(_PUT_OFF)):
        sink.script.first_time[teacher] = Fault(phase=Phase.RCPT, refuse="451 4.7.1 greylisted")

    send_in_time(house, run_id)

    require_kept(evidence_of(house, sink, run_id))
    assert count(house, run_id, DeliveryStatus.SENT) == _PUT_OFF
    with house.wiring.reading() as session:
        assert set(session.scalars(select(DeliveryRow.attempts))) == {2}


def test_of_all_refusals_only_an_address_that_does_not_exist_is_suppressed(
    house: Installation, sink: Watched
) -> None:
    run_id = opened_run(house, AUDIENCE)
    nobody, full, unwelcome = teachers(3, 7), teachers(40, 41), teachers(90, 91, 92)
    for reply, whom in (
        ("550 5.1.1 no such user", nobody),
        ("552 5.2.2 mailbox full", full),
        ("550 5.7.1 we do not want your mail", unwelcome),
    ):
        for teacher in whom:
            sink.add_fault(Fault(phase=Phase.RCPT, recipient=teacher, refuse=reply))

    send_in_time(house, run_id)

    require_kept(evidence_of(house, sink, run_id))
    with house.wiring.reading() as session:
        suppressed = session.scalars(
            select(SubscriberRow.address).join(
                SuppressionRow, SuppressionRow.address_hash == SubscriberRow.address_hash
            )
        )
        assert sorted(map(str, suppressed)) == sorted(nobody)
    assert count(house, run_id, DeliveryStatus.FAILED) == len(nobody + full + unwelcome)


@pytest.mark.parametrize("policy", list(UncertainPolicy))
def test_a_relay_that_goes_away_after_the_dot_doubles_what_it_kept_or_has_it_held(
    house: Installation, sink: Watched, policy: UncertainPolicy
) -> None:
    house = with_wiring(house, doubts=replace(house.wiring.doubts, policy=policy))
    run_id = opened_run(house, AUDIENCE)
    kept, lost = teachers(5, 60), teachers(20, 61, 100)
    for teacher in kept + lost:
        sink.script.first_time[teacher] = Fault(phase=Phase.FINAL_DOT, drop=True)
    sink.loses.update(lost)

    send_in_time(house, run_id)

    if policy is UncertainPolicy.HOLD:
        require_kept(evidence_of(house, sink, run_id))
        assert count(house, run_id, DeliveryStatus.HELD) == len(kept + lost)
    else:
        require_kept(evidence_of(house, sink, run_id), doubled_at_most=len(kept))
        assert doubles(sink.journal) == len(kept)


@pytest.mark.parametrize("phase", [Phase.RCPT, Phase.DATA])
def test_a_relay_that_goes_away_before_the_dot_doubles_nothing(
    house: Installation, sink: Watched, phase: Phase
) -> None:
    run_id = opened_run(house, AUDIENCE)
    for teacher in teachers(0, 33, 34, 119):
        sink.script.first_time[teacher] = Fault(phase=phase, drop=True)

    send_in_time(house, run_id)

    require_kept(evidence_of(house, sink, run_id))
    assert count(house, run_id, DeliveryStatus.SENT) == AUDIENCE


def test_a_clock_that_jumps_in_mid_run_sends_nothing_twice_and_opens_nothing_again(
    house: Installation, sink: Watched
) -> None:
    run_id = opened_run(house, AUDIENCE)
    opened_again: list[RunId] = []

    def jump(days: int) -> Callable[[], None]:
        def act() -> None:
            house.clock.advance(timedelta(days=days))
            opened_again.extend(open_due_runs(house.wiring))

        return act

    for nth, days in ((20, -2), (45, 3), (70, -20), (95, 20)):
        sink.script.at(Phase.FINAL_DOT, nth, jump(days))
    steady = with_wiring(house, elapsed=seconds_since_boot)
    send_in_time(steady, run_id)

    require_kept(evidence_of(house, sink, run_id))
    assert (count(house, run_id, DeliveryStatus.SENT), opened_again) == (AUDIENCE, [])


@pytest.mark.parametrize(
    "address",
    [
        "bad\r\nRCPT TO:<somebody@else.example>@school.example",
        "grüße@schule.example",
        "no-domain",
    ],
)
def test_a_row_of_which_no_message_can_be_made_fails_alone_and_says_why(
    house: Installation, sink: Watched, address: str
) -> None:
    run_id = opened_run(house, AUDIENCE)
    [hostile] = teachers(60)
    with house.wiring.writing() as session:
        of_this_one = SubscriberRow.address == hostile
        session.execute(update(SubscriberRow).where(of_this_one).values(address=address))

    send_in_time(house, run_id)

    require_kept(evidence_of(house, sink, run_id))
    failed = DeliveryRow.status == DeliveryStatus.FAILED
    with house.wiring.reading() as session:
        [delivery] = session.scalars(select(DeliveryRow).where(failed))
    assert delivery.reply
    assert len(sink.journal) == AUDIENCE - 1


def test_threads_that_fail_themselves_end_neither_the_sending_nor_themselves(
    house: Installation, sink: Watched
) -> None:
    run_id = opened_run(house, AUDIENCE)
    failing = Failing(transport=house.wiring.transport, failures=iter(range(3)))
    broken = with_wiring(house, transport=failing)

    with threads_sending(broken.wiring, 3):
        wait_until(lambda: is_over(house, run_id))

    require_kept(evidence_of(house, sink, run_id))
    assert next(failing.failures, None) is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """A way out that has a mistake of its own in it, so many times, in mid-batch."""

    transport: Transport
    failures: Iterator[int]

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        with self.transport.connect() as connection:
            yield FailingConnection(connection=connection, failures=self.failures)


@dataclass(frozen=True, slots=True, kw_only=True)
class FailingConnection:
    connection: Connection
    failures: Iterator[int]

    def send(self, envelope: Envelope, message: bytes) -> Outcome:
        return self.connection.send(envelope, message)

    def send_each(self, mails: Iterable[Mail]) -> Iterator[Outcome]:
        yield from self.connection.send_each(self._some(mails))

    def _some(self, mails: Iterable[Mail]) -> Iterator[Mail]:
        for number, mail in enumerate(mails):
            if number == 10 and next(self.failures, None) is not None:
                raise ZeroDivisionError
            yield mail

    def close(self) -> None:
        self.connection.close()
