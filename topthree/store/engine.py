"""The database: one engine a process, and the two ways to begin a transaction on it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker

Sessions = sessionmaker[Session]

#: Execution option of a transaction that will write; the value is of no concern.
_WRITES = {"topthree_writes": True}
#: Of a connection that begins no transaction at all.
_OUTSIDE = {"topthree_outside": True}
_LOCK_WAIT_SECONDS = 30.0


class DatabaseBusy(Exception):
    """Another transaction of this process has held the database for half a minute."""


def make_engine(url: str) -> Engine:
    """Return an engine for SQLite or PostgreSQL; nothing is opened yet."""
    engine = create_engine(url, **engine_options(url))
    prepare_engine(engine)
    return engine


def engine_options(url: str) -> dict[str, Any]:
    """Return what an engine for this database is made with."""
    # What a statement was given, addresses among it, has no place in an error or a log.
    shared: dict[str, Any] = {"hide_parameters": True}
    if make_url(url).get_backend_name() == "sqlite":
        return shared | {"connect_args": {"timeout": 10, "check_same_thread": False}}
    return shared | {"pool_pre_ping": True}


def prepare_engine(engine: Engine) -> None:
    """Make SQLite durable, true to its foreign keys, and one writer at a time in this process.

    PostgreSQL needs nothing of this.

    A read transaction that turns into a write fails at once with SQLITE_BUSY_SNAPSHOT, whatever
    the busy timeout, so writers say so at the beginning; waiting for each other on a lock costs
    them less than SQLite's own sleeping retries.
    """
    if engine.dialect.name != "sqlite":
        return
    turns = _Turns()
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", turns.begin)
    event.listen(engine, "commit", turns.end)
    event.listen(engine, "rollback", turns.end)


def connect_to_newest(engine: Engine) -> Connection:
    """Return a connection outside of any transaction: each query sees the newest state."""
    if engine.dialect.name == "sqlite":
        return engine.connect().execution_options(**_OUTSIDE)
    return engine.connect().execution_options(isolation_level="AUTOCOMMIT")


def connect_relaxed(engine: Engine) -> Connection:
    """Return a connection whose commits survive this process but wait to be flushed to disk.

    The next ordinary commit on any connection flushes them too: SQLite's log and PostgreSQL's are
    written in order.
    """
    connection = engine.connect()
    # It never goes back to the pool, where others expect their commits to be on disk.
    connection.detach()
    if engine.dialect.name == "sqlite":
        relax = "PRAGMA synchronous=NORMAL"
    else:
        relax = "SET synchronous_commit TO off"
    with connection.execution_options(**_OUTSIDE).begin():
        connection.exec_driver_sql(relax)
    return connection.execution_options(**_WRITES, **dict.fromkeys(_OUTSIDE, False))


class _Turns:
    """Lets the writers of one process go one after the other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def begin(self, connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("topthree_outside"):
            return
        if options.get("topthree_writes"):
            self._begin_writing(connection)
        else:
            connection.exec_driver_sql("BEGIN")

    def end(self, connection: Connection) -> None:
        if connection.info.pop("writing", False):
            self._lock.release()

    def _begin_writing(self, connection: Connection) -> None:
        if not self._lock.acquire(timeout=_LOCK_WAIT_SECONDS):
            raise DatabaseBusy
        connection.info["writing"] = True
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except BaseException:
            self.end(connection)
            raise


def _configure(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def begin_writing(session: Session) -> None:
    """Begin the session's transaction as one that writes; nothing may have been read in it yet."""
    session.connection(execution_options=_WRITES)


@contextmanager
def writing(sessions: Sessions) -> Iterator[Session]:
    """Give a session whose transaction is committed at the end, or rolled back on any error."""
    with sessions() as session:
        begin_writing(session)
        yield session
        session.commit()


@contextmanager
def reading(sessions: Sessions) -> Iterator[Session]:
    """Give a session for reading; whatever it changed is thrown away."""
    with sessions() as session:
        yield session
