"""The database as a whole, at the terminal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Terminal
from tests.support.installation import Installation, dismantle
from tests.support.publishing import publish
from topthree.domain.audit.entry import TERMINAL
from topthree.domain.ids import RunId
from topthree.services.sending.open_run import open_due_runs
from topthree.services.sending.steer_run import pause_run


def test_a_backup_says_where_how_large_and_as_of_when(
    terminal: Terminal, installation: Installation, tmp_path: Path
) -> None:
    publish(installation)
    path = tmp_path / "copy"

    said = terminal.output("db", "backup", str(path))

    pattern = r": \d+\.\d MB, as of 2026-12-03 06:00:00 EST, in \d+\.\d s\n"
    assert re.fullmatch(re.escape(str(path)) + pattern, said)
    assert "there already" in terminal.refusal("db", "backup", str(path))
    assert terminal.output("db", "backup", "--replace", str(path))


def test_a_backup_in_the_middle_of_a_run_says_so(
    terminal: Terminal, installation: Installation, tmp_path: Path
) -> None:
    _open_a_run(installation)

    said = terminal.output("db", "backup", str(tmp_path))

    assert "1 run had letters left to send. Restored, they open as paused" in said


def test_a_backup_where_nobody_may_write_is_refused_in_a_sentence(
    terminal: Terminal, tmp_path: Path
) -> None:
    assert "cannot be written to" in terminal.refusal("db", "backup", str(tmp_path / "no" / "copy"))


def test_restoring_says_what_was_put_aside_or_that_it_needs_an_empty_database(
    terminal: Terminal, installation: Installation, tmp_path: Path
) -> None:
    _open_a_run(installation)
    path = tmp_path / "copy"
    terminal.output("db", "backup", str(path))
    dismantle(installation)

    if installation.premises().engine.dialect.name == "postgresql":
        assert "is not empty" in terminal.refusal("db", "restore", str(path))
        return
    said = terminal.output("db", "restore", str(path))

    assert f"The database is the one of {path} as of 2026-12-03 06:00:00 EST.\n" in said
    assert ".before-2026-12-03T110000Z.\n" in said
    assert "1 run had letters left to send: they open as paused" in said


@pytest.mark.parametrize("content", ["", "no backup at all"])
def test_a_file_that_is_no_backup_is_refused_in_a_sentence(
    terminal: Terminal, tmp_path: Path, content: str
) -> None:
    path = tmp_path / "copy"
    path.write_text(content)

    assert f"{path} is no " in terminal.refusal("db", "restore", str(path))


def test_a_copy_prints_every_table_with_its_rows_and_what_comes_next(
    terminal: Terminal, installation: Installation, tmp_path: Path
) -> None:
    installation.add_subscribers("ana@school.example", "ben@school.example")
    target = f"sqlite:///{tmp_path / 'new.sqlite3'}"

    said = terminal.output("db", "copy", "--to", target)

    assert re.search(r"^subscribers +2$", said, re.MULTILINE)
    assert re.search(r"^\d+ rows, the same on both sides, in", said, re.MULTILINE)
    assert "set TOPTHREE_DATABASE_URL" in said
    assert "something in it already" in terminal.refusal("db", "copy", "--to", target)


def test_a_database_that_cannot_be_reached_is_refused_without_its_password(
    terminal: Terminal,
) -> None:
    url = "postgresql+psycopg://topthree:sesame@127.0.0.1:1/topthree"

    said = terminal.refusal("db", "copy", "--to", url)

    assert "could not be made" in said
    assert "sesame" not in said


def test_marking_a_database_as_restored_is_noted(terminal: Terminal) -> None:
    assert terminal.output("db", "mark-restored").startswith("Noted.")


def test_reconciling_counts_what_is_in_the_log_and_what_is_not(
    terminal: Terminal, installation: Installation, tmp_path: Path
) -> None:
    run_id = _open_a_run(installation)
    log = tmp_path / "mail.log"
    domain = installation.wiring.newsletter.domain
    log.write_text(f"2026-12-03 06:01:07 1tFabc-0002 <= a@b H=app id={'0' * 32}@{domain}\n")
    words = ("runs", "reconcile", "1", "--maillog", str(log))

    refused = terminal.refusal(*words)
    pause_run(installation.wiring, run_id, "to look at the log", TERMINAL)
    found = terminal.json(*words, "--dry-run")
    said = terminal.output(*words)

    assert "Pause it first" in refused
    assert found == {
        "matched": 0,
        "already_sent": 0,
        "left_alone": 0,
        "unknown": 1,
        "still_to_send": 2,
    }
    assert "Next: “topthree runs resume 1” sends the rest." in said


def _open_a_run(installation: Installation) -> RunId:
    installation.add_subscribers("ana@school.example", "ben@school.example")
    installation.schedule_approved_issue()
    installation.clock.now = installation.clock.now.replace(month=12, day=3, hour=11)
    (run_id,) = open_due_runs(installation.wiring)
    return run_id
