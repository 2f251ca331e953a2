"""What holds when workers share a queue, beyond what holds for every runner."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tests.support.databases import Databases
from tests.support.faults import Fault, Phase
from tests.support.installation import Installation, dismantle, install
from tests.support.relay import Relay
from tests.support.server import StartServer
from tests.support.watching import only_run, wait_until
from topthree.domain.clock import utc_now
from topthree.domain.ids import ClaimId, RunId
from topthree.domain.refusal import Refusal
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.domain.sending.pacing import parse_pace
from topthree.domain.sending.provider_pace import Pacing
from topthree.domain.sending.run import RunStatus
from topthree.jobs.queue.batch_job import BatchJobs, NotYet
from topthree.jobs.queue.deferring import Deferrer
from topthree.jobs.queue.host_clock import refuse_wrong_clock
from topthree.jobs.queue.presence import Presence, count_workers
from topthree.jobs.queue.schema import is_queue_current, upgrade_queue
from topthree.jobs.queue.tidying import batches_without_a_job
from topthree.jobs.runners import distributed
from topthree.jobs.runners.distributed import DistributedRunner
from topthree.jobs.runners.embedded import EmbeddedRunner
from topthree.services.installation.copy_database import copy_database
from topthree.services.sending.claim_batch import begin_batch, queue_batch
from topthree.services.sending.open_run import open_due_runs
from topthree.services.sending.queue_batches import fill_queue
from topthree.services.wiring import Wiring
from topthree.store.engine import make_engine
from topthree.store.sending.claim_queue import waiting_claims

ADDRESSES = tuple(f"teacher-{number:03}@school.example" for number in range(120))


@pytest.fixture
def database(postgresql_databases: Databases) -> Iterator[str]:
    """A database with the queue's tables."""
    for url in postgresql_databases.fresh():
        engine = make_engine(url)
        upgrade_queue(engine)
        engine.dispose()
        yield url


@pytest.fixture
def house(database: str, tmp_path: Path, relay: Relay) -> Iterator[Installation]:
    installation = install(tmp_path / "instance", database, TOPTHREE_SMTP_URL=relay.url)
    installation.add_subscribers(*ADDRESSES)
    yield installation
    dismantle(installation)


@pytest.fixture
def run_id(house: Installation) -> RunId:
    house.schedule_approved_issue()
    house.clock.now = house.clock.now.replace(month=12, day=3, hour=11)
    (run_id,) = open_due_runs(house.wiring)
    return run_id


@pytest.fixture
def jobs(house: Installation) -> Iterator[BatchJobs]:
    jobs = BatchJobs(house.wiring, Deferrer(), threading.Event())
    yield jobs
    jobs.close()


def engine_of(house: Installation) -> Engine:
    engine: Engine = house.wiring.sessions.kw["bind"]
    return engine


@contextmanager
def running(house: Installation) -> Iterator[None]:
    runner = DistributedRunner(house.wiring, instance=house.folder, connections=2)
    runner.start()
    try:
        yield
    finally:
        runner.stop()


def is_done(house: Installation) -> bool:
    return only_run(house).status is RunStatus.DONE


def recipients(relay: Relay) -> list[str]:
    return sorted(message.recipients[0] for message in relay.accepted)


def queued(house: Installation, run_id: RunId) -> ClaimId:
    """Put one batch of the run into the queue."""
    fill_queue(house.wiring, run_id, Deferrer(), 1)
    with house.wiring.reading() as session:
        (claim_id,) = session.scalars(text("SELECT id FROM claims"))
    return ClaimId(claim_id)


def count(house: Installation, table: str) -> int:
    with engine_of(house).connect() as connection:
        counted = connection.execute(text(f"SELECT count(*) FROM {table}"))  # noqa: S608
        return int(counted.scalar_one())


def change_queue(house: Installation, statement: str) -> None:
    with engine_of(house).begin() as connection:
        connection.execute(text("SET LOCAL search_path TO procrastinate"))
        connection.execute(text(statement))


