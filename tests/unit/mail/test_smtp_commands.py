"""What opens a message, and what cannot be said in it."""

from __future__ import annotations

import pytest

from topthree.mail.transport import Envelope, Mail
from topthree.mail.transports.smtp_commands import Offers, Unwritable, UnwritableSender, opening

NOTHING = Offers()
WIDE = Offers(eight_bit=True)
SEVEN = b"Subject: x\r\n\r\nx\r\n"
EIGHT = "Subject: x\r\n\r\nUn año\r\n".encode()


def mail(
    *,
    sender: str = "letters@example.gov",
    to: str = "teacher@school.example",
    message: bytes = SEVEN,
) -> Mail:
    return Mail(envelope=Envelope(sender=sender, recipient=to), message=message)


@pytest.mark.parametrize("offers", [NOTHING, WIDE])
def test_three_commands_open_a_message_of_seven_bits(offers: Offers) -> None:
    assert opening(mail(), offers) == (
        b"MAIL FROM:<letters@example.gov>\r\nRCPT TO:<teacher@school.example>\r\nDATA\r\n"
    )


def test_eight_bits_are_announced_where_they_are_taken() -> None:
    """RFC 6152."""
    commands = opening(mail(message=EIGHT), WIDE)

    assert commands.startswith(b"MAIL FROM:<letters@example.gov> BODY=8BITMIME\r\n")


def test_eight_bits_go_nowhere_else() -> None:
    with pytest.raises(Unwritable, match="8BITMIME"):
        opening(mail(message=EIGHT), NOTHING)


def test_nobody_may_be_the_sender() -> None:
    assert opening(mail(sender=""), NOTHING).startswith(b"MAIL FROM:<>\r\n")


UNWRITABLE = [
    "josé@school.example",
    "teacher@schule-köln.example",
    "a teacher@school.example",
    "teacher@school.example>\r\nRCPT TO:<other@school.example",
    "teacher@school.example\n",
    "teacher",
    "tea<cher@school.example",
    "teacher\0@school.example",
]


@pytest.mark.parametrize("address", ["", *UNWRITABLE])
def test_a_recipient_no_command_can_say_is_told_before_anything_is_written(address: str) -> None:
    with pytest.raises(Unwritable) as caught:
        opening(mail(to=address), NOTHING)

    assert not isinstance(caught.value, UnwritableSender)


@pytest.mark.parametrize("address", UNWRITABLE)
def test_a_sender_no_command_can_say_is_not_the_recipients_fault(address: str) -> None:
    with pytest.raises(UnwritableSender):
        opening(mail(sender=address), NOTHING)
