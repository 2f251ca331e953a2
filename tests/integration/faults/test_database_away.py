"""The database goes away, fills up or falls silent in mid-run: nothing is sent unrecorded."""

from __future__ import annotations

import logging
import random
import resource
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL, Connection, Engine, event, make_url, text

from tests.support import postgresql
from tests.support.checker import require_kept
from tests.support.crashing import life_in, sending
from tests.support.databases import Databases, migrate
from tests.support.disks import fill, small_disk
from tests.support.faulty_runs import (
    is_over,
    opened_run,
    threads_sending,
)
from tests.support.installation import Installation, dismantle, install
from tests.support.nemesis import Watched, evidence_of, some_moment
from tests.support.proxy import Proxy
from tests.support.restarting import RestartingCluster
from tests.support.watching import wait_until
from topthree.domain.clock import utc_now

CONNECTIONS = 4
AUDIENCE = 400


@contextmanager
def installed(url: str, folder: Path, sink: Watched) -> Iterator[Installation]:
    house = install(folder, url, TOPTHREE_SMTP_URL=sink.url)
    house.clock.now = utc_now()
    yield house
    dismantle(house)


def engine_of(house: Installation) -> Engine:
    return house.premises().engine


@pytest.fixture
def on_sqlite(tmp_path: Path, sink: Watched) -> Iterator[Installation]:
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    migrate(url)
    with installed(url, tmp_path / "house", sink) as house:
        yield house


@pytest.fixture
def postgresql_url(postgresql_databases: Databases) -> Iterator[str]:
    yield from postgresql_databases.fresh()


@pytest.fixture
def on_postgresql(postgresql_url: str, tmp_path: Path, sink: Watched) -> Iterator[Installation]:
    with installed(postgresql_url, tmp_path / "house", sink) as house:
        yield house


@pytest.fixture(scope="module")
def restarting() -> Iterator[RestartingCluster]:
    if reason := postgresql.why_not():
        pytest.skip(reason)
    cluster = RestartingCluster.start()
    cluster.restart()
    yield cluster
    cluster.stop()


