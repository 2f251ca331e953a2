"""Backing the database up while everything goes on."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkstemp

from sqlalchemy.orm import Session

from topthree.domain.audit.act import Act
from topthree.domain.audit.entry import TERMINAL, Entry, Thing, ThingKind
from topthree.domain.refusal import Refusal
from topthree.services.audit.log import record
from topthree.services.installation.premises import Premises
from topthree.store.backup import copy_sqlite, dump_postgresql, mark_sqlite_copy, sqlite_file
from topthree.store.engine import begin_writing
from topthree.store.generation import count_unfinished_runs
from topthree.store.migration import is_current


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A whole copy of the database, on disk."""

    path: Path
    size: int
    #: The copy knows everything until then.
    made_at: datetime
    #: How many runs had letters left to send.
    unfinished_runs: int


def back_up(premises: Premises, path: Path, *, replace: bool) -> Backup:
    """Write a copy of the database to this file, or under a name of its own into this folder.

    The file appears when it is whole, checked and on the disk, readable by this account alone.

    :param replace: whether a file that is there may be replaced.
    :raises Refusal: if that cannot be done; nothing is left behind then.
    """
    made_at = premises.clock()
    is_sqlite = premises.engine.dialect.name == "sqlite"
    if path.is_dir():
        ending = "sqlite3" if is_sqlite else "dump"
        path /= f"topthree-{made_at.astimezone(UTC):%Y-%m-%dT%H%M%SZ}.{ending}"
    if path.exists() and not replace:
        message = f"{path} is there already. Choose another name, or replace it with --replace."
        raise Refusal(message)
    with appearing_whole(path) as unfinished:
        if is_sqlite:
            _require_room(sqlite_file(premises.engine), path.parent)
            copy_sqlite(premises.engine, unfinished)
            _, runs = mark_sqlite_copy(unfinished, made_at)
        else:
            dump_postgresql(premises.engine, unfinished)
            with Session(premises.engine) as session:
                runs = count_unfinished_runs(session)
    _record(premises, path)
    return Backup(path=path, size=path.stat().st_size, made_at=made_at, unfinished_runs=runs)


def _record(premises: Premises, path: Path) -> None:
    """Write down that there is one more copy of everybody's address."""
    if not is_current(premises.engine):
        return
    about = Thing(kind=ThingKind.DATABASE, label=path.name)
    entry = Entry(who=TERMINAL, act=Act.DATABASE_BACKED_UP, about=about)
    with Session(premises.engine) as session:
        begin_writing(session)
        record(session, entry, premises.clock())
        session.commit()


@contextmanager
def appearing_whole(path: Path) -> Iterator[Path]:
    """Give an empty private file beside the path, which takes its name at the end of the block."""
    try:
        handle, name = mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise Refusal(f"{path.parent} cannot be written to: {error.strerror}.") from error
    os.close(handle)
    unfinished = Path(name)
    try:
        yield unfinished
        flush(unfinished)
        unfinished.replace(path)
        flush(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def flush(path: Path) -> None:
    """Have what was written to this file, or the names in this folder, on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _require_room(database: Path, folder: Path) -> None:
    needed = database.stat().st_size if database.is_file() else 0
    free = shutil.disk_usage(folder).free
    if free < needed:
        message = (
            f"{folder} has {free // 10**6:,} MB left and the copy may need {needed // 10**6:,}."
            " Choose another place, or make room."
        )
        raise Refusal(message)
