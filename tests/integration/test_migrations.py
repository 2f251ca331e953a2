"""The database has the shape that the code expects, on both kinds and both ways."""

from __future__ import annotations

from sqlalchemy import Engine, inspect

from topthree.store.migration import differences, downgrade, is_current, upgrade


def test_a_migrated_database_is_what_the_tables_in_code_say(engine: Engine) -> None:
    assert is_current(engine)
    assert differences(engine) == []


def test_migrating_twice_changes_nothing(engine: Engine) -> None:
    upgrade(engine)

    assert is_current(engine)


def test_every_step_can_be_taken_back_and_made_again(engine: Engine) -> None:
    downgrade(engine)
    left = set(inspect(engine).get_table_names())
    upgrade(engine)

    assert left <= {"alembic_version"}
    assert differences(engine) == []
