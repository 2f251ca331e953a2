"""The queue's tables are Procrastinate's, by way of steps that we keep account of."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from procrastinate.schema import SchemaManager
from sqlalchemy import Engine, text

from tests.support.databases import Databases
from topthree.jobs.queue.schema import is_queue_current, upgrade_queue
from topthree.store.engine import make_engine
from topthree.store.migration import differences

_FUNCTIONS = """
    SELECT proname, md5(prosrc) FROM pg_proc JOIN pg_namespace AS n ON n.oid = pronamespace
    WHERE n.nspname = :schema
"""
_COLUMNS = """
    SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns
    WHERE table_schema = :schema AND table_name <> 'steps'
"""
_INDEXES = """
    SELECT replace(indexdef, :schema || '.', '') FROM pg_indexes
    WHERE schemaname = :schema AND tablename <> 'steps'
"""


@pytest.fixture
def engine(postgresql_databases: Databases) -> Iterator[Engine]:
    """A database without a queue."""
    for url in postgresql_databases.fresh():
        engine = make_engine(url)
        yield engine
        engine.dispose()


@pytest.mark.parametrize("query", [_FUNCTIONS, _COLUMNS, _INDEXES])
def test_all_steps_together_make_what_procrastinate_expects(engine: Engine, query: str) -> None:
    upgrade_queue(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA expected")
        connection.exec_driver_sql("SET search_path TO expected")
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute(SchemaManager.get_schema())

        made = connection.execute(text(query), {"schema": "procrastinate"}).all()
        expected = connection.execute(text(query), {"schema": "expected"}).all()

    assert made
    assert set(made) == set(expected)


def test_an_older_queue_gets_the_steps_that_it_lacks(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = tmp_path / "older"
    older.mkdir()
    for step in Path(SchemaManager.get_migrations_path()).glob("*.sql"):
        if step.name < "03.01":
            shutil.copy(step, older)
    with monkeypatch.context() as an_older_version:
        an_older_version.setattr(SchemaManager, "get_migrations_path", lambda: str(older))
        upgrade_queue(engine)
        assert is_queue_current(engine)

    assert not is_queue_current(engine)
    upgrade_queue(engine)
    assert is_queue_current(engine)


def test_several_upgrades_at_once_take_turns(engine: Engine) -> None:
    together = threading.Barrier(3)
    failures: list[Exception] = []

    def run() -> None:
        together.wait()
        try:
            upgrade_queue(engine)
        except Exception as error:  # noqa: BLE001 - the test tells
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert is_queue_current(engine)


def test_our_own_steps_do_not_see_the_queue(engine: Engine) -> None:
    upgrade_queue(engine)

    assert differences(engine) == []
