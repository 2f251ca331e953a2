"""Relays that lie, fall silent or fall over, at each step (reliability §3, rows 11 to 16)."""

from __future__ import annotations

import itertools
import tracemalloc
from dataclasses import dataclass, replace

import pytest

from tests.support.told_relay import HELLO, OFFER, ToldRelay, Turn, told_relay
from topthree.domain.sending.outcome import Outcome, Stage, Verdict
from topthree.mail.transport import Envelope, Mail, Phase, RelayUnavailable
from topthree.mail.transports.relay_url import parse_relay_url
from topthree.mail.transports.smtp import SmtpTransport

LINE, DOT, DATA = b"\r\n", b"\r\n.\r\n", b"DATA\r\n"
TEXT = b"Subject: x\r\n\r\nx\r\n"
GROUP = b"250 sender\r\n250 recipient\r\n354 go\r\n"
KEPT = b"250 kept\r\n"
MEGABYTES = 4_000_000

#: An honest conversation, one command a turn, and what is unavailable if a step goes wrong.
HONEST: tuple[tuple[Turn, Phase | None], ...] = (
    (HELLO, Phase.GREETING),
    ((LINE, b"250 relay.example\r\n"), Phase.GREETING),
    ((LINE, b"250 sender\r\n"), Phase.SENDER),
    ((LINE, b"250 recipient\r\n"), Phase.RECIPIENT),
    ((LINE, b"354 go\r\n"), Phase.DATA),
    ((DOT, KEPT), None),
)
STEPS = pytest.mark.parametrize(
    "step", range(len(HONEST)), ids=["greeting", "EHLO", "MAIL", "RCPT", "DATA", "dot"]
)
LIES = {
    "a line without an end": b"250 " + b"x" * MEGABYTES,
    "a reply without an end": b"250-and\r\n" * (MEGABYTES // 9),
    "binary": bytes(range(256)) * 20 + b"\r\n",
    "another language": b"HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n",
    "a code nobody knows": b"999 what?\r\n",
    "a code of nothing": b"000 what?\r\n",
    "two replies in one": b"250-fine\r\n550 not fine\r\n",
    "silence in the middle": b"25",
    "an early end": b"",
}
#: Only silence has to be sat out.
PATIENCE = {"silence in the middle": {"patience": 0.4, "dot_patience": 0.4}}


def mail(number: int, **changes: bytes | str) -> Mail:
    recipient = str(changes.get("recipient", f"teacher-{number}@school.example"))
    message = changes.get("message", TEXT)
    assert isinstance(message, bytes)
    return Mail(
        envelope=Envelope(sender="letters@example.gov", recipient=recipient), message=message
    )


def way(relay: ToldRelay, *, patience: float = 5, dot_patience: float = 5) -> SmtpTransport:
    known = parse_relay_url(relay.url)
    return SmtpTransport(
        relay=replace(known, timeout_seconds=patience, final_dot_timeout_seconds=dot_patience)
    )


@dataclass(frozen=True, kw_only=True)
class Ended:
    """What came of some mails: their outcomes, and what the relay was unavailable for, if so."""

    outcomes: tuple[Outcome, ...]
    unavailable: RelayUnavailable | None = None

    @property
    def verdicts(self) -> list[Verdict]:
        return [outcome.verdict for outcome in self.outcomes]


def sent(transport: SmtpTransport, *mails: Mail) -> Ended:
    outcomes: list[Outcome] = []
    try:
        with transport.connect() as connection:
            for outcome in connection.send_each(mails):
                outcomes.append(outcome)  # noqa: PERF402 (those before an error count)
    except RelayUnavailable as error:
        return Ended(outcomes=tuple(outcomes), unavailable=error)
    return Ended(outcomes=tuple(outcomes))


def honest_until(step: int) -> tuple[Turn, ...]:
    return tuple(turn for turn, _ in HONEST[:step])


def assert_nobody_is_blamed(ended: Ended, step: int) -> None:
    phase = HONEST[step][1]
    if phase is None:
        assert [(each.verdict, each.stage) for each in ended.outcomes] == [
            (Verdict.UNKNOWN, Stage.TEXT)
        ]
        assert ended.unavailable is None
    else:
        assert ended.outcomes == ()
        assert ended.unavailable
        # A relay that hangs up, or says nothing, before it has greeted was never reached.
        assert ended.unavailable.phase in {phase, Phase.CONNECT if step == 0 else phase}


@STEPS
@pytest.mark.parametrize("lie", LIES)
def test_a_lie_blames_nobody(lie: str, step: int) -> None:
    until = HONEST[step][0][0]
    with told_relay(*honest_until(step), (until, LIES[lie])) as relay:
        ended = sent(way(relay, **PATIENCE.get(lie, {})), mail(0))

    assert_nobody_is_blamed(ended, step)


@STEPS
def test_a_connection_that_is_reset_blames_nobody(step: int) -> None:
    until = HONEST[step][0][0]
    with told_relay(*honest_until(step), (until, b""), is_rude=True) as relay:
        ended = sent(way(relay), mail(0))

    assert_nobody_is_blamed(ended, step)


def test_replies_may_come_a_byte_at_a_time() -> None:
    bytewise = [
        (until if first == 0 else b"", reply[first : first + 1])
        for (until, reply), _ in HONEST
        for first in range(len(reply))
    ]
    with told_relay(*bytewise) as relay:
        ended = sent(way(relay), mail(0))

    assert ended.verdicts == [Verdict.ACCEPTED]


@STEPS
def test_a_reply_without_an_end_takes_no_memory(step: int) -> None:
    until, lie = HONEST[step][0][0], LIES["a line without an end"]
    with told_relay(*honest_until(step), (until, lie)) as relay:
        tracemalloc.start()
        sent(way(relay), mail(0))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert peak < MEGABYTES / 4


def test_a_relay_that_goes_away_after_its_go_ahead_has_not_accepted() -> None:
    """Whether the text left before that was noticed is a matter of luck."""
    with told_relay(*honest_until(4), (LINE, b"354 go\r\n"), (b"", b""), is_rude=True) as relay:
        ended = sent(way(relay), mail(0))

    phase = ended.unavailable.phase if ended.unavailable else None
    assert (ended.verdicts, phase) in (([Verdict.UNKNOWN], None), ([], Phase.BODY))


def test_a_slow_answer_to_the_final_dot_is_waited_for() -> None:
    """Row 13: whoever gives up sooner than the relay sends the message twice."""
    slow = (DATA, GROUP), (DOT, KEPT)
    with told_relay(HELLO, OFFER, *slow, dribble=0.06) as relay:
        ended = sent(way(relay, patience=0.4), mail(0))

    assert ended.verdicts == [Verdict.ACCEPTED]
    assert b"".join(relay.heard).count(TEXT) == 1


# In a pipeline


@pytest.mark.parametrize(
    ("refusals", "verdicts"),
    [
        ((450, 450), [Verdict.DEFERRED, Verdict.DEFERRED]),
        ((550, 450), [Verdict.REFUSED, Verdict.DEFERRED]),
        ((550, 550), [Verdict.REFUSED, Verdict.REFUSED]),
    ],
)
def test_recipients_refused_in_a_row_keep_the_pipeline_in_step(
    refusals: tuple[int, int], verdicts: list[Verdict]
) -> None:
    first, second = (
        b"250 sender\r\n%d 5.0.0 for a reason\r\n554 no valid recipients\r\n" % code
        for code in refusals
    )
    turns = (
        (DATA, GROUP),
        (DATA, KEPT + first),
        (DATA, b"250 reset\r\n" + second),
        (DATA, b"250 reset\r\n" + GROUP),
        (DOT, KEPT),
    )
    with told_relay(HELLO, OFFER, *turns) as relay:
        ended = sent(way(relay), *map(mail, range(4)))

    assert ended.verdicts == [Verdict.ACCEPTED, *verdicts, Verdict.ACCEPTED]
    assert [each.stage for each in ended.outcomes] == [
        Stage.TEXT,
        Stage.RECIPIENT,
        Stage.RECIPIENT,
        Stage.TEXT,
    ]
    assert b"".join(relay.heard).count(TEXT) == 2


@pytest.mark.parametrize("lie", [name for name in LIES if name != "an early end"])
def test_a_lie_about_the_next_envelope_leaves_the_message_before_it_accepted(lie: str) -> None:
    with told_relay(HELLO, OFFER, (DATA, GROUP), (DATA, KEPT + LIES[lie])) as relay:
        ended = sent(way(relay, **PATIENCE.get(lie, {})), mail(0), mail(1))

    assert ended.verdicts == [Verdict.ACCEPTED]
    assert ended.unavailable
    assert ended.unavailable.phase is Phase.SENDER


@pytest.mark.parametrize("is_pipelining", [True, False])
@pytest.mark.parametrize("odd", range(3))
def test_an_address_only_smtputf8_could_write_stops_nobody_else(
    odd: int, *, is_pipelining: bool
) -> None:
    mails = [mail(number) for number in range(3)]
    mails[odd] = mail(odd, recipient="josé@school.example")

    ended, relay = told_to_take(mails, is_pipelining=is_pipelining)

    assert_only_refused(ended, odd)
    assert b"jos" not in b"".join(relay.heard)


# 8BITMIME

WIDE = TEXT.replace(b"x\r\n", "año\r\n".encode())


@pytest.mark.parametrize("is_pipelining", [True, False])
def test_a_message_that_is_not_7bit_goes_only_where_that_is_taken(*, is_pipelining: bool) -> None:
    mails = [mail(0), mail(1, message=WIDE), mail(2)]

    ended, relay = told_to_take(mails, is_pipelining=is_pipelining)

    assert_only_refused(ended, 1)
    assert WIDE not in b"".join(relay.heard)


@pytest.mark.parametrize("is_pipelining", [True, False])
def test_a_message_that_is_not_7bit_is_announced(*, is_pipelining: bool) -> None:
    mails = [mail(0), mail(1, message=WIDE), mail(2)]

    ended, relay = told_to_take(mails, is_pipelining=is_pipelining, takes_8bit=True)

    assert ended.verdicts == [Verdict.ACCEPTED] * 3
    heard = b"".join(relay.heard)
    assert WIDE in heard
    assert heard.count(b"MAIL FROM:<letters@example.gov> BODY=8BITMIME\r\n") == 1
    assert heard.count(b"MAIL FROM:<letters@example.gov>\r\n") == 2


def told_to_take(
    mails: list[Mail], *, is_pipelining: bool, takes_8bit: bool = False
) -> tuple[Ended, ToldRelay]:
    """Send to a relay that accepts what it is given, and return what it heard as well."""
    offered = b"250-relay.example\r\n"
    offered += b"250-PIPELINING\r\n" if is_pipelining else b""
    offered += b"250-8BITMIME\r\n" if takes_8bit else b""
    sendable = [
        each.envelope.recipient.isascii() and (takes_8bit or each.message.isascii())
        for each in mails
    ]
    turns = riding(sendable) if is_pipelining else [turn for turn, _ in HONEST[2:]] * sum(sendable)
    with told_relay(HELLO, (LINE, offered + b"250 SIZE\r\n"), *turns) as relay:
        return sent(way(relay), *mails), relay


def riding(sendable: list[bool]) -> list[Turn]:
    """Return the turns of a pipeline, where an envelope rides only with the one before it."""
    turns: list[Turn] = []
    for before, this in itertools.pairwise([False, *sendable]):
        if before and this:
            turns.append((DATA, KEPT + GROUP))
        elif before:
            turns.append((DOT, KEPT))
        elif this:
            turns.append((DATA, GROUP))
    return [*turns, (DOT, KEPT)] if sendable[-1] else turns


def assert_only_refused(ended: Ended, odd: int) -> None:
    refused = (Verdict.REFUSED, 0, Stage.NONE)
    accepted = (Verdict.ACCEPTED, 250, Stage.TEXT)
    assert [(each.verdict, each.code, each.stage) for each in ended.outcomes] == [
        refused if number == odd else accepted for number in range(len(ended.outcomes))
    ]
    assert len(ended.outcomes) == 3
