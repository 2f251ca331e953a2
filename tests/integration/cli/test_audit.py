"""The audit log, at the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.integration.cli.conftest import Terminal


@pytest.fixture
def written(terminal: Terminal) -> Terminal:
    terminal.output("editors", "add", "pat@desk.example", "--name", "Pat")
    return terminal


def test_the_list_says_who_did_what(written: Terminal) -> None:
    assert "the terminal  added an editor" in written.output("audit", "list")


def test_nobody_has_done_anything_at_first(terminal: Terminal) -> None:
    assert terminal.output("audit", "list") == "Nothing was done yet.\n"


def test_an_export_is_recorded_and_a_subscriber_looked_up_too(written: Terminal) -> None:
    written.run("subscribers", "show", "ann@school.example")
    exported = written.output("audit", "export")

    assert '"audit-log-exported"' in exported
    assert "a•••@school.example" in exported
    assert "ann@" not in exported


def test_an_export_is_written_as_json_too(written: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "log.json"

    said = written.output("audit", "export", "--json", "--output", str(file))
    listed = json.loads(file.read_text())

    assert str(file) in said
    assert [each["act"] for each in listed] == ["audit-log-exported", "editor-added"]
    assert listed[0]["details"] == '{"form":"json"}'
    assert file.stat().st_mode & 0o077 == 0


def test_the_end_of_the_chain_is_printed_and_proves_what_stood_before_it(
    written: Terminal,
) -> None:
    end = written.output("audit", "verify").split()[-1]
    written.output("editors", "add", "wes@desk.example", "--name", "Wes")

    assert "is whole" in written.output("audit", "verify", "--noted", end)
    wrong = end[:-1] + ("0" if end[-1] != "0" else "1")
    assert "Entry 1 is not the one" in written.refusal("audit", "verify", "--noted", wrong)
    assert written.run("audit", "verify", "--noted", "1:abc").exit_code == 2


def test_whoever_changed_an_entry_is_found_out(written: Terminal, engine: Engine) -> None:
    trigger = "DROP TRIGGER audit_entries_no_update"
    if engine.dialect.name == "postgresql":
        trigger = "ALTER TABLE audit_entries DISABLE TRIGGER ALL"
    with engine.begin() as connection:
        connection.exec_driver_sql(trigger)
        connection.exec_driver_sql("UPDATE audit_entries SET who_name = 'Kim'")

    assert "Entry 1 is not as it was written" in written.refusal("audit", "verify")
