"""Fresh databases for the tests: each is a copy of one that was migrated once."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Protocol

import pytest

from topthree.store.engine import make_engine
from topthree.store.migration import upgrade

#: For journeys, which run on SQLite alone otherwise.
on_both_databases = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


class Databases(Protocol):
    """Where a test gets a database of its own."""

    def fresh(self) -> Iterator[str]:
        """Yield the URL of an empty, migrated database, and take it away afterwards."""
        ...


class SqliteDatabases:
    """SQLite files in one folder, copied from a migrated one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template = folder / "template.sqlite"
        self._numbers = count(1)
        migrate(_url(self._template))
        with closing(sqlite3.connect(self._template)) as connection:
            # A copy takes the file alone, so nothing may be left in its log.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def fresh(self) -> Iterator[str]:
        path = self._folder / f"test-{next(self._numbers)}.sqlite"
        shutil.copyfile(self._template, path)
        yield _url(path)
        for file in self._folder.glob(f"{path.name}*"):
            file.unlink()


def migrate(url: str) -> None:
    """Bring the database at the URL to the newest shape, and let go of it."""
    engine = make_engine(url)
    upgrade(engine)
    engine.dispose()


def _url(path: Path) -> str:
    return f"sqlite:///{path}"
