"""Somebody else who writes to the database all the time, and knows the longest wait for it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

_EVERY_SECONDS = 0.005
_ASK_AGAIN_SECONDS = 0.0005


@dataclass(slots=True, kw_only=True)
class Wait:
    """The longest wait for the write lock; known when the block has ended."""

    seconds: float = 0.0


@contextmanager
def longest_wait_during(database: Path) -> Iterator[Wait]:
    """Write a tiny row every few milliseconds, from another process, while the block runs."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_write, args=[database, theirs], name="lock-probe")
    process.start()
    # The other end is the child's alone, so that its death is seen here.
    theirs.close()
    ours.recv()
    wait = Wait()
    try:
        yield wait
    finally:
        ours.send(None)
        wait.seconds = ours.recv()
        process.join()


def _write(database: Path, pipe: Connection) -> None:
    # Asking again itself, for SQLite's own patience sleeps up to a tenth of a second in between.
    with closing(sqlite3.connect(database, timeout=0, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE lock_probe (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)")
        connection.execute("INSERT INTO lock_probe VALUES (1, 0)")
        pipe.send(None)
        longest = 0.0
        while not pipe.poll(_EVERY_SECONDS):
            longest = max(longest, _write_once(connection))
        connection.execute("DROP TABLE lock_probe")
    pipe.send(longest)


def _write_once(connection: sqlite3.Connection) -> float:
    """Write the row and return how long the lock was refused."""
    began = time.perf_counter()
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            time.sleep(_ASK_AGAIN_SECONDS)
        else:
            break
    waited = time.perf_counter() - began
    connection.execute("UPDATE lock_probe SET n = n + 1")
    connection.execute("COMMIT")
    return waited
