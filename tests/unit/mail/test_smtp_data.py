"""The text of a message as DATA takes it."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from topthree.mail.transport import Envelope, Mail
from topthree.mail.transports.smtp_commands import as_data

NOBODY = Envelope(sender="", recipient="")
LINES = st.lists(st.sampled_from([b"", b".", b"..", b".x", b"x", b"x.", b"x\r"]), max_size=6)


@given(LINES.map(b"\r\n".join))
@example(b"")
@example(b".")
@example(b".\r\n")
@example(b"one\r\n.\r\ntwo")
def test_a_server_that_takes_the_dots_out_again_has_the_message(message: bytes) -> None:
    text, dot = as_data(Mail(envelope=NOBODY, message=message))

    *lines, last, rest = (text + dot).split(b"\r\n")

    assert (last, rest) == (b".", b"")
    assert b"." not in lines
    received = b"\r\n".join(line[1:] if line.startswith(b".") else line for line in lines)
    assert received == message.removesuffix(b"\r\n")


def test_a_message_that_needs_no_dots_is_not_copied() -> None:
    message = b"Subject: x\r\n\r\nThe end. Really.\r\n"

    assert as_data(Mail(envelope=NOBODY, message=message))[0] is message
