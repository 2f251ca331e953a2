"""Runs, at the terminal."""

from __future__ import annotations

from tests.integration.cli.conftest import Terminal
from tests.support.installation import Installation
from tests.support.sending import send_what_is_due
from topthree.services.finish_run import unfinished_runs
from topthree.services.open_run import open_due_runs

KEYS = {
    "id",
    "issue",
    "number",
    "day",
    "subject",
    "status",
    "audience",
    "queued",
    "claimed",
    "deferred",
    "sent",
    "failed",
    "skipped",
    "unfinished",
    "opened_at",
    "finished_at",
    "trouble",
}


def test_before_the_first_issue_the_list_says_so(terminal: Terminal) -> None:
    assert terminal.output("runs", "list") == "No issue has been sent yet.\n"


def test_a_finished_run_shows_how_many_the_relay_accepted(
    terminal: Terminal, installation: Installation
) -> None:
    _send_one(installation)

    shown = terminal.output("runs", "show", "1")
    row = terminal.json("runs", "show", "1")

    assert "Accepted by the relay        2" in shown
    assert isinstance(row, dict)
    assert set(row) == KEYS
    assert (row["sent"], row["unfinished"], row["status"]) == (2, 0, "done")
    assert terminal.json("runs", "list") == [row]


def test_a_run_that_is_not_there_is_refused(terminal: Terminal) -> None:
    assert "There is no run 5." in terminal.refusal("runs", "show", "5")


def _send_one(installation: Installation) -> None:
    installation.add_subscribers("ana@school.example", "ben@school.example")
    installation.schedule_approved_issue()
    while not open_due_runs(installation.wiring):
        installation.clock.advance(installation.wiring.grace)
    for run_id in unfinished_runs(installation.wiring):
        send_what_is_due(installation.wiring, run_id)
