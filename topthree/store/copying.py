"""Copying everything from one database to another of either kind, and comparing the two."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    LargeBinary,
    Row,
    Table,
    delete,
    func,
    insert,
    inspect,
    select,
)
from sqlalchemy import text as sql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from topthree.domain.refusal import Refusal
from topthree.store.engine import begin_writing
from topthree.store.migration import is_current, upgrade
from topthree.store.sending.deliveries import ClaimRow
from topthree.store.tables import metadata

#: Rows of a table that are in hand at the same time.
_CHUNK = 2_000
#: The same of tables whose rows have megabytes.
_LARGE_CHUNK = 20
#: What the first migration puts there, and the copy brings its own of.
_MADE_WITH_THE_TABLES = frozenset({"installation", "generation", "audit_head"})
_DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedTable:
    """One table, whose rows are the same on both sides."""

    name: str
    rows: int


@dataclass(slots=True)
class _Tally:
    """The number of rows of a table, and a sum over all that stands in them, in any order."""

    rows: int = 0
    total: int = 0

    def add(self, row: Row[Any]) -> None:
        digest = hashlib.blake2b(repr(tuple(row)).encode(), digest_size=_DIGEST_BYTES).digest()
        self.rows += 1
        # A sum, unlike an exclusive or, sees a row that is there twice.
        self.total = (self.total + int.from_bytes(digest)) % (1 << (8 * _DIGEST_BYTES))


def prepare_target(target: Engine) -> None:
    """Make the tables in a database that has none; look whether there is room for a copy.

    :raises Refusal: if anything of ours is in it, or its tables are of another version.
    """
    names = set(inspect(target).get_table_names())
    if not names & {"alembic_version", *metadata.tables}:
        upgrade(target)
    if not is_current(target):
        raise Refusal(
            "The tables there are of another version of topthree. Name an empty database."
        )
    with target.connect() as connection:
        full = [table.name for table in _ours() if _has_rows(connection, table)]
    if full:
        message = (
            f"There is something in it already: {', '.join(full)}. Name an empty database;"
            " nothing was changed."
        )
        raise Refusal(message)


def refuse_if_tables(engine: Engine) -> None:
    """Look whether the database has any table yet.

    :raises Refusal: if it has.
    """
    if inspect(engine).get_table_names():
        raise Refusal(
            "The database is not empty. Make a new one and name it in TOPTHREE_DATABASE_URL."
        )


def count_rows(source: Engine) -> int:
    """Return how many rows there are to copy."""
    with source.connect() as connection:
        counts = [
            connection.scalar(select(func.count()).select_from(table)) or 0
            for table in metadata.sorted_tables
        ]
    return sum(counts)


def has_living_claims(session: Session, now: datetime) -> bool:
    """Tell whether some worker, here or on another machine, is sending."""
    living = select(ClaimRow.id).where(ClaimRow.lease_until > now)
    return session.scalars(living.limit(1)).first() is not None


def copy_everything(
    source: Engine, target: Engine, progress: Callable[[int], None]
) -> tuple[CopiedTable, ...]:
    """Copy every table in one transaction, in which nobody can write to the source.

    Both sides are read through the types of the tables and compared row for row, by number and
    by content, before the copy counts.

    :param progress: is told of each number of rows copied.
    :raises Refusal: if the two are not the same in the end, or a row does not fit; the target is
        then as it was.
    """
    with _held_still(source) as old, Session(target) as session:
        begin_writing(session)
        new = session.connection()
        for name in _MADE_WITH_THE_TABLES:
            new.execute(delete(metadata.tables[name]))
        copied = tuple(_copy(old, new, table, progress) for table in metadata.sorted_tables)
        _number_on(new)
        session.commit()
    return copied


@contextmanager
def _held_still(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one state of the database, which nobody can change meanwhile."""
    with Session(engine) as session:
        if engine.dialect.name == "postgresql":
            options = {"isolation_level": "REPEATABLE READ"}
            connection = session.connection(execution_options=options)
            quote = connection.dialect.identifier_preparer.quote
            names = ", ".join(quote(table.name) for table in metadata.sorted_tables)
            connection.execute(sql(f"LOCK TABLE {names} IN SHARE MODE"))
        else:
            begin_writing(session)
            connection = session.connection()
        yield connection


def _copy(
    old: Connection, new: Connection, table: Table, progress: Callable[[int], None]
) -> CopiedTable:
    before, after = _Tally(), _Tally()
    write = _write_by_copy if new.dialect.name == "postgresql" else _write_by_insert
    try:
        for rows in _chunks(old, table):
            for row in rows:
                before.add(row)
            write(new, table, rows)
            progress(len(rows))
    except (DBAPIError, new.dialect.loaded_dbapi.Error) as error:
        reason = error.orig if isinstance(error, DBAPIError) else error
        message = f"A row of “{table.name}” does not fit there: {reason}. Nothing was kept of it."
        raise Refusal(message) from error
    for rows in _chunks(new, table):
        for row in rows:
            after.add(row)
    if before != after:
        message = (
            f"The copy of “{table.name}” is not the same: {before.rows:,} rows there,"
            f" {after.rows:,} here, or other content. Nothing was kept of it."
        )
        raise Refusal(message)
    return CopiedTable(name=table.name, rows=after.rows)


def _chunks(connection: Connection, table: Table) -> Iterator[Sequence[Row[Any]]]:
    """Yield the rows as they come from the database, and never all of them at once."""
    with connection.execute(
        select(table), execution_options={"yield_per": _chunk_of(table), "stream_results": True}
    ) as result:
        yield from result.partitions()


def _chunk_of(table: Table) -> int:
    is_large = any(
        isinstance(column.type, LargeBinary) and column.type.length is None
        for column in table.columns
    )
    return _LARGE_CHUNK if is_large else _CHUNK


def _write_by_insert(connection: Connection, table: Table, rows: Sequence[Row[Any]]) -> None:
    connection.execute(insert(table), [dict(row._mapping) for row in rows])  # noqa: SLF001 - public


def _write_by_copy(connection: Connection, table: Table, rows: Sequence[Row[Any]]) -> None:
    """Write the rows by PostgreSQL's COPY, several times as fast as by INSERT."""
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(quote(column.name) for column in table.columns)
    into_database = [
        column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
        for column in table.columns
    ]
    driver: Any = connection.connection.driver_connection
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {quote(table.name)} ({columns}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(
                [
                    value if convert is None else convert(value)
                    for value, convert in zip(row, into_database, strict=True)
                ]
            )


def _number_on(connection: Connection) -> None:
    """Let PostgreSQL number new rows from where the copied ones end; SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            last = select(func.max(column)).scalar_subquery()
            number = func.setval(sequence, func.coalesce(last, 1), last.is_not(None))
            connection.execute(select(number))


def _ours() -> Iterator[Table]:
    return (table for table in metadata.sorted_tables if table.name not in _MADE_WITH_THE_TABLES)


def _has_rows(connection: Connection, table: Table) -> bool:
    return connection.execute(select(table).limit(1)).first() is not None
