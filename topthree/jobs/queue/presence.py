"""How workers know of each other: who lives holds a lock in the database."""

from __future__ import annotations

import hashlib
import logging

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

_log = logging.getLogger(__name__)

#: A machine that lost its power is noticed by the database after half a minute; a process that is
#: only frozen still has a system that answers for it, and keeps its lock.
_NOTICE_LOST_MACHINES = (
    "SET tcp_keepalives_idle = 10",
    "SET tcp_keepalives_interval = 5",
    "SET tcp_keepalives_count = 4",
)


class Presence:
    """This worker's lock. It is the database's, so a killed process has lost it within a moment."""

    def __init__(self, engine: Engine, worker: str) -> None:
        self._engine = engine
        self._lock = {"lock": _number(worker)}
        self._connection: Connection | None = None

    def take(self) -> bool:
        """Take the lock, or see that it is still held; tell whether it is."""
        try:
            return self._is_held() or self._take_anew()
        except DBAPIError as error:
            _log.warning("the other workers cannot be told that this one lives: %s", error.orig)
            self.drop()
            return False

    def drop(self) -> None:
        """Let go of the lock."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()

    def _is_held(self) -> bool:
        if self._connection is None:
            return False
        self._connection.execute(text("SELECT 1"))
        return True

    def _take_anew(self) -> bool:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._connection = connection
        for setting in _NOTICE_LOST_MACHINES:
            connection.execute(text(setting))
        taken = connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), self._lock)
        if taken.scalar_one():
            return True
        self.drop()
        return False


def is_gone(session: Session, worker: str) -> bool:
    """Tell whether the worker of this name has ended: nobody holds its lock."""
    # A shared lock, so that two who look at the same moment do not take each other for the worker.
    free = text("SELECT pg_try_advisory_xact_lock_shared(:lock)")
    return bool(session.execute(free, {"lock": _number(worker)}).scalar_one())


def count_workers(session: Session) -> int:
    """Count the workers that were heard of just now."""
    heard_of = text(
        "SELECT count(*) FROM procrastinate.procrastinate_workers"
        " WHERE last_heartbeat > now() - interval '10 seconds'"
    )
    return int(session.execute(heard_of).scalar_one())


def _number(worker: str) -> int:
    """Return the number of this worker's lock."""
    digest = hashlib.sha256(f"topthree worker {worker}".encode()).digest()
    return int.from_bytes(digest[:8], signed=True)
