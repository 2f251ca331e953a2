"""What people do while a run opens and goes on: leave, edit, import, pause, click twice."""

from __future__ import annotations

import io
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial

import pytest
from sqlalchemy import select, update

from tests.support.checker import require_kept
from tests.support.faulty_runs import (
    is_over,
    opened_run,
    send_to_the_end,
    threads_sending,
    view_of,
)
from tests.support.installation import Installation, complete_content, with_wiring
from tests.support.nemesis import Watched, evidence_of
from tests.support.watching import wait_until
from topthree.domain.audit.entry import TERMINAL
from topthree.domain.editors.permission import Role
from topthree.domain.ids import IssueId, RunId, SubscriberId
from topthree.domain.planning.cadence import instant_of
from topthree.domain.refusal import Conflict
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.domain.sending.outcome import Outcome
from topthree.domain.sending.run import RunStatus
from topthree.mail.transport import Connection, Envelope, Mail, Transport
from topthree.services.agreeing.review_issue import send_back_issue
from topthree.services.identity.editor_view import EditorView
from topthree.services.planning.schedule_issue import Placing, schedule_issue
from topthree.services.sending.open_run import open_due_runs, send_now
from topthree.services.sending.steer_run import cancel_run, pause_run, resume_run, send_to_missed
from topthree.services.subscribers.import_subscribers import Source, import_subscribers
from topthree.services.subscribers.unsubscribe import unsubscribe
from topthree.services.writing.compose_issue import Save, save_issue
from topthree.services.writing.read_issue import IssueView, read_issue
from topthree.store.sending.runs import find_run_of_issue
from topthree.store.subscribers.subscribers import SubscriberRow
from topthree.tokens import Purpose

