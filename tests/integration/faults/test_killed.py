"""Whoever sends is killed, frozen or asked to end: nobody is missed, hardly anybody doubled."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.checker import doubles_by_life, require_kept
from tests.support.crashing import Life, Opening, Pace, Sending, Step, life_in, opening, sending
from tests.support.faults import Phase
from tests.support.faulty_runs import is_over, opened_run, view_of
from tests.support.installation import Installation, with_wiring
from tests.support.nemesis import Watched, evidence_of, nobody_writes, some_moment
from tests.support.sending import claim, never, opened_way, send_what_is_due
from tests.support.watching import wait_until
from topthree.domain.clock import utc_now
from topthree.domain.editors.permission import Role
from topthree.domain.ids import RunId
from topthree.domain.planning.cadence import instant_of
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.domain.sending.run import UncertainPolicy
from topthree.services.sending.claim_batch import LEASE
from topthree.services.sending.finish_run import release_expired, unfinished_runs
from topthree.services.sending.prepare_run import prepare_runs
from topthree.services.sending.report_run import list_runs
from topthree.services.sending.send_batch import ClaimLost, send_batch
from topthree.services.writing.read_issue import read_issue

CONNECTIONS = 4
AUDIENCE = 1_200
_SMALL = 80


@pytest.fixture(params=list(UncertainPolicy))
def policy(request: pytest.FixtureRequest) -> UncertainPolicy:
    chosen: UncertainPolicy = request.param
    return chosen


@pytest.fixture
def life(house: Installation, sink: Watched, policy: UncertainPolicy) -> Life:
    return life_in(house, TOPTHREE_SMTP_URL=sink.url, TOPTHREE_ON_UNCERTAIN=policy)


def finish(house: Installation, life: Life, run_id: RunId) -> None:
    """Let one more sender live until the run is over."""
    with sending(life) as last:
        wait_until(lambda: is_over(house, run_id))
        last.ask_to_end()
        assert last.wait() == 0


def held(house: Installation, run_id: RunId) -> int:
    return view_of(house, run_id).counts[DeliveryStatus.HELD]


def test_killed_at_random_it_doubles_one_a_connection_at_the_most_or_holds_it(
    house: Installation, sink: Watched, life: Life, policy: UncertainPolicy, chance: random.Random
) -> None:
    run_id = opened_run(house, AUDIENCE)
    kills = 12 if house.premises().engine.dialect.name == "sqlite" else 4

    for life_number in range(kills):
        with sending(life) as sender:
            sink.wait_for(AUDIENCE * (life_number + 1) // (kills + 2))
            some_moment(chance, 0.02)
            sender.kill()
        sink.settle()
        sink.life += 1
    finish(house, life, run_id)

    if policy is UncertainPolicy.HOLD:
        require_kept(evidence_of(house, sink, run_id))
        assert held(house, run_id) <= kills * CONNECTIONS
    else:
        require_kept(evidence_of(house, sink, run_id), doubled_at_most=kills * CONNECTIONS)
        assert max(doubles_by_life(sink.journal).values(), default=0) <= CONNECTIONS
        assert held(house, run_id) == 0


#: Each step, for the how-many-eth time, and whether anybody can know what became of the message.
_STEPS: tuple[tuple[Step | Phase, int, int], ...] = (
    (Step.CLAIM_COMMITTED, 1, 0),
    (Phase.MAIL, 7, 0),
    (Phase.FINAL_DOT, 1, 1),
    (Phase.FINAL_DOT, 7, 1),
    (Step.ACCEPTED, 7, 1),
    (Step.OUTCOME_COMMITTED, 7, 0),
)


def test_killed_at_a_step_it_doubles_exactly_what_nobody_can_know_or_holds_it(
    house: Installation, plain_sink: Watched, policy: UncertainPolicy
) -> None:
    run_id = opened_run(house, _SMALL)
    life = life_in(house, TOPTHREE_SMTP_URL=plain_sink.url, TOPTHREE_ON_UNCERTAIN=policy)

    for step, nth, _ in _STEPS:
        die_at(replace(life, connections=1), plain_sink, step, nth)
    finish(house, life, run_id)

    if policy is UncertainPolicy.HOLD:
        # The first that a dead sender did not write down is held, sent or not.
        require_kept(evidence_of(house, plain_sink, run_id))
        assert held(house, run_id) == len(_STEPS)
    else:
        require_kept(evidence_of(house, plain_sink, run_id), doubled_at_most=len(_STEPS))
        by_life = doubles_by_life(plain_sink.journal)
        assert [by_life[n] for n in range(len(_STEPS))] == [doubled for _, _, doubled in _STEPS]


@pytest.fixture
def plain_sink() -> Iterator[Watched]:
    """A relay to which one thing is said at a time."""
    with Watched(pipelining=False) as sink:
        yield sink


def die_at(life: Life, sink: Watched, step: Step | Phase, nth: int) -> None:
    """Let a sender die when it reaches this for the nth time."""
    if isinstance(step, Step):
        with sending(replace(life, ends_at=(step, nth))) as sender:
            assert sender.wait() != 0
    else:
        victims: list[Sending] = []
        # Before the relay answers, so that the answer finds nobody.
        sink.script.at(step, nth, lambda: os.kill(victims[0].pid, signal.SIGKILL))
        with sending(life) as sender:
            victims.append(sender)
            assert sender.wait() == -signal.SIGKILL
    sink.settle()
    sink.life += 1


@pytest.mark.parametrize("commits", [1, 2, 4])
def test_killed_between_two_parts_of_the_preparation_it_goes_on_to_the_same_audience(
    house: Installation, sink: Watched, commits: int
) -> None:
    house.add_subscribers(*(f"teacher-{n}@school.example" for n in range(30)))
    issue_id = house.schedule_approved_issue()
    publisher = house.add_editor("Sends", Role.PUBLISHER)
    life = life_in(house, TOPTHREE_SMTP_URL=sink.url)
    what = Opening(issue_id=issue_id, publisher=publisher, part=10, commits=commits)

    with opening(life, what) as first:
        assert first.wait() != 0
    house.add_subscribers("came-later@school.example")
    (run_id,) = open_run_ids(house)
    # To an audience that is not complete, nothing is sent.
    assert unfinished_runs(house.wiring) == ()
    prepare_runs(house.wiring)
    house.clock.now = utc_now()
    send_what_is_due(house.wiring, run_id)

    require_kept(evidence_of(house, sink, run_id))
    assert (view_of(house, run_id).audience, len(sink.journal)) == (30, 30)


def open_run_ids(house: Installation) -> list[RunId]:
    with house.wiring.reading() as session:
        return [run.id for run in list_runs(session)]


@pytest.mark.parametrize("policy", [UncertainPolicy.HOLD], indirect=True)
def test_asked_to_end_it_finishes_what_is_in_flight_and_doubles_nothing(
    house: Installation, sink: Watched, life: Life
) -> None:
    run_id = opened_run(house, _SMALL)
    sink.script.every(Phase.FINAL_DOT, lambda: time.sleep(0.01))

    with sending(life) as sender:
        sink.wait_for(_SMALL // 3)
        sender.ask_to_end()
        before = len(sink.journal)
        assert sender.wait() == 0
    in_flight = len(sink.journal) - before
    counts = view_of(house, run_id).counts
    finish(house, life, run_id)

    require_kept(evidence_of(house, sink, run_id))
    # With a pipeline, the message after the one in flight has been announced already.
    assert in_flight <= 2 * CONNECTIONS
    assert (counts[DeliveryStatus.CLAIMED], held(house, run_id)) == (0, 0)


def test_frozen_past_its_lease_it_doubles_one_a_connection_when_it_wakes_up(
    house: Installation, sink: Watched, chance: random.Random
) -> None:
    run_id = opened_run(house, 600)
    # A quarter of an hour, the lease, is a second and a half.
    pace = Pace.of(600)
    hurried = with_wiring(house, clock=pace.now, elapsed=pace.elapsed)
    life = replace(life_in(house, TOPTHREE_SMTP_URL=sink.url), pace=pace)

    with sending(replace(life, worker="freezes")) as frozen:
        sink.wait_for(100)
        freeze_between_two_commits(house, frozen, chance)
        with sending(replace(life, worker="takes over")) as other:
            wait_until(lambda: release_expired(hurried.wiring) < 0 or is_over(house, run_id))
            frozen.wake()
            for sender in (frozen, other):
                sender.ask_to_end()
                assert sender.wait() == 0

    require_kept(evidence_of(house, sink, run_id), doubled_at_most=CONNECTIONS)


def freeze_between_two_commits(house: Installation, sender: Sending, chance: random.Random) -> None:
    """Stop the sender at a moment at which it does not keep everybody else from writing.

    With a transaction open, it would be the database that keeps others from taking over.
    """
    while True:
        some_moment(chance, 0.01)
        sender.freeze()
        if nobody_writes(house.premises().engine):
            return
        sender.wake()


def test_who_wakes_up_when_others_have_its_deliveries_in_hand_writes_down_nothing(
    house: Installation, sink: Watched
) -> None:
    run_id = opened_run(house, 30)
    asleep = claim(house.wiring, run_id)
    now = house.clock.now
    house.clock.advance(LEASE + timedelta(seconds=1))
    release_expired(house.wiring)
    awake = claim(house.wiring, run_id)
    assert awake.subscriber_ids == asleep.subscriber_ids
    # Who was frozen does not know how late it is.
    house.clock.now = now

    with opened_way(house.wiring) as way, pytest.raises(ClaimLost):
        send_batch(house.wiring, way, asleep, never)
    with opened_way(house.wiring) as way:
        send_batch(house.wiring, way, awake, never)

    require_kept(evidence_of(house, sink, run_id), doubled_at_most=1)
    assert view_of(house, run_id).counts[DeliveryStatus.SENT] == 30


@pytest.mark.parametrize("policy", [UncertainPolicy.RESEND], indirect=True)
def test_two_processes_on_one_database_share_a_run_and_double_nothing(
    house: Installation, sink: Watched, life: Life
) -> None:
    run_id = opened_run(house, AUDIENCE)

    with sending(replace(life, worker="one")) as one:
        # Who comes second finds claims of who is alive.
        sink.wait_for(AUDIENCE // 10)
        with sending(replace(life, worker="two")) as two:
            wait_until(lambda: is_over(house, run_id))
            for sender in (one, two):
                sender.ask_to_end()
                assert sender.wait() == 0

    require_kept(evidence_of(house, sink, run_id))


def test_of_four_processes_that_all_tick_one_opens_the_run_and_each_teacher_gets_it_once(
    house: Installation, sink: Watched
) -> None:
    house.add_subscribers(*(f"teacher-{n}@school.example" for n in range(_SMALL)))
    issue_id = house.schedule_approved_issue()
    with house.wiring.reading() as session:
        day = read_issue(session, issue_id).slot_day
    assert day is not None
    pace = replace(Pace.of(1), began_at=instant_of(house.wiring.cadence, day))
    life = replace(life_in(house, TOPTHREE_SMTP_URL=sink.url), pace=pace, is_whole=True)
    own_folder = house.premises().engine.dialect.name == "postgresql"

    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                sending(in_folder(life, house.folder / f"{n}" if own_folder else house.folder))
            )
            for n in range(4)
        ]
        wait_until(lambda: [run for run in open_run_ids(house) if is_over(house, run)] != [])
        for process in processes:
            process.ask_to_end()
            assert process.wait() == 0

    (run_id,) = open_run_ids(house)
    require_kept(evidence_of(house, sink, run_id))


def in_folder(life: Life, folder: Path) -> Life:
    folder.mkdir(exist_ok=True)
    environment = dict(life.environment) | {"TOPTHREE_INSTANCE": str(folder)}
    return replace(life, environment=tuple(environment.items()))
