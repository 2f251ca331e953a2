"""From one database to another of the other kind: everything arrives, and the service goes on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text

from tests.support.installation import Installation, dismantle, install
from tests.support.kept_pictures import kept_picture
from tests.support.publishing import publish
from topthree.domain.editors.permission import Role
from topthree.domain.refusal import Refusal
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.services.installation.copy_database import copy_database, rows_to_copy
from topthree.services.installation.sending_lock import nobody_sends
from topthree.services.sending.report_run import list_runs
from topthree.services.subscribers.unsubscribe import unsubscribe
from topthree.store.engine import make_engine
from topthree.store.tables import metadata
from topthree.tokens import Purpose

ADDRESSES = tuple(f"teacher-{number}@school.example" for number in range(1, 21))


@pytest.fixture(params=["sqlite to postgresql", "postgresql to sqlite"])
def databases(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """The addresses of two migrated databases of different kinds."""
    kinds = request.param.split(" to ")
    first, second = (request.getfixturevalue(f"{kind}_databases").fresh() for kind in kinds)
    for source in first:
        for target in second:
            yield source, target


@pytest.fixture
def house(databases: tuple[str, str], tmp_path: Path) -> Iterator[Installation]:
    """An installation that has sent an issue, and whom some have left."""
    house = install(tmp_path / "instance", databases[0])
    house.add_subscribers(*ADDRESSES)
    publish(house)
    kept_picture(house, house.add_editor("Artist", Role.WRITER))
    _leave(house, subscriber_id=3)
    yield house
    dismantle(house)


def _leave(house: Installation, *, subscriber_id: int) -> None:
    token = house.wiring.tokens.sign(Purpose.UNSUBSCRIBE, subscriber_id, house.clock())
    with house.wiring.writing() as session:
        unsubscribe(session, house.wiring.tokens, token, by_one_click=True, now=house.clock())


def _copy(house: Installation, url: str) -> dict[str, int]:
    copied = copy_database(house.premises(), url, lambda _rows: None)
    return {table.name: table.rows for table in copied}


def _content(url: str) -> dict[str, list[tuple[object, ...]]]:
    engine = make_engine(url)
    with engine.connect() as connection:
        content = {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }
    engine.dispose()
    return content


def test_every_row_of_every_table_is_there_and_the_source_is_as_it_was(
    house: Installation, databases: tuple[str, str]
) -> None:
    source, target = databases
    before = _content(source)

    counts = _copy(house, target)

    after = _content(source)
    changed = {name for name in before if before[name] != after[name]}
    assert _content(target) == after
    # That it was copied is in the log of both.
    assert changed == {"audit_entries", "audit_head"}
    assert len(after["audit_entries"]) == len(before["audit_entries"]) + 1
    assert counts == {name: len(rows) for name, rows in after.items()}
    assert counts["deliveries"] == len(ADDRESSES)
    assert counts["consent_records"] > len(ADDRESSES)
    assert (counts["media"], counts["media_cuts"]) == (2, 1)


def test_on_the_copy_an_old_link_works_and_the_next_issue_goes_to_each_once(
    house: Installation, databases: tuple[str, str]
) -> None:
    _copy(house, databases[1])
    moved = install(house.folder, databases[1])
    moved.clock.now = house.clock.now

    _leave(moved, subscriber_id=5)
    moved.add_subscribers("new@school.example")
    before = len(moved.outbox())
    publish(moved)

    with moved.wiring.reading() as session:
        newest, oldest = list_runs(session)
    assert newest.counts[DeliveryStatus.SENT] == newest.audience == len(ADDRESSES) - 1
    assert oldest.audience == len(ADDRESSES)
    new_letters = moved.outbox()[: len(moved.outbox()) - before]
    assert len({letter.recipient for letter in new_letters}) == len(new_letters) == newest.audience
    dismantle(moved)


def test_a_database_without_tables_gets_them(
    house: Installation, databases: tuple[str, str], tmp_path: Path
) -> None:
    target = f"sqlite:///{tmp_path / 'empty.sqlite3'}"

    _copy(house, target)

    assert _content(target) == _content(databases[0])


def test_a_database_that_holds_something_is_refused(
    house: Installation, databases: tuple[str, str]
) -> None:
    _copy(house, databases[1])
    before = _content(databases[1])
    _leave(house, subscriber_id=7)

    with pytest.raises(Refusal, match=r"something in it already: .*subscribers"):
        _copy(house, databases[1])

    assert _content(databases[1]) == before


def test_nothing_is_copied_while_something_sends(
    house: Installation, databases: tuple[str, str]
) -> None:
    before = _content(databases[1])

    with nobody_sends(house.folder), pytest.raises(Refusal, match="Stop it first"):
        _copy(house, databases[1])

    assert _content(databases[1]) == before


def test_a_row_that_arrives_changed_is_noticed_and_nothing_is_kept(
    house: Installation, databases: tuple[str, str]
) -> None:
    before = _content(databases[1])
    engine = make_engine(databases[1])
    _spoil(engine)

    with pytest.raises(Refusal, match="The copy of “subscribers” is not the same"):
        _copy(house, databases[1])

    assert _content(databases[1]) == before
    engine.dispose()


def _spoil(engine: Engine) -> None:
    """Have the database itself change a row that is written, as a broken disk or trigger would."""
    change = "UPDATE subscribers SET address = 'x' || address WHERE id = 4"
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(
                text(
                    "CREATE TRIGGER spoils AFTER INSERT ON subscribers"
                    f" WHEN NEW.id = 4 BEGIN {change}; END"
                )
            )
            return
        connection.execute(
            text(
                "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS"
                f" $$ BEGIN {change}; RETURN NULL; END $$"
            )
        )
        connection.execute(
            text(
                "CREATE TRIGGER spoils AFTER INSERT ON subscribers"
                " FOR EACH STATEMENT EXECUTE FUNCTION spoil()"
            )
        )


def test_nobody_writes_to_the_database_while_it_is_copied(
    house: Installation, databases: tuple[str, str]
) -> None:
    started, written = threading.Event(), threading.Event()

    def write() -> None:
        started.wait()
        house.add_subscribers("late@school.example")
        written.set()

    writer = threading.Thread(target=write)
    writer.start()

    def progress(_rows: int) -> None:
        started.set()
        assert not written.wait(0.02)

    counts = copy_database(house.premises(), databases[1], progress)
    writer.join()

    assert {table.name: table.rows for table in counts}["subscribers"] == len(ADDRESSES)
    assert rows_to_copy(house.premises()) > sum(table.rows for table in counts)


@pytest.mark.parametrize("url", ["mysql://a:secret@b/c", "nonsense", "postgresql://a:secret@b:x/c"])
def test_an_address_that_is_none_is_refused_without_showing_a_password(
    house: Installation, url: str
) -> None:
    with pytest.raises(Refusal, match="no address of a database") as refused:
        _copy(house, url)

    assert "secret" not in str(refused.value)
