"""What every transport does, whatever it is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.network import LOOPBACK, free_port
from tests.support.relay import Relay
from topthree.domain.delivery import Verdict
from topthree.mail.transport import Envelope, Phase, RelayUnavailable, Transport
from topthree.mail.transports.maildir import MaildirOutbox
from topthree.mail.transports.relay_url import parse_relay_url
from topthree.mail.transports.smtp import SmtpTransport

SENDER = "letters@letters.example.gov"
MESSAGE = (
    b"From: letters@letters.example.gov\r\nTo: teacher@school.example\r\nSubject: x\r\n\r\n"
    b".a line that begins with a dot\r\n..\r\n.\r\nthe end\r\n"
)


@dataclass(frozen=True, kw_only=True)
class Way:
    transport: Transport
    arrived: Callable[[], Sequence[bytes]]


@pytest.fixture(params=["smtp", "maildir"])
def way(request: pytest.FixtureRequest, tmp_path: Path) -> Way:
    if request.param == "smtp":
        relay: Relay = request.getfixturevalue("relay")
        url = f"smtp+plain://{relay.host}:{relay.port}"
        return Way(
            transport=SmtpTransport(relay=parse_relay_url(url)),
            arrived=lambda: [message.content for message in relay.accepted],
        )
    folder = tmp_path / "outbox"
    return Way(
        transport=MaildirOutbox(folder=folder),
        arrived=lambda: [path.read_bytes() for path in sorted((folder / "new").iterdir())],
    )


def to(recipient: str) -> Envelope:
    return Envelope(sender=SENDER, recipient=recipient)


def test_a_message_arrives_byte_for_byte(way: Way) -> None:
    """R-2: lines that begin with a dot survive."""
    with way.transport.connect() as connection:
        outcome = connection.send(to("teacher@school.example"), MESSAGE)

    assert outcome.verdict is Verdict.ACCEPTED
    assert outcome.code == 250
    assert outcome.reply
    assert way.arrived() == [MESSAGE]


def test_a_connection_takes_one_message_after_the_other_in_order(way: Way) -> None:
    messages = [MESSAGE.replace(b"Subject: x", b"Subject: %d" % number) for number in range(20)]

    with way.transport.connect() as connection:
        outcomes = [connection.send(to("teacher@school.example"), each) for each in messages]

    assert {outcome.verdict for outcome in outcomes} == {Verdict.ACCEPTED}
    assert way.arrived() == messages


def test_an_address_that_cannot_be_written_stops_nobody_else(way: Way) -> None:
    """R-22."""
    addresses = [f"teacher-{number}@school.example" for number in range(9)]

    with way.transport.connect() as connection:
        outcomes = [
            connection.send(to(address), MESSAGE)
            for address in [*addresses[:4], "josé@school.example", *addresses[4:]]
        ]

    assert outcomes[4].verdict is Verdict.REFUSED
    assert outcomes[4].code == 0
    assert len(way.arrived()) == 9


def test_a_transport_can_be_connected_to_again(way: Way) -> None:
    for _ in range(2):
        with way.transport.connect() as connection:
            connection.send(to("teacher@school.example"), MESSAGE)

    assert len(way.arrived()) == 2


def test_closing_twice_is_closing_once(way: Way) -> None:
    with way.transport.connect() as connection:
        connection.close()
        connection.close()

    assert way.arrived() == []


def test_a_way_out_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    nowhere: list[Transport] = [
        SmtpTransport(relay=parse_relay_url(f"smtp+plain://{LOOPBACK}:{free_port()}")),
        MaildirOutbox(folder=file / "outbox"),
    ]

    for transport in nowhere:
        with pytest.raises(RelayUnavailable) as caught, transport.connect():
            pass
        assert caught.value.phase is Phase.CONNECT
        assert str(caught.value).startswith("The mail relay could not be reached: ")
