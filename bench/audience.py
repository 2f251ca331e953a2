"""Opening a run for many subscribers, and how long another writer waits for the lock meanwhile."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from bench.lock_probe import longest_wait_during
from bench.material import SEED, add_teachers, database_of, everyday_content, opened_house
from bench.measure import Usage, in_a_process, measured, seconds_for
from bench.report import Report, Row
from bench.task import Task
from topthree.domain.editors.permission import Role
from topthree.services.sending.open_run import send_now

_LARGE = 1_000_000
_ROUNDS = 3
_PLAIN = """
    CREATE TABLE plain (
        run_id INTEGER NOT NULL, subscriber_id INTEGER NOT NULL, status TEXT NOT NULL,
        due_at DATETIME NOT NULL, PRIMARY KEY (run_id, subscriber_id)
    ) WITHOUT ROWID;
    INSERT INTO plain SELECT 1, id, 'queued', created_at FROM subscribers ORDER BY id;
"""


def open_runs(task: Task) -> Report:
    audiences = (task.n, _LARGE) if task.is_large else (task.n,)
    return Report(
        name="audience",
        setting=f"SQLite synchronous FULL, seed {SEED}",
        rows=tuple(row for audience in audiences for row in _rows(task.folder, audience)),
        notes=(
            "longest wait: of another process that writes a row every 5 milliseconds, in seconds.",
        ),
    )


def _rows(folder: Path, audience: int) -> Iterator[Row]:
    house = folder / str(audience)
    plain = in_a_process(_prepare, audience, house)
    usage, longest_wait = in_a_process(_open_run, audience, house)
    of = {"audience": float(audience)}
    opened = {
        "seconds": usage.seconds,
        "longest wait s": longest_wait,
        "peak MB": usage.peak_mb,
        "× plain": usage.seconds / plain,
    }
    yield Row(what="open a run: render, freeze, queue", figures=of | opened)
    figures = of | {"seconds": plain, "× plain": 1}
    yield Row(what="plain INSERT … SELECT (reference)", figures=figures)


def _prepare(n: int, folder: Path) -> float:
    """Fill the house and return the seconds of the plain statement."""
    with opened_house(folder) as house:
        add_teachers(house, n)
    with closing(sqlite3.connect(database_of(folder))) as connection:
        connection.execute("PRAGMA synchronous=FULL")
        return min(_plain_seconds(connection) for _ in range(_ROUNDS))


def _plain_seconds(connection: sqlite3.Connection) -> float:
    seconds = seconds_for(lambda: connection.executescript(_PLAIN))
    connection.execute("DROP TABLE plain")
    return seconds


def _open_run(n: int, folder: Path) -> tuple[Usage, float]:
    with opened_house(folder) as house:
        issue_id = house.schedule_approved_issue(everyday_content())
        publisher = house.add_editor("Sends", Role.PUBLISHER)
        with longest_wait_during(database_of(folder)) as wait, measured() as usage:
            send_now(house.wiring, issue_id, publisher)
    if (rows := _queued(folder)) != n:
        raise AssertionError(f"{rows} deliveries are queued.")
    return usage, wait.seconds


def _queued(folder: Path) -> int:
    with closing(sqlite3.connect(database_of(folder))) as connection:
        (count,) = connection.execute("SELECT count(*) FROM deliveries").fetchone()
        return int(count)
