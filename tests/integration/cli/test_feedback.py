"""Mail that came in, at the terminal and through a mail server's pipe."""

from __future__ import annotations

import mailbox
import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Terminal
from tests.support.installation import Installation
from tests.support.reports import Report, dsn, letter
from topthree.domain.editors.permission import Role
from topthree.services.feedback.heed_feedback import Heeded
from topthree.services.sending.bounce_address import bounce_sender
from topthree.services.sending.open_run import send_now
from topthree.store.subscribers.subscribers import find_subscriber_by_key
from topthree.tokens import Purpose

ANA = "ana@school.example"


@pytest.fixture
def mail(installation: Installation) -> tuple[bytes, bytes]:
    """A bounce of a letter to Ana, and a letter of hers that asks to leave."""
    installation.add_subscribers(ANA)
    issue_id = installation.schedule_approved_issue()
    publisher = installation.add_editor("Sends", Role.PUBLISHER)
    run_id = send_now(installation.wiring, issue_id, publisher)
    wiring = installation.wiring
    with wiring.reading() as session:
        subscriber = find_subscriber_by_key(session, ANA)
    assert subscriber is not None
    token = wiring.tokens.sign(Purpose.UNSUBSCRIBE, subscriber.id, wiring.clock())
    read = replace(wiring, bounce_address="bounces@letters.example")
    sender = bounce_sender(read, run_id, subscriber.id)
    return dsn(Report(to=sender, returned=b"")), letter(f"leave+{token}@letters.example")


def test_a_maildir_is_counted_and_the_run_says_what_came_back(
    terminal: Terminal, mail: tuple[bytes, bytes], tmp_path: Path
) -> None:
    box = mailbox.Maildir(tmp_path / "mail")
    for raw in mail:
        box.add(raw)

    counts = terminal.json("feedback", "read", str(tmp_path / "mail"))

    assert isinstance(counts, dict)
    assert {name: count for name, count in counts.items() if count} == {"hard": 1, "left": 1}
    assert set(counts) == {heeded.name.lower() for heeded in Heeded}
    run = terminal.json("runs", "show", "1")
    assert isinstance(run, dict)
    assert run["came_back"]["hard bounce"] == 1
    assert "Came back" in terminal.output("runs", "show", "1")
    assert "Hard bounce" in terminal.output("feedback", "read", str(tmp_path / "mail"))


def test_a_message_through_a_pipe_ends_well_whatever_it_is(
    terminal: Terminal, mail: tuple[bytes, bytes]
) -> None:
    from_a_server = b"From MAILER-DAEMON Thu Dec  3 06:00:00 2026\n"

    ends = [
        terminal.run("feedback", "read", "-", typed=raw).exit_code
        for raw in (from_a_server + mail[0], mail[1], b"\x00\xff", b"")
    ]

    assert ends == [0, 0, 0, 0]
    shown = terminal.json("subscribers", "show", ANA)
    assert isinstance(shown, dict)
    assert (shown["status"], shown["suppressed"]) == ("ended", "hard bounce")


def test_a_pipe_that_cannot_be_served_asks_the_mail_server_to_try_again(
    terminal: Terminal, installation: Installation, mail: tuple[bytes, bytes]
) -> None:
    with installation.premises().engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE feedback RENAME TO feedback_away")

    result = terminal.run("feedback", "read", "-", typed=mail[0])

    assert result.exit_code == os.EX_TEMPFAIL
    assert "feedback" in result.stderr


def test_a_place_without_a_mailbox_is_named(terminal: Terminal, tmp_path: Path) -> None:
    missing = terminal.run("feedback", "read", str(tmp_path / "nothing"))
    no_maildir = terminal.run("feedback", "read", str(tmp_path))

    assert (missing.exit_code, no_maildir.exit_code) == (1, 1)
    assert "There is no mailbox" in missing.stderr
    assert "is no Maildir" in no_maildir.stderr
