"""What every transport does, whatever it is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.network import LOOPBACK, free_port
from tests.support.relay import Relay
from tests.support.sink import Manner, Sink
from topthree.domain.sending.outcome import Outcome, Stage, Verdict
from topthree.mail.transport import Envelope, Mail, Phase, RelayUnavailable, Transport
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


@pytest.fixture
def pipelining_sink() -> Iterator[Sink]:
    with Sink(Manner(pipelining=True, keeps_content=True)) as sink:
        yield sink


@pytest.fixture(params=["smtp", "smtp with pipelining", "maildir"])
def way(request: pytest.FixtureRequest, tmp_path: Path) -> Way:
    if request.param == "smtp":
        relay: Relay = request.getfixturevalue("relay")
        return Way(
            transport=SmtpTransport(relay=parse_relay_url(relay.url)),
            arrived=lambda: [message.content for message in relay.accepted],
        )
    if request.param == "smtp with pipelining":
        sink: Sink = request.getfixturevalue("pipelining_sink")
        return Way(
            transport=SmtpTransport(relay=parse_relay_url(sink.url)),
            arrived=lambda: [kept.content for kept in sink.accepted],
        )
    folder = tmp_path / "outbox"
    return Way(
        transport=MaildirOutbox(folder=folder),
        arrived=lambda: [path.read_bytes() for path in sorted((folder / "new").iterdir())],
    )


def to(recipient: str) -> Envelope:
    return Envelope(sender=SENDER, recipient=recipient)


def numbered(count: int) -> list[Mail]:
    return [
        Mail(
            envelope=to(f"teacher-{number}@school.example"),
            message=MESSAGE.replace(b"Subject: x", b"Subject: %d" % number),
        )
        for number in range(count)
    ]


def test_a_message_arrives_byte_for_byte(way: Way) -> None:
    """R-2: lines that begin with a dot survive."""
    with way.transport.connect() as connection:
        outcome = connection.send(to("teacher@school.example"), MESSAGE)

    assert (outcome.verdict, outcome.code, outcome.stage) == (Verdict.ACCEPTED, 250, Stage.TEXT)
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

    unwritable = outcomes[4]
    assert (unwritable.verdict, unwritable.code, unwritable.stage) == (
        Verdict.REFUSED,
        0,
        Stage.NONE,
    )
    assert len(way.arrived()) == 9


def test_each_outcome_is_given_in_the_order_of_the_mails(way: Way) -> None:
    mails = numbered(20)
    mails[7] = Mail(envelope=to("josé@school.example"), message=MESSAGE)

    with way.transport.connect() as connection:
        outcomes = list(connection.send_each(mails))

    refused = [number for number, each in enumerate(outcomes) if each.verdict is Verdict.REFUSED]
    assert (len(outcomes), refused, outcomes[7].code) == (20, [7], 0)
    assert way.arrived() == [mail.message for mail in mails if mail is not mails[7]]


def test_no_mails_are_no_outcomes(way: Way) -> None:
    with way.transport.connect() as connection:
        assert list(connection.send_each([])) == []

    assert way.arrived() == []


def test_nobody_gets_a_message_before_the_outcomes_up_to_it_are_recorded(way: Way) -> None:
    """The uncertain mail of a dead process is the first unrecorded one, and there is only one."""
    recorded: list[Outcome] = []
    arrived_beyond: list[int] = []

    def mails() -> Iterator[Mail]:
        for number, mail in enumerate(numbered(9)):
            # At most the mail before this one, whose text may ride with this one's envelope.
            assert number - len(recorded) <= 1
            assert len(way.arrived()) == len(recorded)
            yield mail

    with way.transport.connect() as connection:
        for outcome in connection.send_each(mails()):
            arrived_beyond.append(len(way.arrived()) - len(recorded))
            recorded.append(outcome)

    assert arrived_beyond == [1] * 9


def test_a_connection_stays_good_after_mails_that_ended(way: Way) -> None:
    first, second, third = numbered(3)

    with way.transport.connect() as connection:
        outcomes = [
            *connection.send_each([first]),
            connection.send(second.envelope, second.message),
            *connection.send_each([third]),
        ]

    assert [outcome.verdict for outcome in outcomes] == [Verdict.ACCEPTED] * 3
    assert len(way.arrived()) == 3


def test_who_does_not_come_back_for_more_sends_no_more(way: Way) -> None:
    with way.transport.connect() as connection:
        outcomes = connection.send_each(numbered(5))
        taken = [next(outcomes), next(outcomes)]

    assert [outcome.verdict for outcome in taken] == [Verdict.ACCEPTED] * 2
    assert len(way.arrived()) == 2


def test_mails_that_break_off_take_back_what_was_not_sent(way: Way) -> None:
    recorded: list[Outcome] = []

    def mails() -> Iterator[Mail]:
        yield from numbered(3)
        raise LookupError

    with (
        way.transport.connect() as connection,
        pytest.raises(LookupError),
    ):
        recorded.extend(connection.send_each(mails()))

    assert len(way.arrived()) == len(recorded)


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
