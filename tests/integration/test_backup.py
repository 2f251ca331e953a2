"""Backups: whole, private, made while everything goes on, and known for copies when restored."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tests.support.databases import Databases
from tests.support.installation import Installation, dismantle, install
from tests.support.publishing import publish
from topthree.domain.refusal import Refusal
from topthree.services.installation.back_up import back_up
from topthree.services.installation.restore import restore
from topthree.services.installation.sending_lock import LOCK_FILE, nobody_sends
from topthree.store.engine import make_engine
from topthree.store.generation import read_mark

ADDRESSES = tuple(f"teacher-{number}@school.example" for number in range(1, 41))


@pytest.fixture
def house(sqlite_databases: Databases, tmp_path: Path) -> Iterator[Installation]:
    """An installation on SQLite with subscribers."""
    for url in sqlite_databases.fresh():
        house = install(tmp_path / "instance", url)
        house.add_subscribers(*ADDRESSES)
        yield house
        dismantle(house)


@pytest.fixture
def shared_house(postgresql_databases: Databases, tmp_path: Path) -> Iterator[Installation]:
    """An installation on PostgreSQL with subscribers."""
    for url in postgresql_databases.fresh():
        house = install(tmp_path / "instance", url)
        house.add_subscribers(*ADDRESSES)
        yield house
        dismantle(house)


def subscribed(house: Installation) -> int:
    with engine_of(house).connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM subscribers")).scalar_one())


def engine_of(house: Installation) -> Engine:
    return house.premises().engine


def test_a_backup_is_one_file_for_this_account_alone_with_everything_in_it(
    house: Installation, tmp_path: Path
) -> None:
    publish(house)

    backup = back_up(house.premises(), tmp_path / "copy.sqlite3", replace=False)

    assert stat.S_IMODE(backup.path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.glob("*copy*")] == ["copy.sqlite3"]
    assert (backup.made_at, backup.unfinished_runs) == (house.clock(), 0)
    with closing(sqlite3.connect(backup.path)) as copy:
        assert copy.execute("SELECT count(*) FROM deliveries").fetchone() == (len(ADDRESSES),)


def test_a_backup_made_under_constant_writing_is_one_moment_of_it(
    house: Installation, tmp_path: Path
) -> None:
    # Each transaction adds one row to each of two tables, so in every moment they hold as many.
    with engine_of(house).begin() as connection:
        for name in "ab":
            connection.execute(text(f"CREATE TABLE moment_{name} (n INTEGER, filler BLOB)"))
    enough = threading.Event()
    written = 0

    def write() -> None:
        nonlocal written
        while not enough.is_set():
            with house.wiring.writing() as session:
                session.execute(text("INSERT INTO moment_a VALUES (1, zeroblob(999))"))
                session.execute(text("INSERT INTO moment_b VALUES (1, zeroblob(999))"))
            written += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        counts = [_moment(house, tmp_path / f"{number}.sqlite3") for number in range(5)]
    finally:
        enough.set()
        writer.join()

    assert all(first == second for first, second in counts)
    assert counts[0][0] < counts[-1][0] <= written


def _moment(house: Installation, path: Path) -> tuple[int, int]:
    back_up(house.premises(), path, replace=False)
    query = "SELECT (SELECT count(*) FROM moment_a), (SELECT count(*) FROM moment_b)"
    with closing(sqlite3.connect(path)) as copy:
        first, second = copy.execute(query).fetchone()
    return first, second


def test_a_backup_into_a_folder_gets_the_time_for_a_name(
    house: Installation, tmp_path: Path
) -> None:
    backup = back_up(house.premises(), tmp_path, replace=False)

    assert backup.path == tmp_path / "topthree-2026-11-23T150000Z.sqlite3"


def test_a_file_that_is_there_is_replaced_only_when_asked(
    house: Installation, tmp_path: Path
) -> None:
    path = tmp_path / "copy.sqlite3"
    path.write_text("an older one")

    with pytest.raises(Refusal, match="there already"):
        back_up(house.premises(), path, replace=False)
    kept = path.read_text()
    back_up(house.premises(), path, replace=True)

    assert kept == "an older one"
    assert path.read_bytes().startswith(b"SQLite format 3")


def test_what_somebody_had_deleted_is_not_in_a_backup(house: Installation, tmp_path: Path) -> None:
    with engine_of(house).begin() as connection:
        connection.execute(text("CREATE TABLE erased (words TEXT)"))
        connection.execute(text("INSERT INTO erased VALUES ('an-address-long-gone')"))
    with engine_of(house).begin() as connection:
        connection.execute(text("DELETE FROM erased"))
        connection.execute(text("DROP TABLE erased"))

    backup = back_up(house.premises(), tmp_path / "copy.sqlite3", replace=False)

    assert b"an-address-long-gone" not in backup.path.read_bytes()


def test_a_restored_backup_stands_in_place_of_a_database_that_is_kept(
    house: Installation, tmp_path: Path
) -> None:
    backup = back_up(house.premises(), tmp_path / "copy.sqlite3", replace=False)
    house.add_subscribers("late@school.example")
    dismantle(house)

    restored = restore(house.premises(), backup.path)

    assert subscribed(house) == len(ADDRESSES)
    assert restored.made_at == backup.made_at
    assert restored.put_aside is not None
    with closing(sqlite3.connect(restored.put_aside)) as old:
        assert old.execute("SELECT count(*) FROM subscribers").fetchone() == (len(ADDRESSES) + 1,)


def test_nothing_is_restored_while_something_sends(house: Installation, tmp_path: Path) -> None:
    backup = back_up(house.premises(), tmp_path / "copy.sqlite3", replace=False)

    with nobody_sends(house.folder), pytest.raises(Refusal, match="Stop it first"):
        restore(house.premises(), backup.path)

    assert (house.folder / LOCK_FILE).exists()


def test_nothing_is_restored_while_a_web_process_has_the_database_open(
    house: Installation, tmp_path: Path
) -> None:
    backup = back_up(house.premises(), tmp_path / "copy.sqlite3", replace=False)
    house.add_subscribers("late@school.example")
    database = engine_of(house).url.database or ""
    with closing(sqlite3.connect(database)) as web:
        web.execute("SELECT count(*) FROM subscribers").fetchone()

        with pytest.raises(Refusal, match=r"has .* open"):
            restore(house.premises(), backup.path)

    assert subscribed(house) == len(ADDRESSES) + 1


@pytest.mark.parametrize("content", [b"", b"garbage", b"SQLite format 3\x00 and then garbage"])
def test_a_file_that_is_no_backup_changes_nothing(
    house: Installation, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "copy.sqlite3"
    file.write_bytes(content)

    with pytest.raises(Refusal):
        restore(house.premises(), file)

    assert subscribed(house) == len(ADDRESSES)


def test_a_damaged_database_is_put_aside_as_it_is(house: Installation, tmp_path: Path) -> None:
    backup = back_up(house.premises(), tmp_path / "copy.sqlite3", replace=False)
    dismantle(house)
    database = Path(engine_of(house).url.database or "")
    database.write_bytes(b"not a database any more")

    restored = restore(house.premises(), backup.path)

    assert subscribed(house) == len(ADDRESSES)
    assert restored.put_aside is not None
    assert restored.put_aside.read_bytes() == b"not a database any more"


def test_a_dump_of_postgresql_comes_back_into_an_empty_database(
    shared_house: Installation, tmp_path: Path
) -> None:
    publish(shared_house)
    backup = back_up(shared_house.premises(), tmp_path, replace=False)

    with pytest.raises(Refusal, match="not empty"):
        restore(shared_house.premises(), backup.path)
    with engine_of(shared_house).begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    restored = restore(shared_house.premises(), backup.path)

    assert stat.S_IMODE(backup.path.stat().st_mode) == 0o600
    assert backup.path.suffix == ".dump"
    assert subscribed(shared_house) == len(ADDRESSES)
    assert restored.unfinished_runs == 0
    with shared_house.wiring.reading() as session:
        assert read_mark(session) is None


def test_the_password_of_postgresql_stands_on_no_command_line(
    shared_house: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "told"
    _wrap("pg_dump", told, tmp_path / "tools", monkeypatch)
    url = engine_of(shared_house).url.set(password="sesame")
    engine = make_engine(url.render_as_string(hide_password=False))

    back_up(replace(shared_house.premises(), engine=engine), tmp_path, replace=False)

    assert f"127.0.0.1:{url.port}/{url.database}" in told.read_text()
    assert "sesame" not in told.read_text()
    engine.dispose()


def _wrap(tool: str, told: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the tool note the words it is called with, and go on."""
    script = folder / tool
    folder.mkdir()
    script.write_text(f'#!/bin/sh\necho "$@" > "{told}"\nexec /usr/bin/{tool} "$@"\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def test_without_the_tools_of_postgresql_it_says_what_to_do(
    shared_house: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(Refusal, match="postgresql-client"):
        back_up(shared_house.premises(), tmp_path / "copy.dump", replace=False)

    assert [*tmp_path.glob("*copy*")] == []