def test_a_database_that_somebody_else_locks_is_waited_for(
    on_sqlite: Installation, sink: Watched
) -> None:
    run_id = opened_run(on_sqlite, AUDIENCE)
    engine = engine_of(on_sqlite)
    engine.dispose()
    # As if the ten seconds of patience had passed.
    event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA busy_timeout=100"))

    with threads_sending(on_sqlite.wiring):
        sink.wait_for(AUDIENCE // 3)
        with closing(sqlite3.connect(str(engine.url.database), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            before = len(sink.journal)
            time.sleep(0.5)
            meanwhile = len(sink.journal) - before
        wait_until(lambda: is_over(on_sqlite, run_id))

    require_kept(evidence_of(on_sqlite, sink, run_id))
    # Each connection has sent one that it could not write down, and its next was on its way.
    assert meanwhile <= 2 * CONNECTIONS


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk") as disk:
        yield disk


def test_a_full_disk_stops_the_sending_until_there_is_room(
    disk: Path, tmp_path: Path, sink: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"sqlite:///{disk / 'ledger.sqlite'}"
    migrate(url)
    ballast = disk / "ballast"
    with installed(url, tmp_path / "house", sink) as house, caplog.at_level(logging.WARNING):
        run_id = opened_run(house, AUDIENCE)
        with threads_sending(house.wiring):
            sink.wait_for(AUDIENCE // 4)
            fill(ballast)
            wait_until(lambda: "full" in caplog.text)
            stopped_at = len(sink.journal)
            time.sleep(0.5)
            meanwhile = len(sink.journal) - stopped_at
            ballast.unlink()
            wait_until(lambda: is_over(house, run_id))

        require_kept(evidence_of(house, sink, run_id), doubled_at_most=CONNECTIONS)
        assert meanwhile <= 2 * CONNECTIONS
        assert integrity(house) == "ok"


def integrity(house: Installation) -> str:
    with engine_of(house).connect() as connection:
        return str(connection.exec_driver_sql("PRAGMA integrity_check").scalar())


def test_a_disk_that_takes_no_more_writes_stops_the_sending_until_it_does(
    on_sqlite: Installation, sink: Watched
) -> None:
    run_id = opened_run(on_sqlite, AUDIENCE)
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]

    with sending(life_in(on_sqlite, TOPTHREE_SMTP_URL=sink.url)) as sender:
        sink.wait_for(AUDIENCE // 4)
        # Every write beyond the first page fails, as it does on a disk that breaks.
        resource.prlimit(sender.pid, resource.RLIMIT_FSIZE, (4096, hard))
        time.sleep(0.2)
        stopped_at = len(sink.journal)
        time.sleep(0.3)
        meanwhile = len(sink.journal) - stopped_at
        resource.prlimit(sender.pid, resource.RLIMIT_FSIZE, (hard, hard))
        wait_until(lambda: is_over(on_sqlite, run_id))
        sender.ask_to_end()
        assert sender.wait() == 0

    require_kept(evidence_of(on_sqlite, sink, run_id), doubled_at_most=CONNECTIONS)
    assert (meanwhile, integrity(on_sqlite)) == (0, "ok")


def test_a_server_that_is_restarted_in_mid_run_costs_nobody_a_message_or_a_second(
    restarting: RestartingCluster, tmp_path: Path, sink: Watched
) -> None:
    url = next(restarting.fresh())
    with installed(url, tmp_path / "house", sink) as house:
        run_id = opened_run(house, AUDIENCE)
        with threads_sending(house.wiring):
            for place, immediately in enumerate((False, True), start=1):
                sink.wait_for(AUDIENCE * place // 5)
                restarting.restart(immediately=immediately)
            wait_until(lambda: is_over(house, run_id))

        require_kept(evidence_of(house, sink, run_id))


def test_connections_that_the_server_ends_at_random_cost_nobody_a_message_or_a_second(
    on_postgresql: Installation, sink: Watched, chance: random.Random
) -> None:
    run_id = opened_run(on_postgresql, AUDIENCE)
    end_some = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND pid % 3 = :which"
    )

    with threads_sending(on_postgresql.wiring):
        for place in range(1, 3):
            sink.wait_for(AUDIENCE * place // 4)
            some_moment(chance, 0.01)
            with engine_of(on_postgresql).connect() as connection:
                connection.execute(end_some, {"which": chance.randrange(3)})
        wait_until(lambda: is_over(on_postgresql, run_id))

    require_kept(evidence_of(on_postgresql, sink, run_id))


def test_a_server_without_connections_to_spare_is_waited_for(
    on_postgresql: Installation, postgresql_url: str, tmp_path: Path, sink: Watched
) -> None:
    with engine_of(on_postgresql).begin() as connection:
        allow_few(connection, "few_connections")
    url = make_url(postgresql_url).set(username="few_connections")
    poor_url = url.render_as_string(hide_password=False)
    run_id = opened_run(on_postgresql, AUDIENCE)

    with installed(poor_url, tmp_path / "poor", sink) as poor, ExitStack() as stack:
        stack.enter_context(threads_sending(poor.wiring, 2))
        sink.wait_for(AUDIENCE // 3)
        with engine_of(on_postgresql).connect() as connection:
            connection.exec_driver_sql(_END_ALL_OF_THE_POOR)
        hogs = take_what_is_left(url, stack)
        time.sleep(0.5)
        for hog in hogs:
            hog.close()
        wait_until(lambda: is_over(on_postgresql, run_id))

    require_kept(evidence_of(on_postgresql, sink, run_id))


_END_ALL_OF_THE_POOR = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'few_connections'"
)


def take_what_is_left(url: URL, stack: ExitStack) -> list[psycopg.Connection]:
    """Hold every connection that the account may have."""
    hogs: list[psycopg.Connection] = []
    conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with suppress(psycopg.OperationalError):
        while True:
            hogs.append(stack.enter_context(closing(psycopg.connect(conninfo))))
    return hogs


def allow_few(connection: Connection, role: str) -> None:
    """Make an account that may have eight connections."""
    for statement in (
        f"DROP ROLE IF EXISTS {role}",
        f"CREATE ROLE {role} LOGIN CONNECTION LIMIT 8",
        f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}",
        f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {role}",
    ):
        connection.exec_driver_sql(statement)


def test_statements_that_the_server_gives_up_are_tried_again(
    on_postgresql: Installation, sink: Watched
) -> None:
    run_id = opened_run(on_postgresql, AUDIENCE)
    engine = engine_of(on_postgresql)
    with engine.begin() as connection:
        name = connection.exec_driver_sql("SELECT current_database()").scalar()
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET statement_timeout = '100ms'")
    engine.dispose()

    with threads_sending(on_postgresql.wiring):
        sink.wait_for(AUDIENCE // 3)
        with engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            connection.exec_driver_sql("LOCK TABLE deliveries IN ACCESS EXCLUSIVE MODE")
            time.sleep(0.5)
        wait_until(lambda: is_over(on_postgresql, run_id))

    require_kept(evidence_of(on_postgresql, sink, run_id))


def test_an_answer_to_a_commit_that_gets_lost_costs_nobody_a_message_or_a_second(
    on_postgresql: Installation, postgresql_url: str, tmp_path: Path, sink: Watched
) -> None:
    run_id = opened_run(on_postgresql, AUDIENCE)
    url = make_url(postgresql_url)
    assert url.port is not None

    with Proxy(url.port) as proxy:
        by_proxy = url.set(port=proxy.port).render_as_string(hide_password=False)
        with installed(by_proxy, tmp_path / "far", sink) as far:
            with threads_sending(far.wiring, 2):
                for place, answer in enumerate((b"COMMIT\0", b"UPDATE 1\0"), start=1):
                    sink.wait_for(AUDIENCE * place // 4)
                    proxy.swallow(answer)
                # What was claimed without anybody knowing is taken back at once, by whoever did.
                wait_until(lambda: is_over(on_postgresql, run_id))
            assert proxy.swallowed == 2

    require_kept(evidence_of(on_postgresql, sink, run_id))
