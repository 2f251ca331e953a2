"""Copies of a whole database in one file: made while it is in use, and looked at before use."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL, Engine, create_engine, inspect
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from topthree.domain.refusal import Refusal
from topthree.store.generation import GenerationRow, count_unfinished_runs, mark_as_copy

_LOCK_WAIT_SECONDS = 30.0
_NO_TOOLS = (
    "“{tool}” is not installed on this machine. Install PostgreSQL's client tools, on Debian"
    " “apt-get install postgresql-client”, in the server's version or a newer one. Or run {tool}"
    " where the server is; docs/backup.md has the words."
)


def copy_sqlite(engine: Engine, to: Path) -> None:
    """Write the SQLite database, as it is at this moment, into an empty file.

    The file is one snapshot however much is written meanwhile, and writers do not wait for it.
    SQLite's page-by-page copy would be that too, and faster, but takes along what was deleted and
    not overwritten yet: addresses of people who asked to be erased.
    """
    database = sqlite_file(engine)
    if not database.is_file():
        raise Refusal(f"There is no database at {database} yet.")
    with closing(sqlite3.connect(database, timeout=_LOCK_WAIT_SECONDS)) as connection:
        connection.execute("VACUUM INTO ?", (str(to),))


def mark_sqlite_copy(file: Path, made_at: datetime | None) -> tuple[datetime | None, int]:
    """Let whoever starts on this copy know what it is; return when it was made and its open runs.

    :raises Refusal: if it is no whole database of ours.
    """
    engine = create_engine(URL.create("sqlite", database=str(file)), hide_parameters=True)
    try:
        _require_whole(engine)
        with Session(engine) as session:
            # One file: a log beside it would not travel along.
            session.connection().exec_driver_sql("PRAGMA journal_mode=DELETE")
            marked = mark_as_copy(session, made_at), count_unfinished_runs(session)
            session.commit()
    except DatabaseError as error:
        raise Refusal(f"The copy is no database of topthree, or damaged: {error.orig}") from error
    else:
        return marked
    finally:
        engine.dispose()


def _require_whole(engine: Engine) -> None:
    with engine.connect() as connection:
        found = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()
    if found != "ok":
        raise Refusal(f"The copy is damaged: {found}")
    if not inspect(engine).has_table(GenerationRow.__tablename__):
        raise Refusal("The copy is no database of topthree.")


def sqlite_file(engine: Engine) -> Path:
    """Return where the engine's SQLite database lies.

    :raises Refusal: if it lies in memory.
    """
    if not engine.url.database or engine.url.database == ":memory:":
        raise Refusal("This database lives in memory alone; there is nothing to copy.")
    return Path(engine.url.database)


def dump_postgresql(engine: Engine, to: Path) -> None:
    """Write the PostgreSQL database into a file for “pg_restore”, without its mark of age.

    So that wherever it is restored, and by whatever means, it is known for a copy.

    :raises Refusal: if there is no “pg_dump”, or it fails; in its own words.
    """
    _run(
        engine,
        "pg_dump",
        "--format=custom",
        "--no-owner",
        "--no-privileges",
        f"--exclude-table-data={GenerationRow.__tablename__}",
        f"--file={to}",
    )


def load_postgresql(engine: Engine, dump: Path) -> None:
    """Fill the empty PostgreSQL database from a dump: all of it or nothing.

    :raises Refusal: as :func:`dump_postgresql`.
    """
    options = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
    _run(engine, "pg_restore", *options, str(dump))


def _run(engine: Engine, tool: str, *arguments: str) -> None:
    program = shutil.which(tool)
    if program is None:
        raise Refusal(_NO_TOOLS.format(tool=tool))
    password = str(engine.url.password or "")
    # Without the password, which every account of the machine could read off the command line.
    address = engine.url.set(drivername="postgresql", password=None).render_as_string()
    environment = os.environ | ({"PGPASSWORD": password} if password else {})
    ended = subprocess.run(  # noqa: S603 - no shell, and a program found by its name
        [program, f"--dbname={address}", *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if ended.returncode:
        raise Refusal(f"“{tool}” failed: {ended.stderr.strip() or ended.returncode}")
