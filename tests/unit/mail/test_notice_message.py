"""Messages about a subscription or a sign-in, on the wire."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from tests.unit.render.letters import NEWSLETTER
from topthree.mail.headers import HeaderRefused
from topthree.mail.message import build_notice
from topthree.render.notices import render_confirmation

TEACHER = "teacher@school.example"
NOTICE = render_confirmation(
    NEWSLETTER,
    code="418206",
    confirm_url=NEWSLETTER.confirm_url("TOKEN"),
    disown_url=NEWSLETTER.disown_url("OTHER"),
)


def raw(recipient: str = TEACHER) -> bytes:
    return build_notice(
        NOTICE,
        NEWSLETTER,
        recipient=recipient,
        message_id="<n1@letters.example.gov>",
        date=datetime(2026, 11, 19, 11, 0, tzinfo=UTC),
    )


def parsed() -> EmailMessage:
    return message_from_bytes(raw(), policy=policy.default)


def test_a_notice_is_one_sound_message_to_one_person() -> None:
    """R-1, R-3, R-11."""
    message = parsed()

    assert [part.defects for part in message.walk()] == [[], [], []]
    assert raw().isascii()
    assert message["To"].addresses[0].addr_spec == TEACHER
    assert message["Subject"] == "Your code for Teachers’ Top Three: 418 206"


def test_a_notice_is_not_part_of_the_list() -> None:
    """R-32: nothing can be unsubscribed from before anything is subscribed to."""
    assert [name for name in parsed() if name.lower().startswith("list-")] == []
    assert "Precedence" not in parsed()


def test_a_notice_is_known_as_written_by_a_machine() -> None:
    """R-18."""
    assert parsed()["Auto-Submitted"] == "auto-generated"


def test_nobody_else_can_be_brought_in_as_a_recipient() -> None:
    """R-8, R-11."""
    with pytest.raises(HeaderRefused):
        raw("teacher@school.example, other@school.example")
