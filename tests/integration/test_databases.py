from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

from topthree.store.migration import is_current


def test_a_fresh_database_has_every_migration(engine: Engine) -> None:
    assert is_current(engine)


@pytest.mark.parametrize("turn", ["first", "second"])
def test_no_test_sees_what_another_left(engine: Engine, turn: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE left_behind (id INTEGER)"))