def begun_by(house: Installation, worker: str, claim_id: ClaimId) -> Wiring:
    """Let another worker begin the batch, and never be heard of again."""
    other = replace(house.wiring, worker=worker)
    with other.writing() as session:
        assert begin_batch(session, other, claim_id) is not None
    change_queue(house, "UPDATE procrastinate_jobs SET status = 'doing'")
    return other


@pytest.mark.parametrize("commits", [True, False])
def test_a_batch_and_its_job_come_together_or_not_at_all(
    house: Installation, run_id: RunId, *, commits: bool
) -> None:
    with house.wiring.sessions() as session:
        claim_id = queue_batch(session, house.wiring, run_id)
        assert claim_id is not None
        Deferrer()(session, claim_id)
        if commits:
            session.commit()

    assert count(house, "claims") == commits
    assert count(house, "procrastinate.procrastinate_jobs") == commits


def test_a_batch_that_waits_in_the_queue_has_no_lease_that_could_end(
    house: Installation, run_id: RunId, relay: Relay, jobs: BatchJobs
) -> None:
    claim_id = queued(house, run_id)
    house.clock.advance(timedelta(hours=5))

    jobs.send(claim_id)

    assert len(relay.accepted) == 50


def test_a_batch_that_waited_for_long_has_lost_its_turns_and_gets_new_ones(
    house: Installation, run_id: RunId, relay: Relay
) -> None:
    paced = replace(house.wiring, pacing=Pacing(everything=parse_pace("10/s"), providers={}))
    jobs = BatchJobs(paced, Deferrer(), threading.Event())

    fill_queue(paced, run_id, Deferrer(), 1)
    house.clock.advance(timedelta(seconds=61))
    fill_queue(paced, run_id, Deferrer(), 2)
    stale, fresh = waiting(house)
    jobs.send(stale)
    before = len(relay.accepted)
    jobs.send(fresh)
    jobs.close()

    assert (before, len(relay.accepted)) == (0, 10)
    assert only_run(house).counts[DeliveryStatus.QUEUED] == len(ADDRESSES) - 10


def waiting(house: Installation) -> list[ClaimId]:
    with house.wiring.reading() as session:
        return sorted(waiting_claims(session))


def test_a_job_that_is_asked_twice_sends_its_batch_once(
    house: Installation, run_id: RunId, relay: Relay, jobs: BatchJobs
) -> None:
    claim_id = queued(house, run_id)

    jobs.send(claim_id)
    jobs.send(claim_id)

    assert len(relay.accepted) == 50


def test_a_job_that_is_asked_again_while_it_is_at_work_takes_nothing_from_itself(
    house: Installation, run_id: RunId, relay: Relay, jobs: BatchJobs
) -> None:
    relay.add_fault(Fault(phase=Phase.FINAL_DOT, delay_seconds=0.03, times=20))
    claim_id = queued(house, run_id)
    at_work = threading.Thread(target=jobs.send, args=[claim_id])
    at_work.start()
    relay.wait_for(1)

    with pytest.raises(NotYet):
        jobs.send(claim_id)
    at_work.join()

    assert len(relay.accepted) == 50


def test_a_batch_that_has_ended_is_followed_by_the_next_one(
    house: Installation, run_id: RunId, relay: Relay, jobs: BatchJobs
) -> None:
    claim_id = queued(house, run_id)

    jobs.send(claim_id)

    assert count(house, "claims") == 1
    assert count(house, "procrastinate.procrastinate_jobs") == 2
    with house.wiring.reading() as session:
        assert batches_without_a_job(session) == []


def test_a_batch_of_a_worker_that_lives_is_left_to_it(
    house: Installation, run_id: RunId, relay: Relay, jobs: BatchJobs
) -> None:
    claim_id = queued(house, run_id)
    begun_by(house, "other", claim_id)
    other = Presence(engine_of(house), "other")
    assert other.take()

    with pytest.raises(NotYet):
        jobs.send(claim_id)
    other.drop()

    assert only_run(house).counts[DeliveryStatus.CLAIMED] == 50


def test_what_a_dead_worker_had_begun_is_sent_by_another(
    house: Installation, run_id: RunId, relay: Relay
) -> None:
    begun_by(house, "dead", queued(house, run_id))

    with running(house):
        wait_until(lambda: is_done(house))

    assert recipients(relay) == list(ADDRESSES)


