"""Opening a run for many subscribers, next to a plain INSERT … SELECT of as many rows."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bench.material import SEED, add_teachers, everyday_content, opened_house
from bench.measure import Usage, in_a_process, measured, seconds_for
from bench.report import Report, Row
from bench.task import Task
from topthree.domain.permission import Role
from topthree.services.open_run import send_now

_ROUNDS = 3
_PROBE_EVERY_SECONDS = 0.002
_PLAIN = """
    CREATE TABLE plain (
        run_id INTEGER NOT NULL, subscriber_id INTEGER NOT NULL, status TEXT NOT NULL,
        due_at DATETIME NOT NULL, PRIMARY KEY (run_id, subscriber_id)
    ) WITHOUT ROWID;
    INSERT INTO plain SELECT 1, id, 'queued', created_at FROM subscribers ORDER BY id;
"""


class LockProbe:
    """Asks for the write lock again and again, and knows the longest time it was refused."""

    def __init__(self) -> None:
        self.longest_wait = 0.0
        self._stop = threading.Event()

    @contextmanager
    def watching(self, file: Path) -> Iterator[None]:
        """Watch in a thread while the block runs."""
        thread = threading.Thread(target=self._watch, args=[file], name="lock-probe")
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()

    def _watch(self, file: Path) -> None:
        with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as connection:
            last_free = time.perf_counter()
            while not self._stop.wait(_PROBE_EVERY_SECONDS):
                try:
                    connection.execute("BEGIN IMMEDIATE")
                except sqlite3.OperationalError:
                    continue
                connection.execute("ROLLBACK")
                now = time.perf_counter()
                self.longest_wait = max(self.longest_wait, now - last_free)
                last_free = now


def open_runs(task: Task) -> Report:
    folder = task.folder / "house"
    plain = in_a_process(_prepare, task.n, folder)
    usage, longest_wait = in_a_process(_open_run, task.n, folder)
    figures = {
        "seconds": usage.seconds,
        "lock held": longest_wait,
        "peak MB": usage.peak_mb,
        "× plain": usage.seconds / plain,
    }
    return Report(
        name="audience",
        setting=f"{task.n:,} subscribers, seed {SEED}",
        rows=(
            Row(what="open a run: render, freeze, queue", figures=figures),
            Row(what="plain INSERT … SELECT (reference)", figures={"seconds": plain, "× plain": 1}),
        ),
        notes=("lock held: the longest time for which nobody else could write, in seconds.",),
    )


def _prepare(n: int, folder: Path) -> float:
    """Fill the house and return the seconds of the plain statement."""
    with opened_house(folder) as house:
        add_teachers(house, n)
    with closing(sqlite3.connect(_database(folder))) as connection:
        connection.execute("PRAGMA synchronous=FULL")
        return min(_plain_seconds(connection) for _ in range(_ROUNDS))


def _plain_seconds(connection: sqlite3.Connection) -> float:
    seconds = seconds_for(lambda: connection.executescript(_PLAIN))
    connection.execute("DROP TABLE plain")
    return seconds


def _open_run(n: int, folder: Path) -> tuple[Usage, float]:
    probe = LockProbe()
    with opened_house(folder) as house:
        issue_id = house.schedule_approved_issue(everyday_content())
        publisher = house.add_editor("Sends", Role.PUBLISHER)
        with probe.watching(_database(folder)), measured() as usage:
            send_now(house.wiring, issue_id, publisher)
    if (rows := _queued(folder)) != n:
        raise AssertionError(f"{rows} deliveries are queued.")
    return usage, probe.longest_wait


def _queued(folder: Path) -> int:
    with closing(sqlite3.connect(_database(folder))) as connection:
        (count,) = connection.execute("SELECT count(*) FROM deliveries").fetchone()
        return int(count)


def _database(folder: Path) -> Path:
    return folder / "topthree.sqlite3"
