"""What an editor reads in the outbox."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.unit.render.letters import EDITION, NEWSLETTER, rendered
from topthree.domain.newsletter import UNSUBSCRIBE_TOKEN_LENGTH
from topthree.domain.refusal import NotFound
from topthree.mail.message import Splicer, freeze_issue
from topthree.mail.transport import Envelope
from topthree.mail.transports.maildir import MaildirOutbox, read_outbox, read_outbox_message

TOKEN = "t" * UNSUBSCRIBE_TOKEN_LENGTH


def issue_for(recipient: str) -> bytes:
    return Splicer(freeze_issue(rendered(), NEWSLETTER, key=EDITION.key)).splice(
        recipient=recipient,
        token=TOKEN,
        message_id="<a@letters.example.gov>",
        date=datetime(2026, 11, 19, 11, 0, tzinfo=UTC),
    )


def keep(folder: Path, *recipients: str) -> None:
    with MaildirOutbox(folder=folder).connect() as connection:
        for recipient in recipients:
            envelope = Envelope(sender=NEWSLETTER.sender_address, recipient=recipient)
            connection.send(envelope, issue_for(recipient))


def test_a_kept_message_reads_as_it_would_have_arrived(tmp_path: Path) -> None:
    keep(tmp_path, "teacher@school.example")

    [message] = read_outbox(tmp_path, limit=10)
    assert message.recipient == "teacher@school.example"
    assert message.subject == rendered().subject
    assert message.text.splitlines()[0] == rendered().text.splitlines()[0]
    assert "<h1" in message.html
    assert message.unsubscribe_url == NEWSLETTER.one_click_url(TOKEN)
    assert message.size_bytes == len(issue_for("teacher@school.example"))
    assert message.when.tzinfo is UTC


def test_the_newest_come_first_and_no_more_than_asked_for(tmp_path: Path) -> None:
    keep(tmp_path, *(f"teacher-{number}@school.example" for number in range(10)))

    found = [message.recipient for message in read_outbox(tmp_path, limit=3)]

    assert found == [f"teacher-{number}@school.example" for number in (9, 8, 7)]


def test_a_message_that_another_program_moved_is_still_found(tmp_path: Path) -> None:
    """A mail reader that opens the Maildir moves what it has shown from new to cur."""
    keep(tmp_path, "teacher@school.example")
    [path] = (tmp_path / "new").iterdir()
    path.rename(tmp_path / "cur" / f"{path.name}:2,S")

    [message] = read_outbox(tmp_path, limit=10)
    assert read_outbox_message(tmp_path, message.name) == message


def test_an_outbox_that_is_not_there_yet_is_empty(tmp_path: Path) -> None:
    assert read_outbox(tmp_path / "outbox", limit=10) == ()


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../secret",
        "../../secret",
        "new/../../secret",
        "/etc/passwd",
        "nothing",
        "\0",
    ],
)
def test_no_name_leads_out_of_the_outbox(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text("secret")
    keep(tmp_path / "outbox", "teacher@school.example")

    with pytest.raises(NotFound, match="no such message"):
        read_outbox_message(tmp_path / "outbox", name)


def test_nobody_else_on_the_machine_reads_the_outbox(tmp_path: Path) -> None:
    keep(tmp_path / "outbox", "teacher@school.example")

    assert (tmp_path / "outbox" / "new").stat().st_mode & 0o077 == 0


def test_nothing_is_left_half_written(tmp_path: Path) -> None:
    keep(tmp_path, "teacher@school.example")

    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_file_that_is_no_message_is_shown_as_far_as_it_can_be(tmp_path: Path) -> None:
    keep(tmp_path, "teacher@school.example")
    (tmp_path / "new" / "strange").write_bytes(b"\xff\xfe not a message at all")

    strange = read_outbox_message(tmp_path, "strange")

    assert (strange.recipient, strange.subject, strange.html) == ("", "", "")
    assert len(read_outbox(tmp_path, limit=10)) == 2
