"""The audit log in a database: only added to, one chain, whoever writes."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from tests.support.databases import Databases
from tests.support.installation import Installation, dismantle, install
from topthree.domain.audit.act import Act
from topthree.domain.audit.entry import (
    BEGINNING,
    TERMINAL,
    Entry,
    Link,
    Thing,
    ThingKind,
    Who,
    WhoKind,
    issue_thing,
)
from topthree.domain.ids import EditorId, EntryId
from topthree.services.audit.log import Wanted, list_entries, record
from topthree.services.audit.note_settings import note_settings
from topthree.services.audit.verify_audit import Verdict, note_end, verify
from topthree.store.engine import make_engine, reading, writing

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
PAT = Who(kind=WhoKind.EDITOR, name="Pat", editor_id=EditorId(3))

Sessions = sessionmaker[Session]


def entry(number: int = 8, act: Act = Act.ISSUE_SAVED, who: Who = PAT) -> Entry:
    return Entry(
        who=who, act=act, about=issue_thing(number, "A subject"), details={"version": number}
    )


def write(sessions: Sessions, *entries: Entry, now: datetime = NOW) -> None:
    with writing(sessions) as session:
        for each in entries:
            record(session, each, now)


def checked(sessions: Sessions, newest: int | None = None, noted: Link | None = None) -> Verdict:
    with reading(sessions) as session:
        return verify(session, newest=newest, noted=noted)


def without_guard(engine: Engine, *statements: str) -> None:
    """Do what only somebody can who owns the database."""
    tables = "audit_entries"
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"ALTER TABLE {tables} DISABLE TRIGGER ALL"))
        else:
            for verb in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER {tables}_no_{verb}"))
        for statement in statements:
            connection.exec_driver_sql(statement)


def test_an_empty_log_is_whole(sessions: Sessions) -> None:
    verdict = checked(sessions)

    assert (verdict.entries, verdict.problem) == (0, "")
    assert verdict.end == Link(id=EntryId(0), hash=BEGINNING)


def test_entries_are_numbered_without_gaps_and_the_chain_is_whole(sessions: Sessions) -> None:
    write(sessions, entry(1), entry(2))
    write(sessions, entry(3))

    with reading(sessions) as session:
        page = list_entries(session, Wanted(), limit=10)
    assert [each.id for each in page.entries] == [3, 2, 1]
    assert page.entries[0].who == PAT
    assert page.entries[0].at == NOW
    assert (checked(sessions).checked, checked(sessions).problem) == (3, "")


def test_what_is_taken_back_leaves_no_entry(sessions: Sessions) -> None:
    with sessions() as session:
        record(session, entry(1), NOW)
        session.rollback()
        record(session, entry(2), NOW)
        session.commit()

    with reading(sessions) as session:
        page = list_entries(session, Wanted(), limit=10)
    assert [each.about.id for each in page.entries] == ["2"]


def test_a_savepoint_that_is_taken_back_keeps_what_was_recorded_before_it(
    sessions: Sessions,
) -> None:
    def fail() -> NoReturn:
        raise ValueError

    with writing(sessions) as session:
        record(session, entry(1), NOW)
        with pytest.raises(ValueError), session.begin_nested():  # noqa: PT011 - our own
            fail()
        with session.begin_nested():
            session.execute(text("SELECT 1"))

    assert checked(sessions).entries == 1


def test_what_was_committed_is_not_written_once_more(sessions: Sessions) -> None:
    with sessions() as session:
        for number in (1, 2):
            record(session, entry(number), NOW)
            session.commit()

    assert checked(sessions).entries == 2


def test_an_entry_takes_its_place_with_the_commit_and_not_with_a_savepoint(
    sessions: Sessions,
) -> None:
    with writing(sessions) as session:
        record(session, entry(1), NOW)
        with session.begin_nested():
            session.execute(text("SELECT 1"))
        meanwhile = session.scalar(text("SELECT count(*) FROM audit_entries"))

    assert (meanwhile, checked(sessions).entries) == (0, 1)


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entries SET who_name = 'Kim'", "DELETE FROM audit_entries"]
)
def test_the_database_refuses_to_change_or_delete_an_entry(
    sessions: Sessions, statement: str
) -> None:
    write(sessions, entry())

    with writing(sessions) as session, pytest.raises(DBAPIError, match="only ever added to"):
        session.execute(text(statement))
    assert checked(sessions).problem == ""


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE audit_entries SET who_name = 'Kim' WHERE id = 2", "Entry 2 is not as"),
        ("UPDATE audit_entries SET details = '{\"version\":9}' WHERE id = 2", "Entry 2 is not as"),
        ("UPDATE audit_entries SET act = 'signed-in' WHERE id = 3", "Entry 3 is not as"),
        ("UPDATE audit_entries SET about_id = '' WHERE id = 1", "Entry 1 is not as"),
        ("DELETE FROM audit_entries WHERE id = 1", "Entry 1 is missing"),
        ("DELETE FROM audit_entries WHERE id = 2", "Entry 2 is missing"),
        ("DELETE FROM audit_entries WHERE id = 3", "ends at entry 2, but has once reached 3"),
        ("DELETE FROM audit_entries", "ends at entry 0, but has once reached 3"),
        ("UPDATE audit_head SET entry_id = 2", "ends at entry 3"),
        (
            """UPDATE audit_entries SET id = 9 WHERE id = 1;
            UPDATE audit_entries SET id = 1 WHERE id = 2;
            UPDATE audit_entries SET id = 2 WHERE id = 9""",
            "Entry 1 is not as",
        ),
        ("UPDATE audit_entries SET at = '2026-11-22 15:00:00+00' WHERE id = 2", "Entry 2 is not"),
    ],
)
def test_whoever_gets_around_that_is_found_out(
    engine: Engine, sessions: Sessions, statement: str, said: str
) -> None:
    write(sessions, entry(1), entry(2), entry(3))

    without_guard(engine, *statement.split(";"))

    assert said in checked(sessions).problem


def test_a_log_that_was_written_anew_does_not_hold_the_end_that_was_noted(
    engine: Engine, sessions: Sessions
) -> None:
    write(sessions, entry(1), entry(2))
    noted = checked(sessions).end
    write(sessions, entry(3))
    whole = checked(sessions, noted=noted).problem
    begin_anew = {
        "sqlite": "UPDATE audit_head SET entry_id = 0, hash = zeroblob(32)",
        "postgresql": "UPDATE audit_head SET entry_id = 0, hash = decode(repeat('00', 32), 'hex')",
    }
    without_guard(engine, "DELETE FROM audit_entries", begin_anew[engine.dialect.name])
    write(sessions, entry(1, Act.ISSUE_APPROVED), entry(2), entry(3))

    assert whole == ""
    assert checked(sessions).problem == ""
    assert checked(sessions, noted=noted).problem == "Entry 2 is not the one that was noted."


def test_a_tail_that_is_cut_off_together_with_its_end_does_not_hold_what_was_noted(
    engine: Engine, sessions: Sessions, caplog: pytest.LogCaptureFixture, installation: Installation
) -> None:
    write(sessions, entry(1), entry(2), entry(3))
    with caplog.at_level("INFO"):
        note_end(installation.wiring)
    noted = checked(sessions).end
    cut = "UPDATE audit_head SET entry_id = 2, hash = (SELECT hash FROM audit_entries WHERE id = 2)"
    without_guard(engine, "DELETE FROM audit_entries WHERE id = 3", cut)

    assert f"the audit log ends with {noted}" in caplog.messages
    assert checked(sessions).problem == ""
    assert checked(sessions, noted=noted).problem == "Entry 3 is not the one that was noted."


def test_looking_at_the_newest_alone_believes_what_stands_before_them(
    engine: Engine, sessions: Sessions
) -> None:
    write(sessions, *(entry(number) for number in range(1, 9)))
    without_guard(engine, "UPDATE audit_entries SET who_name = 'Kim' WHERE id = 2")

    assert checked(sessions, newest=3).checked == 3
    assert checked(sessions, newest=3).problem == ""
    assert "Entry 2" in checked(sessions, newest=7).problem
    assert "Entry 2" in checked(sessions, newest=99).problem


def test_what_is_missing_before_the_newest_is_counted(engine: Engine, sessions: Sessions) -> None:
    write(sessions, *(entry(number) for number in range(1, 9)))
    without_guard(engine, "DELETE FROM audit_entries WHERE id = 2")

    assert checked(sessions, newest=3).problem == "There are 7 entries instead of 8."


def test_six_who_write_together_make_one_chain(engine: Engine, sessions: Sessions) -> None:
    # A process has an engine of its own, and one lock for all its writers.
    elsewhere = make_engine(engine.url.render_as_string(hide_password=False))
    processes = (sessions, sessionmaker(elsewhere))
    together = threading.Barrier(6)
    errors: list[Exception] = []

    def hand(number: int) -> None:
        together.wait()
        try:
            for _ in range(5):
                write(processes[number % 2], entry(number), entry(number))
        except Exception as error:  # noqa: BLE001 - the test looks at each
            errors.append(error)

    threads = [threading.Thread(target=hand, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elsewhere.dispose()

    verdict = checked(sessions)
    assert errors == []
    assert (verdict.entries, verdict.problem) == (60, "")


def test_entries_are_found_by_person_act_thing_and_time(sessions: Sessions) -> None:
    write(sessions, entry(1), entry(2, Act.ISSUE_APPROVED), entry(3, who=TERMINAL))
    about = Thing(kind=ThingKind.AUDIT_LOG)
    later = NOW + timedelta(days=1)
    write(sessions, Entry(who=PAT, act=Act.AUDIT_LOG_EXPORTED, about=about), now=later)

    def found(wanted: Wanted) -> list[int]:
        with reading(sessions) as session:
            return [each.id for each in list_entries(session, wanted, limit=10).entries]

    assert found(Wanted(editor_id=EditorId(3))) == [4, 2, 1]
    assert found(Wanted(who_kind=WhoKind.TERMINAL)) == [3]
    assert found(Wanted(act=Act.ISSUE_APPROVED.value)) == [2]
    assert found(Wanted(about_kind=ThingKind.ISSUE)) == [3, 2, 1]
    assert found(Wanted(about_kind=ThingKind.ISSUE, about_id="2")) == [2]
    assert found(Wanted(since=later)) == [4]
    assert found(Wanted(until=later)) == [3, 2, 1]
    assert found(Wanted(until=later, act=Act.SIGNED_IN.value)) == []


def test_pages_follow_each_other_without_a_gap_while_more_is_written(sessions: Sessions) -> None:
    write(sessions, *(entry(number) for number in range(1, 6)))

    with reading(sessions) as session:
        first = list_entries(session, Wanted(), limit=2)
    write(sessions, entry(6))
    with reading(sessions) as session:
        second = list_entries(session, Wanted(), before=first.next_before, limit=2)
        last = list_entries(session, Wanted(), before=second.next_before, limit=2)

    assert [each.id for page in (first, second, last) for each in page.entries] == [5, 4, 3, 2, 1]
    assert last.next_before is None


def test_what_the_operator_has_set_is_recorded_when_it_is_found_changed_and_without_secrets(
    sqlite_databases: Databases, tmp_path: Path
) -> None:
    rule = {"TOPTHREE_OWN_WORK": "allowed", "TOPTHREE_SEEDS": "me@desk.example"}
    secret = {
        "TOPTHREE_SMTP_URL": "smtp://name:password@127.0.0.1",
        "TOPTHREE_SMTP_PASSWORD": "a slip",
    }
    for url in sqlite_databases.fresh():
        details: list[str] = []
        for settings in (rule | secret, rule | secret, secret):
            house = install(tmp_path / "house", url, **settings)
            note_settings(house.wiring)
            with house.wiring.reading() as session:
                page = list_entries(session, Wanted(act=Act.SETTINGS_FOUND), limit=9)
            details = [entry.details for entry in page.entries]
            dismantle(house)

        assert ["allowed" in each for each in details] == [False, True]
        assert "m•••@desk.example" in details[1]
        assert not any(word in details[1] for word in ("password", "a slip", url))
