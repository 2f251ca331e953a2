"""Groups of commands on a wire that takes less than it is given, or breaks in the middle."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from topthree.domain.sending.outcome import Outcome, Verdict
from topthree.mail.transport import Envelope, Mail, Phase, RelayUnavailable
from topthree.mail.transports.smtp_commands import Offers
from topthree.mail.transports.smtp_conversation import SmtpConnection
from topthree.mail.transports.smtp_wire import Unwritten, Wire

GROUP = (b"Subject: x\r\n\r\n", b"", b".\r\n", b"MAIL FROM:<letters@example.gov>\r\n")
WHOLE = b"".join(GROUP)

TEXT = b"Subject: x\r\n\r\nx\r\n"
FIRST = b"MAIL FROM:<a@example.gov>\r\nRCPT TO:<b@school.example>\r\nDATA\r\n"
DOT_AT = len(FIRST) + len(TEXT) + len(b".\r\n")


class NarrowSocket(socket.socket):
    """Takes a few bytes at a time, breaks after a number of them, and is answered in between."""

    at_a_time = 5
    pause_seconds = 0.0
    breaks_after = 1_000_000
    taken = b""
    #: When what was taken ends so, the other side says this.
    answers: dict[bytes, bytes] = {}  # noqa: RUF012 (each test sets its own)
    other_side: socket.socket

    def sendmsg(self, buffers: Iterable[Any], *_: Any) -> int:  # noqa: ANN401
        return self.send(b"".join(buffers))

    def send(self, data: Any, _: int = 0) -> int:  # noqa: ANN401
        count = min(self.at_a_time, len(data), self.breaks_after - len(self.taken))
        if data and not count:
            raise ConnectionResetError("reset")
        time.sleep(self.pause_seconds)
        for byte in bytes(data[:count]):
            self.taken += bytes([byte])
            for end, answer in self.answers.items():
                if self.taken.endswith(end):
                    self.other_side.sendall(answer)
        return count


@pytest.fixture
def narrow() -> Iterator[NarrowSocket]:
    ours, theirs = socket.socketpair()
    with theirs, NarrowSocket(fileno=ours.detach()) as narrow:
        narrow.other_side = theirs
        narrow.answers = {
            b"DATA\r\n": b"250 ok\r\n250 ok\r\n354 go\r\n",
            b"\r\n.\r\n": b"250 kept\r\n",
        }
        yield narrow


def test_a_group_that_goes_in_pieces_goes_whole(narrow: NarrowSocket) -> None:
    Wire(narrow, 5).write(*GROUP)

    assert narrow.taken == WHOLE


@pytest.mark.parametrize("breaks_after", range(len(WHOLE)))
def test_a_broken_wire_tells_how_much_may_have_left(
    narrow: NarrowSocket, breaks_after: int
) -> None:
    narrow.breaks_after = breaks_after

    with pytest.raises(Unwritten, match="reset") as caught:
        Wire(narrow, 5).write(*GROUP)

    assert caught.value.sent == breaks_after == len(narrow.taken)


@pytest.mark.parametrize("breaks_after", range(len(FIRST), DOT_AT))
def test_a_message_whose_dot_did_not_leave_was_not_taken(
    narrow: NarrowSocket, breaks_after: int
) -> None:
    narrow.breaks_after = breaks_after

    with pytest.raises(RelayUnavailable) as caught:
        next(conversation(narrow))

    assert caught.value.phase is Phase.BODY


@pytest.mark.parametrize("breaks_after", range(DOT_AT, DOT_AT + len(FIRST)))
def test_a_message_whose_dot_left_is_what_the_relay_says_it_is(
    narrow: NarrowSocket, breaks_after: int
) -> None:
    """What breaks after the dot is the next message's envelope."""
    narrow.breaks_after = breaks_after
    outcomes = conversation(narrow)

    first = next(outcomes)
    narrow.other_side.close()
    with pytest.raises(RelayUnavailable):
        next(outcomes)

    assert (first.verdict, first.reply) == (Verdict.ACCEPTED, "kept")


def test_a_relay_that_reads_nothing_is_left_after_the_timeout() -> None:
    ours, theirs = socket.socketpair()
    with theirs, ours, pytest.raises(Unwritten, match="timed out") as caught:
        Wire(ours, 0.1).write(b"x" * 10_000_000)

    assert 0 < caught.value.sent < 10_000_000


def test_a_relay_that_reads_ever_so_slowly_is_left_after_the_timeout(narrow: NarrowSocket) -> None:
    """Each piece goes in time, and the whole does not."""
    narrow.at_a_time, narrow.pause_seconds = 1, 0.05

    with pytest.raises(Unwritten, match="timed out"):
        Wire(narrow, 0.2).write(*GROUP)

    assert 0 < len(narrow.taken) < len(WHOLE)


def conversation(sock: socket.socket) -> Iterator[Outcome]:
    offers = Offers(pipelining=True)
    connection = SmtpConnection(Wire(sock, 5), offers, final_dot_timeout_seconds=5)
    envelope = Envelope(sender="a@example.gov", recipient="b@school.example")
    return connection.send_each([Mail(envelope=envelope, message=TEXT)] * 2)
