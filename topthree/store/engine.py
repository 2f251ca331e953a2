"""The database: one engine a process, and the two ways to begin a transaction on it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

Sessions = sessionmaker[Session]

#: Execution option of a transaction that will write; the value is of no concern.
_WRITES: dict[str, Any] = {"topthree_writes": True}
#: Where a connection keeps the turn that its writers take; PostgreSQL has none.
_TURN = "topthree_turn"
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
    event.listen(engine, "connect", turns.configure)
    event.listen(engine, "begin", turns.begin)
    event.listen(engine, "commit", turns.end)
    event.listen(engine, "rollback", turns.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverConnection:
    """A connection as the database's own driver has it, outside of any transaction.

    Each query sees the newest state, and each statement that writes commits by itself.
    """

    #: Of either driver, which have only their manner in common (PEP 249).
    raw: Any
    #: What a writer holds, so that the writers of this process take turns.
    turn: AbstractContextManager[object]


def connect_relaxed(engine: Engine) -> DriverConnection:
    """Open a connection whose commits survive this process but wait to reach the disk.

    The next ordinary commit on any connection flushes them too: SQLite's log and PostgreSQL's are
    written in order. The caller closes it.
    """
    borrowed = engine.raw_connection()
    turn = borrowed.info.get(_TURN, nullcontext())
    raw: Any = borrowed.driver_connection
    # It never goes back to the pool, where others expect their commits to be on disk.
    borrowed.detach()
    try:
        if engine.dialect.name == "postgresql":
            raw.autocommit = True
            raw.execute("SET synchronous_commit TO off")
        else:
            raw.execute("PRAGMA synchronous=NORMAL")
    except BaseException:
        raw.close()
        raise
    return DriverConnection(raw=raw, turn=turn)


class _Turns:
    """Lets the writers of one process go one after the other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def configure(self, connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        record.info[_TURN] = self._lock

    def begin(self, connection: Connection) -> None:
        options = connection.get_execution_options()
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


def begin_writing(session: Session) -> None:
    """Begin the session's transaction as one that writes; nothing may have been read in it yet."""
    session.connection(execution_options=_WRITES)


@contextmanager
def writing_on_a_snapshot(sessions: Sessions) -> Iterator[Session]:
    """Give a session for writing in which every query sees the state of one moment.

    On PostgreSQL whoever comes second is refused; see :func:`is_contention`.
    """
    with sessions() as session:
        options = dict(_WRITES)
        if session.get_bind().dialect.name == "postgresql":
            options["isolation_level"] = "REPEATABLE READ"
        session.connection(execution_options=options)
        yield session
        session.commit()


def is_contention(error: DBAPIError) -> bool:
    """Tell whether another transaction was first, and the same may be tried again."""
    return getattr(error.orig, "sqlstate", None) in {"40001", "40P01"}


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


def is_postgresql(session: Session) -> bool:
    """Tell which of the two databases the session talks to."""
    return session.get_bind().dialect.name == "postgresql"