AUDIENCE = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A way out that notes when it asked for each mail: before the person was looked up."""

    transport: Transport
    asked_at: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        with self.transport.connect() as connection:
            yield AskingConnection(connection=connection, asked_at=self.asked_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskingConnection:
    connection: Connection
    asked_at: dict[str, float]

    def send(self, envelope: Envelope, message: bytes) -> Outcome:
        return self.connection.send(envelope, message)

    def send_each(self, mails: Iterable[Mail]) -> Iterator[Outcome]:
        return self.connection.send_each(self._noted(iter(mails)))

    def _noted(self, mails: Iterator[Mail]) -> Iterator[Mail]:
        while True:
            asked_at = time.monotonic()
            mail = next(mails, None)
            if mail is None:
                return
            self.asked_at[mail.envelope.recipient] = asked_at
            yield mail

    def close(self) -> None:
        self.connection.close()


def addresses(house: Installation) -> dict[SubscriberId, str]:
    with house.wiring.reading() as session:
        rows = session.execute(select(SubscriberRow.id, SubscriberRow.address))
        return {subscriber_id: address or "" for subscriber_id, address in rows}


def leave(house: Installation, subscriber_id: SubscriberId) -> None:
    now = house.clock()
    token = house.wiring.tokens.sign(Purpose.UNSUBSCRIBE, subscriber_id, now)
    with house.wiring.writing() as session:
        unsubscribe(session, house.wiring.tokens, token, by_one_click=True, now=now)


def erase(house: Installation, subscriber_id: SubscriberId) -> None:
    with house.wiring.writing() as session:
        this_one = SubscriberRow.id == subscriber_id
        session.execute(update(SubscriberRow).where(this_one).values(address=None))


def test_nobody_who_had_left_or_was_erased_before_their_turn_gets_the_issue(
    house: Installation, sink: Watched, chance: random.Random
) -> None:
    run_id = opened_run(house, AUDIENCE)
    names = addresses(house)
    asking = Asking(transport=house.wiring.transport)
    watched = with_wiring(house, transport=asking)
    gone_at: dict[str, float] = {}

    with threads_sending(watched.wiring, 2):
        # Those whose turn is late have the time to leave.
        for subscriber_id in chance.sample(list(names)[50:], 150):
            if is_over(house, run_id):
                break
            chance.choice((leave, erase))(house, subscriber_id)
            gone_at[names[subscriber_id]] = time.monotonic()
        wait_until(lambda: is_over(house, run_id))

    require_kept(evidence_of(house, sink, run_id, names=names))
    too_late = [name for name, at in gone_at.items() if asking.asked_at.get(name, 0) > at]
    assert too_late == []
    assert view_of(house, run_id).counts[DeliveryStatus.SKIPPED] > 0


def test_an_import_beside_a_run_disturbs_neither(house: Installation, sink: Watched) -> None:
    run_id = opened_run(house, AUDIENCE)
    raw = "address\n" + "".join(f"new-{n}@school.example\n" for n in range(3_000))
    source = Source(consent="They signed a list.", name="a list")

    with threads_sending(house.wiring):
        report = import_subscribers(house.wiring, io.BytesIO(raw.encode()), source)
        wait_until(lambda: is_over(house, run_id))

    require_kept(evidence_of(house, sink, run_id))
    assert (report.added, view_of(house, run_id).audience) == (3_000, AUDIENCE)


def test_pauses_and_resumptions_in_a_storm_and_a_cancellation_lose_and_double_nobody(
    house: Installation, sink: Watched, chance: random.Random
) -> None:
    run_id = opened_run(house, AUDIENCE)
    acts: list[Callable[[], None]] = [
        lambda: pause_run(house.wiring, run_id, "a storm", TERMINAL),
        lambda: resume_run(house.wiring, run_id, TERMINAL),
    ]

    def storm(seed: float) -> None:
        luck = random.Random(seed)  # noqa: S311 - nothing here is secret
        for _ in range(12):
            with suppress(Conflict):
                luck.choice(acts)()

    with threads_sending(house.wiring):
        at_once([partial(storm, chance.random()) for _ in range(3)])
        with suppress(Conflict):
            cancel_run(house.wiring, run_id, "after a storm", TERMINAL)
        wait_until(lambda: is_over(house, run_id))
        cancelled = view_of(house, run_id)
        missed = send_to_missed(house.wiring, run_id, TERMINAL)
        wait_until(lambda: is_over(house, run_id))

    require_kept(evidence_of(house, sink, run_id))
    assert cancelled.status is RunStatus.CANCELLED
    assert missed == cancelled.counts[DeliveryStatus.CANCELLED]
    assert view_of(house, run_id).counts[DeliveryStatus.SENT] == AUDIENCE


def test_many_clicks_on_send_now_open_one_run(house: Installation, sink: Watched) -> None:
    house.add_subscribers(*(f"teacher-{n}@school.example" for n in range(10)))
    issue_id = house.schedule_approved_issue()
    publisher = house.add_editor("Clicks", Role.PUBLISHER)
    opened: list[RunId] = []
    refused: list[Conflict] = []

    def click() -> None:
        try:
            opened.append(send_now(house.wiring, issue_id, publisher))
        except Conflict as conflict:
            refused.append(conflict)

    # Each click renders the whole issue, and takes its time.
    clicks = 50 if house.premises().engine.dialect.name == "postgresql" else 16
    at_once([click] * clicks)

    assert (len(opened), len(refused)) == (1, clicks - 1)
    send_to_the_end(house, opened[0])
    require_kept(evidence_of(house, sink, opened[0]))


def at_once(acts: Iterable[Callable[[], None]]) -> None:
    """Do all of these together; what they raise is raised."""
    acts = list(acts)
    together = threading.Barrier(len(acts))
    errors: list[BaseException] = []

    def hand(act: Callable[[], None]) -> None:
        together.wait()
        try:
            act()
        except BaseException as error:  # noqa: BLE001 - raised below
            errors.append(error)

    threads = [threading.Thread(target=hand, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


Change = Callable[[Installation, IssueView, EditorView], None]


def edit(house: Installation, issue: IssueView, editor: EditorView) -> None:
    content = complete_content("Changed at the last moment")
    with house.wiring.writing() as session:
        save = Save(issue_id=issue.id, version=issue.version, content=content)
        save_issue(session, save, editor, house.clock())


def send_back(house: Installation, issue: IssueView, editor: EditorView) -> None:
    with house.wiring.writing() as session:
        send_back_issue(session, issue.id, "One more thing.", editor, house.clock())


def take_off(house: Installation, issue: IssueView, editor: EditorView) -> None:
    placing = Placing(issue_id=issue.id, day=None)
    with house.wiring.writing() as session:
        schedule_issue(session, house.wiring.cadence, placing, editor, house.clock())


@pytest.mark.parametrize("change", [edit, send_back, take_off])
def test_an_issue_that_changes_while_its_run_opens_goes_out_as_approved_or_not_at_all(
    house: Installation, change: Change
) -> None:
    house.add_subscribers("ann@school.example")
    editor = house.add_editor("Changes", Role.PUBLISHER)

    for number in range(4):
        issue = waiting_issue(house, f"As approved {number}")
        refused: list[Conflict] = []

        def try_to_change(issue: IssueView = issue, refused: list[Conflict] = refused) -> None:
            # Sometimes the one comes first, and sometimes the other.
            time.sleep(0.004 * (issue.id % 4))
            try:
                change(house, issue, editor)
            except Conflict as conflict:
                refused.append(conflict)

        at_once([lambda: void(open_due_runs(house.wiring)), try_to_change])
        message = message_of(house, issue.id)
        assert (message is not None) == bool(refused)
        assert message is None or f"As approved {number}".encode() in message


def void(_: object) -> None:
    """Take what an act returns."""


def waiting_issue(house: Installation, subject: str) -> IssueView:
    """Put an approved issue on a slot, and let its time come."""
    issue_id = house.schedule_approved_issue(complete_content(subject))
    with house.wiring.reading() as session:
        issue = read_issue(session, issue_id)
    assert issue.slot_day is not None
    house.clock.now = instant_of(house.wiring.cadence, issue.slot_day)
    return issue


def message_of(house: Installation, issue_id: IssueId) -> bytes | None:
    with house.wiring.reading() as session:
        run = find_run_of_issue(session, issue_id)
        return None if run is None else run.message