def test_batches_whose_jobs_were_lost_are_sent_all_the_same(
    house: Installation, run_id: RunId, relay: Relay
) -> None:
    queued(house, run_id)
    change_queue(house, "DELETE FROM procrastinate_jobs")

    with running(house):
        wait_until(lambda: is_done(house))

    assert recipients(relay) == list(ADDRESSES)


def test_what_waits_in_the_queue_is_sent_by_one_machine_that_uses_none(
    house: Installation, run_id: RunId, relay: Relay
) -> None:
    queued(house, run_id)

    runner = EmbeddedRunner(house.wiring, instance=house.folder, connections=2)
    runner.start()
    wait_until(lambda: is_done(house))
    runner.stop()

    assert recipients(relay) == list(ADDRESSES)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_waits_in_the_queue_is_sent_once_from_a_copy_of_the_database(
    house: Installation, run_id: RunId, relay: Relay, request: pytest.FixtureRequest, kind: str
) -> None:
    """The queue's own tables stay behind, and the batches in the ledger come along."""
    queued(house, run_id)
    databases: Databases = request.getfixturevalue(f"{kind}_databases")
    for url in databases.fresh():
        copy_database(house.premises(), url, lambda _rows: None)
        moved = install(house.folder, url, TOPTHREE_SMTP_URL=relay.url)
        moved.clock.now = house.clock.now
        runner: type[EmbeddedRunner | DistributedRunner] = EmbeddedRunner
        if kind == "postgresql":
            upgrade_queue(engine_of(moved))
            runner = DistributedRunner

        sender = runner(moved.wiring, instance=moved.folder, connections=2)
        sender.start()
        wait_until(partial(is_done, moved))
        sender.stop()
        dismantle(moved)

    assert recipients(relay) == list(ADDRESSES)


def test_a_database_that_drops_every_connection_costs_nobody_anything(
    house: Installation, run_id: RunId, relay: Relay
) -> None:
    relay.add_fault(Fault(phase=Phase.FINAL_DOT, delay_seconds=0.03, times=60))
    with running(house):
        relay.wait_for(20)
        with engine_of(house).connect() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        wait_until(lambda: is_done(house))

    assert recipients(relay) == list(ADDRESSES)


def test_a_second_worker_in_the_same_folder_is_refused(house: Installation) -> None:
    with running(house), pytest.raises(Refusal, match="TOPTHREE_INSTANCE of its own"):
        DistributedRunner(house.wiring, instance=house.folder, connections=1).start()


def test_a_worker_in_a_copy_of_the_folder_is_refused(
    house: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distributed, "_NAME_SECONDS", 1)
    with running(house), pytest.raises(Refusal, match="or a copy of it"):
        DistributedRunner(house.wiring, instance=tmp_path, connections=1).start()


@pytest.mark.parametrize("seconds", [-40, 40])
def test_a_machine_whose_clock_is_wrong_is_refused(house: Installation, seconds: int) -> None:
    engine = engine_of(house)
    refuse_wrong_clock(engine, utc_now)

    with pytest.raises(Refusal, match="40 seconds apart"):
        refuse_wrong_clock(engine, lambda: utc_now() + timedelta(seconds=seconds))


def test_the_workers_at_work_are_counted(house: Installation) -> None:
    with house.wiring.reading() as session:
        assert count_workers(session) == 0
    with running(house):
        wait_until(lambda: counted_workers(house) == 1)


def counted_workers(house: Installation) -> int:
    with house.wiring.reading() as session:
        return count_workers(session)


def test_who_serves_pages_for_workers_makes_the_queue_and_sends_nothing(
    postgresql_databases: Databases, start_server: StartServer
) -> None:
    for url in postgresql_databases.fresh():
        server = start_server(TOPTHREE_JOBS="procrastinate", TOPTHREE_DATABASE_URL=url)
        engine = make_engine(url)

        assert is_queue_current(engine)
        assert not (server.instance / "worker.lock").exists()

        server.stop()
        engine.dispose()
