"""Messages one after another over one conversation, several commands at a time or one a turn."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.certificates import Authority
from tests.support.faults import Fault
from tests.support.faults import Phase as At
from tests.support.network import LOOPBACK
from tests.support.sink import Manner, Sink
from tests.support.told_relay import HELLO, OFFER, Privacy, ToldRelay, told_relay
from topthree.domain.sending.outcome import Outcome, Verdict
from topthree.mail.transport import Envelope, Mail, Phase, RelayUnavailable
from topthree.mail.transports.relay_url import parse_relay_url
from topthree.mail.transports.smtp import SmtpTransport

TEXT = b"Subject: Three things\r\n\r\nOne\r\nTwo\r\nThree\r\n"
THREE = b"250 sender\r\n250 recipient\r\n354 go\r\n"
KEPT = b"250 kept\r\n"
END = b"\r\n.\r\n"
DATA = b"DATA\r\n"
HANG_UP = (b"", b"")


def mail(number: int, recipient: str = "") -> Mail:
    return Mail(
        envelope=Envelope(
            sender=f"letters+{number}@example.gov",
            recipient=recipient or f"teacher-{number}@school.example",
        ),
        message=TEXT,
    )


def envelope(number: int) -> bytes:
    return (
        b"MAIL FROM:<letters+%d@example.gov>\r\nRCPT TO:<teacher-%d@school.example>\r\nDATA\r\n"
    ) % (number, number)


def transport(url: str) -> SmtpTransport:
    relay = parse_relay_url(url)
    return SmtpTransport(relay=replace(relay, timeout_seconds=5, final_dot_timeout_seconds=5))


@dataclass(frozen=True, kw_only=True)
class Ended:
    """What came of some mails: their outcomes, and what the relay was unavailable for, if so."""

    outcomes: tuple[Outcome, ...]
    unavailable: tuple[Phase, int] | None = None

    @property
    def verdicts(self) -> list[Verdict]:
        return [outcome.verdict for outcome in self.outcomes]


def sent(way: SmtpTransport, mails: Sequence[Mail]) -> Ended:
    outcomes: list[Outcome] = []
    try:
        with way.connect() as connection:
            for outcome in connection.send_each(mails):
                outcomes.append(outcome)  # noqa: PERF402 (those before an error count)
    except RelayUnavailable as error:
        return Ended(outcomes=tuple(outcomes), unavailable=(error.phase, error.code))
    return Ended(outcomes=tuple(outcomes))


def told(relay: ToldRelay, count: int) -> Ended:
    return sent(transport(relay.url), [mail(number) for number in range(count)])


# What is written together


def test_the_next_envelope_rides_with_the_text_before_it() -> None:
    turns = (DATA, THREE), (DATA, KEPT + THREE), (END, KEPT)
    with told_relay(HELLO, OFFER, *turns) as relay:
        ended = told(relay, 2)

    assert ended.verdicts == [Verdict.ACCEPTED] * 2
    assert relay.heard[2:] == [
        envelope(0),
        TEXT + b".\r\n" + envelope(1),
        TEXT + b".\r\n",
        b"QUIT\r\n",
    ]


def test_nothing_rides_where_it_was_not_offered() -> None:
    end_of_line = b"\r\n"
    one_mail = (
        (end_of_line, b"250 ok\r\n"),
        (end_of_line, b"250 ok\r\n"),
        (end_of_line, b"354 go\r\n"),
        (END, KEPT),
    )
    with told_relay(HELLO, (end_of_line, b"250 x\r\n"), *one_mail, *one_mail) as relay:
        ended = told(relay, 2)

    assert ended.verdicts == [Verdict.ACCEPTED] * 2
    assert [heard.count(b"\r\n") for heard in relay.heard[2:5]] == [1, 1, 1]
    assert relay.heard[5] == TEXT + b".\r\n"


def test_a_relay_may_answer_a_group_in_pieces() -> None:
    turns = (DATA, b"250 sen"), (b"", b"der\r\n250-reci\r\n"), (b"", b"250 pient\r\n354 go\r\n")
    with told_relay(HELLO, OFFER, *turns, (END, KEPT)) as relay:
        assert told(relay, 1).verdicts == [Verdict.ACCEPTED]


def test_groups_go_through_encryption_whole(
    relay_certificate: ssl.SSLContext, authority: Authority, tmp_path: Path
) -> None:
    root = authority.write_root(tmp_path / "root.pem")
    long = TEXT + (b"x" * 70 + b"\r\n") * 1_000
    turns = (DATA, THREE), (DATA, KEPT + THREE), (END, KEPT)
    privacy = Privacy(certificate=relay_certificate)
    with told_relay(HELLO, OFFER, *turns, privacy=privacy) as relay:
        way = transport(f"smtps://{LOOPBACK}:{relay.port}?cafile={root}")
        ended = sent(way, [replace(mail(number), message=long) for number in range(2)])

    assert ended.verdicts == [Verdict.ACCEPTED] * 2
    assert relay.heard[3] == long + b".\r\n" + envelope(1)


# Back in step


def test_a_recipient_refused_in_a_group_gets_no_text() -> None:
    """RFC 2920 §3.1: a DATA answered all the same is ended by a dot alone."""
    refused = b"250 sender\r\n550 5.1.1 nobody\r\n354 go\r\n"
    turns = (DATA, refused), (b".\r\n", b"554 no valid recipients\r\n"), (DATA, b"250 reset\r\n")
    with told_relay(HELLO, OFFER, *turns, (b"", THREE), (END, KEPT)) as relay:
        ended = told(relay, 2)

    assert ended.verdicts == [Verdict.REFUSED, Verdict.ACCEPTED]
    assert (ended.outcomes[0].code, ended.outcomes[0].reply) == (550, "5.1.1 nobody")
    assert relay.heard[3] == b".\r\n"
    assert relay.heard[4] == b"RSET\r\n" + envelope(1)


def test_a_recipient_refused_on_the_way_leaves_the_message_before_it_alone() -> None:
    refused = b"250 sender\r\n450 4.2.1 later\r\n554 no valid recipients\r\n"
    reset = b"250 reset\r\n" + THREE
    turns = (DATA, THREE), (DATA, KEPT + refused), (DATA, reset), (END, KEPT)
    with told_relay(HELLO, OFFER, *turns) as relay:
        ended = told(relay, 3)

    assert ended.verdicts == [Verdict.ACCEPTED, Verdict.DEFERRED, Verdict.ACCEPTED]
    assert relay.heard[4] == b"RSET\r\n" + envelope(2)


def test_a_reply_too_many_is_never_taken_for_the_answer_to_the_final_dot() -> None:
    with told_relay(HELLO, OFFER, (DATA, THREE + b"250 kept, says who?\r\n")) as relay:
        ended = told(relay, 1)

    assert ended == Ended(outcomes=(), unavailable=(Phase.DATA, 0))
    assert TEXT not in relay.heard[-1]


# The end of a conversation


@pytest.mark.parametrize(
    ("answers", "phase", "code"),
    [
        (b"421 closing\r\n", Phase.SENDER, 421),
        (b"451 4.3.0 not now\r\n250 ok\r\n354 go\r\n", Phase.SENDER, 451),
        (b"250 ok\r\n421 closing\r\n", Phase.RECIPIENT, 421),
        (b"250 ok\r\n999 what?\r\n", Phase.RECIPIENT, 999),
        (b"250 ok\r\n250 ok\r\n421 closing\r\n", Phase.DATA, 421),
        (b"250 ok\r\n250 ok\r\n250 ok\r\n", Phase.DATA, 250),
        (b"250 ok\r\n", Phase.RECIPIENT, 0),
        (b"\xff\xfe\r\n", Phase.SENDER, 0),
        (b"250-ok\r\n" * 20_000, Phase.SENDER, 0),
    ],
)
def test_what_goes_wrong_with_the_next_envelope_is_not_about_the_message_before_it(
    answers: bytes, phase: Phase, code: int
) -> None:
    with told_relay(HELLO, OFFER, (DATA, THREE), (DATA, KEPT + answers), HANG_UP) as relay:
        ended = told(relay, 3)

    assert ended.verdicts == [Verdict.ACCEPTED]
    assert ended.unavailable == (phase, code)


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize(
    "answer",
    [b"", b"25", b"999 what?\r\n" + THREE, b"354 what?\r\n" + THREE, b"250-\r\n" * 20_000, b"\0\n"],
)
def test_an_end_nobody_heard_of_is_the_last_outcome(answer: bytes, count: int) -> None:
    """The next mail was not taken, though its envelope was written."""
    end = DATA if count > 1 else END
    with told_relay(HELLO, OFFER, (DATA, THREE), (end, answer), HANG_UP) as relay:
        ended = told(relay, count)

    assert ended.verdicts == [Verdict.UNKNOWN]
    assert ended.unavailable == ((Phase.SENDER, 0) if count > 1 else None)


def test_a_relay_that_closes_down_after_the_final_dot_is_heard() -> None:
    turns = (DATA, THREE), (DATA, b"421 4.3.2 closing\r\n250 ok\r\n")
    with told_relay(HELLO, OFFER, *turns) as relay:
        ended = told(relay, 2)

    assert ended.verdicts == [Verdict.DEFERRED]
    assert ended.unavailable == (Phase.SENDER, 0)


@pytest.mark.parametrize(
    "answers",
    [
        b"550 nobody\r\n421 closing\r\n",
        b"550 nobody\r\n250 what?\r\n",
        b"550 nobody\r\nnonsense\r\n",
    ],
)
def test_a_refusal_holds_though_the_conversation_ends_with_it(answers: bytes) -> None:
    with told_relay(HELLO, OFFER, (DATA, b"250 sender\r\n" + answers)) as relay:
        ended = told(relay, 2)

    assert ended.verdicts == [Verdict.REFUSED]
    assert ended.unavailable == (Phase.SENDER, 0)
    assert relay.heard[-1] == b""


def test_a_message_that_was_begun_is_taken_back_by_hanging_up() -> None:
    """A dot would send it, and anything else would be its text."""
    with (
        told_relay(HELLO, OFFER, (DATA, THREE), (DATA, KEPT + THREE)) as relay,
        transport(relay.url).connect() as connection,
    ):
        outcomes = connection.send_each([mail(0), mail(1)])
        first = next(outcomes)

    assert first.verdict is Verdict.ACCEPTED
    assert relay.heard[-1] == b""


def test_nothing_is_sent_into_the_middle_of_something_else() -> None:
    other = mail(2)
    with (
        told_relay(HELLO, OFFER, (DATA, THREE), (DATA, KEPT + THREE)) as relay,
        transport(relay.url).connect() as connection,
    ):
        outcomes = connection.send_each([mail(0), mail(1)])
        next(outcomes)
        with pytest.raises(RelayUnavailable, match="The conversation is over"):
            connection.send(other.envelope, other.message)

    assert relay.heard[-1] == b""


def test_a_reply_that_dribbles_ends_with_our_patience() -> None:
    """Each piece comes in time, and the whole does not."""
    with told_relay(HELLO, OFFER, (DATA, THREE), (END, b"250 ok\r\n"), dribble=0.1) as relay:
        relay_known = transport(relay.url).relay
        impatient = SmtpTransport(relay=replace(relay_known, final_dot_timeout_seconds=0.3))
        ended = sent(impatient, [mail(0)])

    assert ended.verdicts == [Verdict.UNKNOWN]


def test_an_endless_greeting_takes_neither_time_nor_memory() -> None:
    with told_relay(HELLO, (b"\r\n", b"250-and\r\n" * 100_000)) as relay:
        ended = told(relay, 1)

    assert ended.unavailable == (Phase.GREETING, 0)


def test_a_relay_that_does_not_start_anew_blames_neither_sender_nor_recipient() -> None:
    refused = b"250 sender\r\n550 nobody\r\n554 no valid recipients\r\n"
    tired = b"554 Too many nonmail commands\r\n"
    with told_relay(HELLO, OFFER, (DATA, refused), (DATA, tired), HANG_UP) as relay:
        ended = told(relay, 2)

    assert ended.verdicts == [Verdict.REFUSED]
    assert ended.unavailable == (Phase.SENDER, 0)


# Addresses that cannot be written


def test_a_recipient_that_cannot_be_written_is_refused_between_two_that_can() -> None:
    turns = (DATA, THREE), (END, KEPT), (DATA, THREE), (END, KEPT)
    with told_relay(HELLO, OFFER, *turns) as relay:
        mails = [mail(0), mail(1, "a teacher@school.example"), mail(2)]
        ended = sent(transport(relay.url), mails)

    assert ended.verdicts == [Verdict.ACCEPTED, Verdict.REFUSED, Verdict.ACCEPTED]
    assert relay.heard[3:5] == [TEXT + b".\r\n", envelope(2)]


def test_a_sender_that_cannot_be_written_blames_nobody() -> None:
    broken = replace(mail(1), envelope=replace(mail(1).envelope, sender="x@y.example>\r\nDATA"))
    with told_relay(HELLO, OFFER, (DATA, THREE), (END, KEPT)) as relay:
        ended = sent(transport(relay.url), [mail(0), broken])

    assert ended.verdicts == [Verdict.ACCEPTED]
    assert ended.unavailable == (Phase.SENDER, 0)
    assert relay.heard[-1] == b""


# Both ways come to the same

REFUSALS = ["450 4.2.1 Later", "550 5.1.1 Nobody", "421 4.3.2 Closing"]
FATES = st.one_of(
    st.just("accepted"),
    st.just("unwritable"),
    st.tuples(st.sampled_from(list(At)), st.sampled_from([*REFUSALS, "drop"])),
)
Fate = str | tuple[At, str]


def fault(number: int, fate: tuple[At, str]) -> Fault:
    phase, what = fate
    envelope = mail(number).envelope
    key = envelope.sender if phase is At.MAIL else envelope.recipient
    if what == "drop":
        return Fault(phase=phase, recipient=key, drop=True)
    return Fault(phase=phase, recipient=key, refuse=what)


def played(sink: Sink, fates: Sequence[Fate]) -> tuple[Ended, list[str]]:
    """Send a mail for each fate, and return what came of it and who has got one."""
    sink.script.clear()
    sink.accepted.clear()
    mails = []
    for number, fate in enumerate(fates):
        mails.append(mail(number, "josé@school.example" if fate == "unwritable" else ""))
        if isinstance(fate, tuple):
            sink.add_fault(fault(number, fate))
    return sent(transport(sink.url), mails), [kept.recipient for kept in sink.accepted]


@pytest.fixture(scope="module")
def sinks() -> Iterator[list[Sink]]:
    """The plain one first."""
    manners = [Manner(), Manner(pipelining=True), Manner(pipelining=True, hasty=True)]
    with ExitStack() as stack:
        yield [stack.enter_context(Sink(manner)) for manner in manners]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(FATES, max_size=8))
def test_pipelining_changes_no_outcome(sinks: list[Sink], fates: list[Fate]) -> None:
    plain, *pipelined = [played(sink, fates) for sink in sinks]

    assert pipelined == [plain, plain]
    ended, arrived = plain
    recipients = [mail(number).envelope.recipient for number in range(len(fates))]
    accepted, unknown = [
        [to for to, each in zip(recipients, ended.verdicts, strict=False) if each is verdict]
        for verdict in (Verdict.ACCEPTED, Verdict.UNKNOWN)
    ]
    assert arrived in (accepted, accepted + unknown)
    assert len(unknown) <= 1
    assert len(ended.outcomes) == len(fates) or ended.unavailable
