from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import sessionmaker

from topthree.store.engine import make_engine, writing
from topthree.store.migration import is_current


def test_a_fresh_database_has_every_migration(engine: Engine) -> None:
    assert is_current(engine)


@pytest.mark.parametrize("turn", ["first", "second"])
def test_no_test_sees_what_another_left(engine: Engine, turn: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE left_behind (id INTEGER)"))


def test_writers_of_one_process_never_find_the_database_locked(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'teachers.db'}")
    sessions = sessionmaker(engine)
    with writing(sessions) as session:
        session.execute(text("CREATE TABLE said (word TEXT)"))
    errors: list[DBAPIError] = []

    def write_often() -> None:
        try:
            for _ in range(50):
                with writing(sessions) as session:
                    # Whoever waits for a lock of SQLite's own, and not for a turn, fails at once.
                    session.execute(text("PRAGMA busy_timeout = 0"))
                    session.execute(text("INSERT INTO said VALUES ('hello')"))
        except DBAPIError as error:
            errors.append(error)

    threads = [threading.Thread(target=write_often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not errors
    engine.dispose()
