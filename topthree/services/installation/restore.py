"""Putting a backup in the database's place, so that nothing is sent twice because of it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from topthree.domain.refusal import Conflict, Refusal
from topthree.services.installation.back_up import appearing_whole
from topthree.services.installation.premises import Premises
from topthree.services.installation.sending_lock import nobody_sends
from topthree.store.backup import load_postgresql, mark_sqlite_copy, sqlite_file
from topthree.store.copying import refuse_if_tables
from topthree.store.engine import begin_writing
from topthree.store.generation import count_unfinished_runs, mark_as_copy

_BESIDE = ("", "-wal", "-shm")
_SQLITE_BEGINS = b"SQLite format 3\x00"
_DUMP_BEGINS = b"PGDMP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A backup that is the database now."""

    #: None if nobody knows.
    made_at: datetime | None
    #: Where what was there before is kept; None if nothing was.
    put_aside: Path | None
    unfinished_runs: int


def restore(premises: Premises, path: Path) -> Restored:
    """Make this backup the database, marked, so that the next start pauses what may have gone.

    :raises Refusal: if something uses the database, or the file is no backup of its kind, or
        damaged; nothing has changed then.
    """
    with path.open("rb") as file:
        begins = file.read(len(_SQLITE_BEGINS))
    is_sqlite = premises.engine.dialect.name == "sqlite"
    if not begins.startswith(_SQLITE_BEGINS if is_sqlite else _DUMP_BEGINS):
        kind = (
            "SQLite database" if is_sqlite else "dump made by “topthree db backup” or pg_dump -Fc"
        )
        raise Refusal(f"{path} is no {kind}, which is what TOPTHREE_DATABASE_URL needs.")
    with nobody_sends(premises.instance):
        return _restore_file(premises, path) if is_sqlite else _restore_dump(premises, path)


def mark_restored(premises: Premises) -> None:
    """Let the next start take the database for a copy, whatever put it there.

    :raises Conflict: if something sends.
    """
    with nobody_sends(premises.instance), Session(premises.engine) as session:
        begin_writing(session)
        mark_as_copy(session, None)
        session.commit()


def _restore_file(premises: Premises, path: Path) -> Restored:
    database = sqlite_file(premises.engine)
    premises.engine.dispose()
    with appearing_whole(database) as unfinished:
        shutil.copyfile(path, unfinished)
        made_at, runs = mark_sqlite_copy(unfinished, None)
        put_aside = _put_aside(database, premises.clock())
    return Restored(made_at=made_at, put_aside=put_aside, unfinished_runs=runs)


def _put_aside(database: Path, now: datetime) -> Path | None:
    if not database.exists():
        return None
    _close_log(database)
    aside = database.with_name(f"{database.name}.before-{now.astimezone(UTC):%Y-%m-%dT%H%M%SZ}")
    for ending in _BESIDE:
        file = Path(f"{database}{ending}")
        if file.exists():
            file.rename(f"{aside}{ending}")
    return aside


def _close_log(database: Path) -> None:
    """Bring the old database into one file, which works only while nobody has it open.

    :raises Conflict: if somebody has.
    """
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(database, timeout=1)) as old:
        try:
            old.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                message = f"Something has {database} open. Stop it first; nothing was changed."
                raise Conflict(message) from error
        # One that is damaged is put aside as it is: that may be why a backup is needed.


def _restore_dump(premises: Premises, path: Path) -> Restored:
    refuse_if_tables(premises.engine)
    load_postgresql(premises.engine, path)
    with Session(premises.engine) as session:
        made_at = mark_as_copy(session, None)
        runs = count_unfinished_runs(session)
        session.commit()
    return Restored(made_at=made_at, put_aside=None, unfinished_runs=runs)
