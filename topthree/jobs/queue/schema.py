"""The queue's tables: in a schema of their own, brought to the shape that Procrastinate needs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from procrastinate.schema import SchemaManager
from psycopg import Connection
from psycopg.sql import SQL, Identifier
from sqlalchemy import Engine

#: Apart from our own tables, so that neither side's migrations see the other's.
SCHEMA = "procrastinate"
#: Any number that nothing else locks: two upgrades at once take turns.
_UPGRADING = 7_203_101


def upgrade_queue(engine: Engine) -> None:
    """Run the steps that the queue's tables lack, each in its own transaction; none is a no-op.

    A new database runs them all, so that there is one way to its shape. Procrastinate keeps no
    record of what was run, so we do.
    """
    with _connection(engine) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [_UPGRADING])
        connection.execute(SQL("CREATE SCHEMA IF NOT EXISTS {}").format(Identifier(SCHEMA)))
        connection.execute("CREATE TABLE IF NOT EXISTS steps (name text PRIMARY KEY)")
        for step in _missing(connection):
            with connection.transaction():
                # Without parameters, a text of many statements is run as it is.
                connection.execute(step.read_bytes())
                connection.execute("INSERT INTO steps VALUES (%s)", [step.stem])


def is_queue_current(engine: Engine) -> bool:
    """Tell whether the queue's tables have every step."""
    with _connection(engine) as connection:
        found = connection.execute("SELECT to_regclass(%s)", [f"{SCHEMA}.steps"]).fetchone()
        is_there = found is not None and found[0] is not None
        return is_there and not _missing(connection)


@contextmanager
def _connection(engine: Engine) -> Iterator[Connection]:
    """Give a connection without a transaction, that sees nothing but the queue's tables.

    It never goes back to the pool; closing it frees the lock.
    """
    with engine.connect() as pooled:
        connection = pooled.connection.driver_connection
        if not isinstance(connection, Connection):
            raise TypeError(type(connection))
        pooled.detach()
        connection.autocommit = True
        connection.execute(SQL("SET search_path TO {}").format(Identifier(SCHEMA)))
        yield connection


def _missing(connection: Connection) -> list[Path]:
    known = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
    run = {name for (name,) in connection.execute("SELECT name FROM steps")}
    return [step for step in known if step.stem not in run]
