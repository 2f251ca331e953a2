"""Everything that people, relays and crashes can do to runs, in any order, with what must hold."""

from __future__ import annotations

import atexit
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.checker import Arrival, require_kept
from tests.support.databases import migrate
from tests.support.faults import ANYONE, Fault, Phase
from tests.support.installation import dismantle, install, with_wiring
from tests.support.nemesis import Watched, evidence_of
from tests.support.sending import send_what_is_due
from topthree.domain.audit.entry import TERMINAL
from topthree.domain.ids import RunId, SubscriberId
from topthree.domain.planning.cadence import instant_of
from topthree.domain.refusal import Refusal
from topthree.domain.sending.delivery import DeliveryEvent, DeliveryStatus
from topthree.domain.sending.outcome import Outcome
from topthree.domain.sending.run import RunStatus, UncertainPolicy
from topthree.domain.subscribers.address import EmailAddress
from topthree.domain.subscribers.subscription import SubscriptionStatus
from topthree.mail.message import issue_message_id
from topthree.mail.transport import Connection, Envelope, Mail, RelayUnavailable, Transport
from topthree.services.sending.finish_run import release_expired, take_up_again
from topthree.services.sending.open_run import open_due_runs
from topthree.services.sending.prepare_run import prepare_runs
from topthree.services.sending.send_batch import RunRests
from topthree.services.sending.steer_run import (
    cancel_run,
    pause_run,
    resume_run,
    send_to_missed,
    settle_held,
)
from topthree.services.subscribers.confirm_subscription import confirm_by_link
from topthree.services.subscribers.subscribe import SignUp, subscribe
from topthree.services.subscribers.unsubscribe import unsubscribe
from topthree.services.wiring import Wiring
from topthree.services.writing.read_issue import read_issue
from topthree.store.sending.deliveries import DeliveryRow
from topthree.store.sending.runs import RunRow, all_runs
from topthree.store.subscribers.subscribers import (
    find_subscriber,
    find_subscriber_by_key,
    newest_subscription,
)
from topthree.tokens import Purpose

PEOPLE = tuple(f"teacher-{n}" for n in range(12))
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_SPANS = (_MINUTE, 6 * _MINUTE, 16 * _MINUTE, _HOUR, _DAY, -_HOUR, -_DAY)
_MOST_RUNS = 3
_ROUNDS_TO_THE_END = 120

_people = st.sampled_from(PEOPLE)
_runs = st.integers(0, _MOST_RUNS - 1)
_few = st.integers(1, 8)


