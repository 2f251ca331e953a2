"""Runs, at the terminal."""

from __future__ import annotations

import re
import stat
import threading
from typing import cast

from sqlalchemy import text

from tests.integration.cli.conftest import Terminal
from tests.support.installation import Installation
from tests.support.sending import send_what_is_due
from topthree.services.sending.finish_run import unfinished_runs
from topthree.services.sending.open_run import open_due_runs

KEYS = {
    "id",
    "issue",
    "number",
    "day",
    "subject",
    "status",
    "standing",
    "audience",
    "queued",
    "claimed",
    "deferred",
    "sent",
    "failed",
    "held",
    "skipped",
    "cancelled",
    "unfinished",
    "opened_at",
    "prepared_at",
    "finished_at",
    "give_up_at",
    "trouble",
}
#: What only one run's own command says.
MORE_KEYS = {
    "as_of",
    "accepted_last_minute",
    "came_back",
    "outlook",
    "missed",
    "domains",
    "other_domains",
    "resting",
}


def test_before_the_first_issue_the_list_says_so(terminal: Terminal) -> None:
    assert terminal.output("runs", "list") == "No issue has been sent yet.\n"


def test_a_finished_run_shows_how_many_the_relay_accepted(
    terminal: Terminal, installation: Installation
) -> None:
    _open_one(installation)
    _send(installation)

    shown = terminal.output("runs", "show", "1")
    row = terminal.json("runs", "show", "1")
    (listed,) = cast("list[dict[str, object]]", terminal.json("runs", "list"))

    assert re.search(r"Accepted by the relay +2$", shown, re.MULTILINE)
    assert re.search(r"^school\.example +2 +0", shown, re.MULTILINE)
    assert isinstance(row, dict)
    assert set(listed) == KEYS
    assert set(row) == KEYS | MORE_KEYS
    assert (row["sent"], row["unfinished"], row["status"]) == (2, 0, "done")
    assert listed == {name: row[name] for name in KEYS}


def test_following_a_run_ends_when_the_run_does(
    terminal: Terminal, installation: Installation
) -> None:
    _open_one(installation)
    sending = threading.Timer(0.3, _send, [installation])

    sending.start()
    shown = terminal.output("runs", "show", "1", "--follow", "--every", "0.1")
    sending.join()

    assert shown.splitlines()[0].endswith("nothing was accepted in the last minute.")
    assert re.search(r"^State +Done$", shown, re.MULTILINE)


def test_a_run_is_paused_with_a_reason_and_goes_on(
    terminal: Terminal, installation: Installation
) -> None:
    _open_one(installation)

    paused = terminal.output("runs", "pause", "1", "--because", "A wrong link.")
    _send(installation)
    shown = terminal.output("runs", "show", "1")
    resumed = terminal.output("runs", "resume", "1")

    assert paused == "Run 1 is paused. “topthree runs resume 1” lets it go on.\n"
    assert "Paused at the terminal. A wrong link." in shown
    assert "It is paused: nothing leaves. 2 wait for it to go on." in shown
    assert resumed == "Run 1 goes on.\n"


def test_whoever_was_stopped_is_sent_it_after_all(
    terminal: Terminal, installation: Installation
) -> None:
    _open_one(installation)

    stopped = terminal.output("runs", "cancel", "1")
    _send(installation)
    shown = terminal.output("runs", "show", "1")
    missed = terminal.output("runs", "send-missed", "1", "--yes")
    _send(installation)
    again = terminal.output("runs", "send-missed", "1")

    assert stopped == "Run 1 is stopped for good. 0 teachers got it.\n"
    assert "Missed for no fault of their address: 2." in shown
    assert missed == "Queued again: 2 teachers.\n"
    assert again == "Nobody was missed.\n"
    assert len(installation.outbox()) == 2


def test_a_run_that_is_over_cannot_be_paused(
    terminal: Terminal, installation: Installation
) -> None:
    _open_one(installation)
    _send(installation)

    assert terminal.refusal("runs", "pause", "1") == "This run cannot be paused: it is done."


def test_people_are_listed_by_outcome_found_by_address_and_written_as_csv(
    terminal: Terminal, installation: Installation
) -> None:
    _open_one(installation)
    _send(installation)
    file = installation.folder / "people.csv"

    everybody = cast("list[dict[str, object]]", terminal.json("runs", "people", "1"))
    one = terminal.output("runs", "people", "1", "--only", "ANA@school.example")
    nobody = terminal.output("runs", "people", "1", "--only", "failed")
    printed = terminal.output("runs", "people", "1", "--csv")
    terminal.output("runs", "people", "1", "--csv", str(file))

    assert [person["outcome"] for person in everybody] == ["Accepted by the relay"] * 2
    assert one.startswith("Address         ana@school.example\n")
    assert nobody == "Nobody.\n"
    assert printed.startswith('"address","outcome","reason","code"')
    assert file.read_text() == printed
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_people_of_an_outcome_that_is_none_are_refused(
    terminal: Terminal, installation: Installation
) -> None:
    result = terminal.run("runs", "people", "1", "--only", "gone")

    assert result.exit_code == 2
    assert "neither an address nor one of: queued" in result.stderr


def test_the_uncertain_are_listed_and_decided_about(
    terminal: Terminal, installation: Installation
) -> None:
    _open_one(installation)
    with installation.wiring.writing() as session:
        session.execute(text("update deliveries set status = 'held', cause = 'unknown'"))

    listed = terminal.output("runs", "held", "1")
    one = terminal.json("runs", "held", "1", "--decide", "got-it", "--who", "ana@school.example")
    rest = terminal.output("runs", "held", "1", "--decide", "send-again", "--who", "all")
    _send(installation)
    without_whom = terminal.run("runs", "held", "1", "--decide", "got-it")

    assert "ben@school.example" in listed
    assert one == {"settled": 1}
    assert rest == "Decided about 1.\n"
    assert [message.recipient for message in installation.outbox()] == ["ben@school.example"]
    assert without_whom.exit_code == 2


def test_a_run_that_is_not_there_is_refused(terminal: Terminal) -> None:
    assert "There is no run 5." in terminal.refusal("runs", "show", "5")


def _open_one(installation: Installation) -> None:
    installation.add_subscribers("ana@school.example", "ben@school.example")
    installation.schedule_approved_issue()
    while not open_due_runs(installation.wiring):
        installation.clock.advance(installation.wiring.grace)


def _send(installation: Installation) -> None:
    for run_id in unfinished_runs(installation.wiring):
        send_what_is_due(installation.wiring, run_id)
