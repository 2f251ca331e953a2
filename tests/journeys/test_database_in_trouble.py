"""The database is away, full, locked or takes no writes: pages say so, and nothing is half done."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, make_url

from tests.support.client import PageClient
from tests.support.databases import Databases
from tests.support.disks import fill, small_disk, takes_no_writes
from tests.support.installation import Installation, dismantle, install
from tests.support.network import free_port
from tests.support.publishing import publish
from topthree.services.subscribers.report_subscribers import subscriber_stats
from topthree.tokens import Purpose

PAGES = ("/", "/issues/", "/issues/2026-12-03/", "/subscribe/", "/feed.atom", "/desk/")
Trouble = Callable[[Installation], AbstractContextManager[object]]


def engine_of(house: Installation) -> Engine:
    return house.premises().engine


@contextmanager
def connecting(house: Installation, name: str, how: Callable[..., None]) -> Iterator[None]:
    """Let every new connection meet this."""
    engine = engine_of(house)
    engine.dispose()
    event.listen(engine, name, how)
    try:
        yield
    finally:
        event.remove(engine, name, how)
        engine.dispose()


def server_away(house: Installation) -> AbstractContextManager[object]:
    def lead_astray(_dialect: object, _record: object, _args: object, values: Any) -> None:  # noqa: ANN401 - of a driver
        values["port"] = free_port()

    return connecting(house, "do_connect", lead_astray)


def server_takes_no_writes(house: Installation) -> AbstractContextManager[object]:
    """As one that waits to take over from another, or that has lost the one it followed."""

    def read_only(raw: Any, _record: object) -> None:  # noqa: ANN401 - of a driver
        raw.execute("SET default_transaction_read_only = on")
        raw.commit()

    return connecting(house, "connect", read_only)


@contextmanager
def locked(house: Installation) -> Iterator[None]:
    def impatient(raw: Any, _record: object) -> None:  # noqa: ANN401 - of a driver
        raw.execute("PRAGMA busy_timeout=50")

    with (
        connecting(house, "connect", impatient),
        closing(sqlite3.connect(str(engine_of(house).url.database), isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def disk_full(house: Installation) -> Iterator[None]:
    with engine_of(house).connect() as connection:
        # Otherwise there is room in what the log has taken already.
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    ballast = Path(str(engine_of(house).url.database)).with_name("ballast")
    fill(ballast)
    yield
    ballast.unlink()


def disk_takes_no_writes(house: Installation) -> AbstractContextManager[object]:
    # A disk on which a file is open for writing cannot be made so.
    engine_of(house).dispose()
    return takes_no_writes(Path(str(engine_of(house).url.database)).parent)


ON_SQLITE: dict[str, Trouble] = {
    "locked": locked,
    "disk full": disk_full,
    "disk takes no writes": disk_takes_no_writes,
}
ON_POSTGRESQL: dict[str, Trouble] = {
    "server away": server_away,
    "server takes no writes": server_takes_no_writes,
}


@pytest.fixture(params=[*ON_SQLITE, *ON_POSTGRESQL])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """An installation with a past issue and a subscriber."""
    if request.param in ON_SQLITE:
        empty: Databases = request.getfixturevalue("sqlite_databases")
        with small_disk(tmp_path / "disk") as disk:
            for url in empty.fresh():
                file = Path(str(make_url(url).database))
                shutil.copyfile(file, disk / file.name)
                yield from _furnished(tmp_path, f"sqlite:///{disk / file.name}")
        return
    databases: Databases = request.getfixturevalue("postgresql_databases")
    for url in databases.fresh():
        yield from _furnished(tmp_path, url)


def _furnished(folder: Path, url: str) -> Iterator[Installation]:
    house = install(folder / "instance", url)
    house.add_subscribers("ann@school.example")
    publish(house)
    yield house
    dismantle(house)


@pytest.fixture
def trouble(request: pytest.FixtureRequest) -> Trouble:
    name = request.node.callspec.params["house"]
    return (ON_SQLITE | ON_POSTGRESQL)[name]


def test_pages_say_that_they_are_busy_and_the_same_press_works_later(
    house: Installation, trouble: Trouble
) -> None:
    token = house.wiring.tokens.sign(Purpose.UNSUBSCRIBE, 1, house.clock())
    mail_program, reader = house.app.test_client(), PageClient(house.app)
    reader.get("/subscribe/")

    with trouble(house):
        pages = [house.app.test_client().get(path) for path in PAGES]
        signed_up = reader.submit("main form", {"address": "new@school.example"})
        left = PageClient(house.app).post(f"/u/{token}/")
        one_click = mail_program.post(f"/o/{token}/")
    meanwhile = counts(house)
    later = mail_program.post(f"/o/{token}/")

    for answer in pages:
        assert answer.status_code in (200, 302, 303, 503)
        assert answer.status_code != 503 or answer.headers["Retry-After"] == "60"
    assert (signed_up.status, left.status, one_click.status_code) == (503, 503, 503)
    assert "Wait a minute, then try again" in left.text
    assert left.headers["Retry-After"] == one_click.headers["Retry-After"] == "60"
    assert meanwhile == {"pending": 0, "confirmed": 1, "ended": 0}
    assert later.status_code == 200
    assert counts(house) == {"pending": 0, "confirmed": 0, "ended": 1}


def counts(house: Installation) -> dict[str, int]:
    with house.wiring.reading() as session:
        return {str(status): n for status, n in subscriber_stats(session).by_status.items()}