class Killed(BaseException):
    """The sender is no more; what it would have done next, it does not do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mortal:
    """A way out whose sender dies when the relay has answered for so many messages."""

    transport: Transport
    left: Iterator[int]

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        with self.transport.connect() as connection:
            yield MortalConnection(connection=connection, left=self.left)


@dataclass(frozen=True, slots=True, kw_only=True)
class MortalConnection:
    connection: Connection
    left: Iterator[int]

    def send(self, envelope: Envelope, message: bytes) -> Outcome:
        return self.connection.send(envelope, message)

    def send_each(self, mails: Iterable[Mail]) -> Iterator[Outcome]:
        for outcome in self.connection.send_each(mails):
            if next(self.left, None) is None:
                raise Killed
            yield outcome

    def close(self) -> None:
        self.connection.close()


class Runs(RuleBasedStateMachine):
    """An installation in this process, a relay that keeps a journal, and a clock set by hand."""

    policy = UncertainPolicy.RESEND

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="topthree-machine-"))
        shutil.copyfile(_template(), self.folder / "ledger.sqlite")
        self.sink = Watched().__enter__()
        house = install(
            self.folder / "house",
            f"sqlite:///{self.folder / 'ledger.sqlite'}",
            TOPTHREE_SMTP_URL=self.sink.url,
        )
        doubts = replace(house.wiring.doubts, policy=self.policy)
        self.house = with_wiring(house, doubts=doubts)
        #: How many copies nobody can rule out.
        self.allowed = 0
        #: When they left: after so many messages.
        self.left_at: dict[str, int] = {}
        self.house.add_subscribers(*map(_address, PEOPLE[:9]))

    # What people do.

    @rule(name=_people)
    def subscribe(self, name: str) -> None:
        house = self.house
        address = EmailAddress(local=name, domain="school.example")
        sign_up = SignUp(address=address, source="a test", ip="192.0.2.1")
        with house.wiring.writing() as session, suppress(Refusal):
            subscribe(session, sign_up, house.clock())

    @rule(name=_people)
    def confirm(self, name: str) -> None:
        house, now = self.house, self.house.clock()
        with house.wiring.writing() as session:
            subscriber = find_subscriber_by_key(session, _address(name))
            subscription = newest_subscription(session, subscriber.id) if subscriber else None
            if subscription is None:
                return
            token = house.wiring.tokens.sign(Purpose.CONFIRM, subscription.id, now)
            with suppress(Refusal):
                confirm_by_link(session, house.wiring.tokens, token, now)
            if subscription.status is SubscriptionStatus.CONFIRMED:
                self.left_at.pop(_address(name), None)

    @rule(name=_people)
    def leave(self, name: str) -> None:
        house, now = self.house, self.house.clock()
        with house.wiring.writing() as session:
            subscriber = find_subscriber_by_key(session, _address(name))
            if subscriber is None:
                return
            token = house.wiring.tokens.sign(Purpose.UNSUBSCRIBE, subscriber.id, now)
            unsubscribe(session, house.wiring.tokens, token, by_one_click=True, now=now)
        self.left_at.setdefault(_address(name), len(self.sink.journal))

    @rule(names=st.sets(_people, min_size=1))
    def import_some(self, names: set[str]) -> None:
        # Who has left is not brought back by a list.
        self.house.add_subscribers(*(_address(name) for name in sorted(names)))

    @precondition(lambda self: len(self.run_ids()) < _MOST_RUNS)
    @rule()
    def approve_and_wait_for_the_slot(self) -> None:
        issue_id = self.house.schedule_approved_issue()
        with self.house.wiring.reading() as session:
            day = read_issue(session, issue_id).slot_day
        assert day is not None
        self.house.clock.now = instant_of(self.house.wiring.cadence, day)
        open_due_runs(self.house.wiring)

    @rule(which=_runs)
    def pause(self, which: int) -> None:
        self.steer(which, lambda run_id: pause_run(self.house.wiring, run_id, "a test", TERMINAL))

    @rule(which=_runs)
    def resume(self, which: int) -> None:
        self.steer(which, lambda run_id: resume_run(self.house.wiring, run_id, TERMINAL))

    @rule(which=_runs)
    def cancel(self, which: int) -> None:
        self.steer(which, lambda run_id: cancel_run(self.house.wiring, run_id, "a test", TERMINAL))

    @rule(which=_runs)
    def send_to_missed(self, which: int) -> None:
        self.steer(which, lambda run_id: send_to_missed(self.house.wiring, run_id, TERMINAL))

    @rule(which=_runs, they_got_it=st.booleans())
    def decide_about_held(self, which: int, *, they_got_it: bool) -> None:
        event = DeliveryEvent.COUNT_AS_SENT if they_got_it else DeliveryEvent.SEND_AGAIN
        for run_id in self.run_ids()[which : which + 1]:
            got = {arrival.recipient for arrival in self.arrivals_of(run_id)}
            held = [key for key, name in self.held(run_id).items() if (name in got) == they_got_it]
            with suppress(Refusal):
                settle_held(self.house.wiring, run_id, event, held, TERMINAL)

    # What the service does.

    @rule()
    def tick(self) -> None:
        prepare_runs(self.house.wiring)
        open_due_runs(self.house.wiring)
        release_expired(self.house.wiring)

    @rule(messages=_few)
    def send_some(self, messages: int) -> None:
        left = iter(range(messages))
        self.send(self.house.wiring, lambda: next(left, None) is None)

    @rule()
    def send_all(self) -> None:
        self.send(self.house.wiring, lambda: False)

    # What goes wrong.

    @rule(messages=st.integers(0, 6))
    def kill_after_some(self, messages: int) -> None:
        transport = Mortal(transport=self.house.wiring.transport, left=iter(range(messages)))
        mortal = replace(self.house.wiring, transport=transport)
        try:
            self.send(mortal, lambda: False)
        except Killed:
            self.allowed += self.policy is UncertainPolicy.RESEND
        take_up_again(self.house.wiring)

    @rule(
        phase=st.sampled_from(Phase),
        name=_people,
        reply=st.sampled_from(
            ("451 4.3.0 later", "550 5.1.1 nobody", "552 5.2.2 full", "421 4.3.2 closing", "")
        ),
    )
    def let_the_relay_fail(self, phase: Phase, name: str, reply: str) -> None:
        # The sender is the same for everybody.
        recipient = ANYONE if phase is Phase.MAIL else _address(name)
        fault = Fault(phase=phase, recipient=recipient, refuse=reply or None, drop=not reply)
        self.sink.add_fault(replace(fault, times=1))
        if not reply and phase is Phase.FINAL_DOT:
            self.allowed += self.policy is UncertainPolicy.RESEND

    @rule(span=st.sampled_from(_SPANS))
    def let_time_pass(self, span: timedelta) -> None:
        self.house.clock.advance(span)

    # What holds all the same.

    @invariant()
    def every_promise_is_kept(self) -> None:
        known = {arrival for run in self.run_ids() for arrival in self.arrivals_of(run)}
        assert known == set(self.sink.journal), "a message belongs to no delivery"
        for run_id in self.run_ids():
            self.require_kept(run_id)

    def teardown(self) -> None:
        try:
            self.go_on_to_the_end()
            for run_id in self.run_ids():
                self.require_kept(run_id)
        finally:
            dismantle(self.house)
            self.sink.__exit__(None, None, None)
            shutil.rmtree(self.folder)

    def go_on_to_the_end(self) -> None:
        """Resume what is paused, and send until every run is over."""
        for _ in range(_ROUNDS_TO_THE_END):
            for which, _ in enumerate(self.run_ids()):
                self.resume(which)
            self.tick()
            self.send_all()
            if not any(run.finished_at is None for run in self.rows()):
                return
            self.house.clock.advance(_HOUR)
        raise AssertionError("A run does not end.")

    # How it is done.

    def rows(self) -> list[RunRow]:
        with self.house.wiring.reading() as session:
            return list(reversed(all_runs(session)))

    def run_ids(self) -> list[RunId]:
        return [run.id for run in self.rows()]

    def steer(self, which: int, act: Callable[[RunId], object]) -> None:
        for run_id in self.run_ids()[which : which + 1]:
            with suppress(Refusal):
                act(run_id)

    def send(self, wiring: Wiring, should_stop: Callable[[], bool]) -> None:
        for run in self.rows():
            if run.finished_at is None and run.status is not RunStatus.PAUSED:
                with suppress(RelayUnavailable, RunRests):
                    send_what_is_due(wiring, run.id, should_stop)

    def names_of(self, run_id: RunId) -> set[str]:
        """Return the Message-IDs of the run."""
        with self.house.wiring.reading() as session:
            run = session.get_one(RunRow, run_id)
            members = session.scalars(
                select(DeliveryRow.subscriber_id).where(DeliveryRow.run_id == run_id)
            ).all()
        domain = self.house.wiring.newsletter.domain
        return {
            issue_message_id(run_id, member, domain=domain, salt=run.salt) for member in members
        }

    def arrivals_of(self, run_id: RunId) -> tuple[Arrival, ...]:
        names = self.names_of(run_id)
        return tuple(arrival for arrival in self.sink.journal if arrival.message_id in names)

    def held(self, run_id: RunId) -> dict[SubscriberId, str]:
        query = select(DeliveryRow.subscriber_id).where(
            DeliveryRow.run_id == run_id, DeliveryRow.status == DeliveryStatus.HELD
        )
        with self.house.wiring.reading() as session:
            keys = session.scalars(query).all()
            return {key: address_of(session, key) for key in keys}

    def require_kept(self, run_id: RunId) -> None:
        whole = evidence_of(self.house, self.sink, run_id)
        arrivals = self.arrivals_of(run_id)
        left_at = {
            name: sum(arrival in arrivals for arrival in self.sink.journal[:at])
            for name, at in self.left_at.items()
        }
        evidence = replace(whole, arrivals=arrivals, left_at=left_at, takes_days=True)
        require_kept(evidence, doubled_at_most=self.allowed)


class RunsThatHold(Runs):
    """The same, where nothing may ever be doubled."""

    policy = UncertainPolicy.HOLD


def address_of(session: Session, subscriber_id: SubscriberId) -> str:
    subscriber = find_subscriber(session, subscriber_id)
    return (subscriber.address if subscriber else None) or ""


def _address(name: str) -> str:
    return f"{name}@school.example"


@cache
def _template() -> Path:
    """Return an empty database, made once."""
    path = Path(tempfile.mkdtemp(prefix="topthree-template-")) / "ledger.sqlite"
    atexit.register(shutil.rmtree, path.parent)
    migrate(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path
