"""The database: one engine a process, and the two ways to begin a transaction on it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, cast

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

Sessions = sessionmaker[Session]

#: Execution option of a transaction that will write; the value is of no concern.
_WRITES: dict[str, Any] = {"topthree_writes": True}
#: Where a connection names the turns that its writers take; on PostgreSQL there are none.
_TURNS = "topthree_turns"
_LOCK_WAIT_SECONDS = 30.0
#: What PostgreSQL calls a transaction that may not write.
_READ_ONLY = "25006"


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
    event.listen(engine, "commit", turns.commit)
    event.listen(engine, "rollback", turns.end)


class DriverConnection:
    """A connection as the database's own driver has it, outside of any transaction.

    Each query sees the newest state. Each statement that writes commits by itself, survives this
    process, and waits to reach the disk: the next ordinary commit on any connection flushes it
    too, for SQLite's log and PostgreSQL's are written in order.
    """

    def __init__(self, raw: Any, turn: AbstractContextManager[object]) -> None:  # noqa: ANN401 - of either driver
        #: The drivers have only their manner in common (PEP 249).
        self._raw = raw
        #: What the writers of this process hold, so that they go one after the other.
        self._turn = turn
        self._lock = threading.Lock()
        self._users = 1

    def ask(self, statement: str, values: Any) -> Any:  # noqa: ANN401 - as the driver has it
        """Return the row that the statement finds."""
        with self._lock:
            return self._raw.execute(statement, values).fetchone()

    def change(self, statement: str, values: Any) -> int:  # noqa: ANN401 - as above
        """Return how many rows the statement has changed."""
        with self._turn, self._lock:
            return cast("int", self._raw.execute(statement, values).rowcount)

    def join(self) -> bool:
        """Become one more who uses it and closes it; tell whether it is still open."""
        with self._lock:
            if not self._users:
                return False
            self._users += 1
            return True

    def close(self) -> None:
        """Let go of it; the last one who does closes it."""
        with self._lock:
            self._users -= 1
            if not self._users:
                self._raw.close()


def connect_relaxed(engine: Engine) -> DriverConnection:
    """Return a driver's connection, which the caller closes.

    With SQLite all senders of a process share one: each commit on another connection makes a
    connection forget what it has read of the database.
    """
    borrowed = engine.raw_connection()
    turns: _Turns | None = borrowed.info.get(_TURNS)
    if turns is not None:
        return turns.shared(borrowed)
    raw = _detached(borrowed)
    raw.autocommit = True
    return _relaxed(raw, "SET synchronous_commit TO off", nullcontext())


def _detached(borrowed: PoolProxiedConnection) -> Any:  # noqa: ANN401 - of either driver
    """Return the driver's connection, which goes back to no pool: others flush their commits."""
    raw: Any = borrowed.driver_connection
    borrowed.detach()
    return raw


def _relaxed(raw: Any, relax: str, turn: AbstractContextManager[object]) -> DriverConnection:  # noqa: ANN401 - as above
    try:
        raw.execute(relax)
    except BaseException:
        raw.close()
        raise
    return DriverConnection(raw, turn)


class _Turns:
    """Lets the writers of one process go one after the other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sharing = threading.Lock()
        self._shared: DriverConnection | None = None

    def shared(self, borrowed: PoolProxiedConnection) -> DriverConnection:
        """Return the one relaxed connection of this process, made of this one if there is none."""
        with self._sharing:
            if self._shared is not None and self._shared.join():
                borrowed.close()
            else:
                relax = "PRAGMA synchronous=NORMAL"
                self._shared = _relaxed(_detached(borrowed), relax, self._lock)
            return self._shared

    def configure(self, connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        record.info[_TURNS] = self

    def begin(self, connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("topthree_writes"):
            self._begin_writing(connection)
        else:
            connection.exec_driver_sql("BEGIN")

    def commit(self, connection: Connection) -> None:
        """Write it to the disk before the next one's turn begins; SQLAlchemy tells us too early."""
        try:
            if connection.info.get("writing"):
                connection.exec_driver_sql("COMMIT")
        finally:
            self.end(connection)

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


def is_away(error: Exception) -> bool:
    """Tell whether the database does not answer or takes nothing now, and may do so later.

    It is not to be reached, locked, full, or takes no writes: a standby, or one whose disk failed.
    """
    if isinstance(error, (OperationalError, InterfaceError, NoConnectionLeft, DatabaseBusy)):
        return True
    return isinstance(error, DBAPIError) and _sqlstate(error) == _READ_ONLY


def is_contention(error: DBAPIError) -> bool:
    """Tell whether another transaction was first, and the same may be tried again."""
    return _sqlstate(error) in {"40001", "40P01"}


def _sqlstate(error: DBAPIError) -> str:
    """Return PostgreSQL's code of the error; SQLite has none."""
    return getattr(error.orig, "sqlstate", None) or ""


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
