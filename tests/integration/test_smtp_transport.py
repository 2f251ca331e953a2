"""The conversation with a relay, phase by phase: reliability §2.5 is the table it implements."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from tests.support.certificates import Authority
from tests.support.faults import Fault
from tests.support.faults import Phase as At
from tests.support.relay import Access, Relay
from topthree.domain.sending.outcome import Outcome, Stage, Verdict
from topthree.mail.transport import Envelope, Phase, RelayUnavailable
from topthree.mail.transports.relay_url import parse_relay_url
from topthree.mail.transports.smtp import SmtpTransport

TO_TEACHER = Envelope(sender="letters@example.gov", recipient="teacher@school.example")
TO_OTHER = Envelope(sender="letters@example.gov", recipient="other@school.example")
STAGES = {At.RCPT: Stage.RECIPIENT, At.DATA: Stage.DATA, At.FINAL_DOT: Stage.TEXT}
MESSAGE = b"Subject: Three things\r\n\r\nOne\r\nTwo\r\nThree\r\n"


@pytest.fixture
def plain(relay: Relay) -> SmtpTransport:
    address = f"smtp+plain://{relay.host}:{relay.port}"
    return SmtpTransport(relay=replace(parse_relay_url(address), timeout_seconds=5))


@pytest.fixture
def root(authority: Authority, tmp_path: Path) -> Path:
    return authority.write_root(tmp_path / "root.pem")


@pytest.fixture
def private_relay(relay_certificate: ssl.SSLContext) -> Iterator[Relay]:
    """Wants encryption, then a login."""
    access = Access(certificate=relay_certificate, login=("letters@example.gov", "p/w: %é"))
    with Relay(access=access) as relay:
        yield relay


def private(relay: Relay, root: Path | None, credentials: str = "") -> SmtpTransport:
    query = f"?cafile={root}" if root else ""
    return SmtpTransport(
        relay=parse_relay_url(f"smtp://{credentials}{relay.host}:{relay.port}{query}")
    )


GOOD = "letters%40example.gov:p%2Fw%3A%20%25%C3%A9@"


def sent(transport: SmtpTransport) -> Outcome:
    with transport.connect() as connection:
        return connection.send(TO_TEACHER, MESSAGE)


def unavailable(transport: SmtpTransport) -> RelayUnavailable:
    with pytest.raises(RelayUnavailable) as caught:
        sent(transport)
    return caught.value


# Accepted, put off, refused


def test_accepted_means_250_to_the_final_dot(relay: Relay, plain: SmtpTransport) -> None:
    outcome = sent(plain)

    assert outcome == Outcome(
        verdict=Verdict.ACCEPTED, code=250, reply="2.0.0 OK: queued", stage=Stage.TEXT
    )
    [message] = relay.accepted
    assert (message.sender, message.recipients) == ("letters@example.gov", (TO_TEACHER.recipient,))


@pytest.mark.parametrize("phase", STAGES)
@pytest.mark.parametrize(
    ("refusal", "verdict"),
    [
        ("450 4.7.1 Greylisted, try again", Verdict.DEFERRED),
        ("452 4.5.3 Too many", Verdict.DEFERRED),
        ("550 5.1.1 Nobody of this name", Verdict.REFUSED),
        ("554 5.7.1 Not wanted", Verdict.REFUSED),
    ],
)
def test_what_is_said_of_one_recipient_is_about_that_one(
    relay: Relay, plain: SmtpTransport, phase: At, refusal: str, verdict: Verdict
) -> None:
    relay.add_fault(Fault(phase=phase, recipient=TO_TEACHER.recipient, refuse=refusal))

    with plain.connect() as connection:
        first = connection.send(TO_TEACHER, MESSAGE)
        second = connection.send(TO_OTHER, MESSAGE)

    assert first == Outcome(
        verdict=verdict, code=int(refusal[:3]), reply=refusal[4:], stage=STAGES[phase]
    )
    assert second.verdict is Verdict.ACCEPTED
    assert relay.connection_count == 1
    assert [message.recipients for message in relay.accepted] == [(TO_OTHER.recipient,)]


# Not taken, and not the recipient's fault


@pytest.mark.parametrize("refusal", ["451 4.3.0 Later", "550 5.7.26 Not authenticated"])
def test_a_refused_sender_blames_nobody(relay: Relay, plain: SmtpTransport, refusal: str) -> None:
    relay.add_fault(Fault(phase=At.MAIL, refuse=refusal))

    error = unavailable(plain)

    assert (error.phase, error.code, error.reply) == (
        Phase.SENDER,
        int(refusal[:3]),
        refusal[4:],
    )
    assert str(error) == f"The mail relay did not take the sender: {refusal}"


@pytest.mark.parametrize(
    ("at", "phase"),
    [(At.MAIL, Phase.SENDER), (At.RCPT, Phase.RECIPIENT), (At.DATA, Phase.DATA)],
)
def test_a_relay_that_closes_down_blames_nobody(
    relay: Relay, plain: SmtpTransport, at: At, phase: Phase
) -> None:
    """421 before the final dot ends the connection, whatever it was an answer to."""
    relay.add_fault(Fault(phase=at, refuse="421 4.3.2 Closing"))

    error = unavailable(plain)

    assert (error.phase, error.code) == (phase, 421)


@pytest.mark.parametrize(("at", "phase"), [(At.MAIL, Phase.SENDER), (At.RCPT, Phase.RECIPIENT)])
def test_a_connection_lost_before_the_message_blames_nobody(
    relay: Relay, plain: SmtpTransport, at: At, phase: Phase
) -> None:
    relay.add_fault(Fault(phase=at, drop=True))

    error = unavailable(plain)

    assert (error.phase, error.code) == (phase, 0)
    assert relay.accepted == ()


def test_a_relay_that_says_nothing_is_left_after_the_timeout(
    relay: Relay, plain: SmtpTransport
) -> None:
    relay.add_fault(Fault(phase=At.RCPT, delay_seconds=30))
    impatient = SmtpTransport(relay=replace(plain.relay, timeout_seconds=0.2))

    error = unavailable(impatient)

    assert error.phase is Phase.RECIPIENT
    assert "timed out" in str(error)


def test_a_lost_connection_is_of_no_use_any_more(relay: Relay, plain: SmtpTransport) -> None:
    """Connecting again is the caller's decision."""
    relay.add_fault(Fault(phase=At.MAIL, drop=True, times=1))

    with plain.connect() as connection:
        for _ in range(2):
            with pytest.raises(RelayUnavailable):
                connection.send(TO_TEACHER, MESSAGE)

    assert sent(plain).verdict is Verdict.ACCEPTED


def test_a_relay_that_goes_away_between_two_messages_blames_nobody(
    relay: Relay, plain: SmtpTransport
) -> None:
    with plain.connect() as connection:
        connection.send(TO_TEACHER, MESSAGE)
        relay.stop()
        with pytest.raises(RelayUnavailable) as caught:
            connection.send(TO_OTHER, MESSAGE)

    assert caught.value.phase is Phase.SENDER


# After the final dot


def test_no_answer_to_the_final_dot_is_not_known_to_be_either(
    relay: Relay, plain: SmtpTransport
) -> None:
    relay.add_fault(Fault(phase=At.FINAL_DOT, drop=True, times=1))

    outcome = sent(plain)

    assert (outcome.verdict, outcome.code, outcome.stage) == (Verdict.UNKNOWN, 0, Stage.TEXT)
    assert outcome.reply.startswith("No answer to the final dot.")
    assert len(relay.accepted) == 1


def test_the_final_dot_has_a_patience_of_its_own(relay: Relay, plain: SmtpTransport) -> None:
    relay.add_fault(Fault(phase=At.FINAL_DOT, delay_seconds=1, times=1))
    quick = replace(plain.relay, timeout_seconds=0.3)

    patient = sent(SmtpTransport(relay=replace(quick, final_dot_timeout_seconds=20)))
    relay.add_fault(Fault(phase=At.FINAL_DOT, delay_seconds=20))
    impatient = sent(SmtpTransport(relay=replace(quick, final_dot_timeout_seconds=0.3)))

    assert patient.verdict is Verdict.ACCEPTED
    assert impatient.verdict is Verdict.UNKNOWN


def test_ten_minutes_for_the_final_dot_and_one_for_the_rest() -> None:
    """RFC 5321 §4.5.3.2."""
    relay = parse_relay_url("smtp://relay.example.gov")

    assert (relay.final_dot_timeout_seconds, relay.timeout_seconds) == (600, 60)


def test_closing_down_in_answer_to_the_final_dot_puts_the_message_off(
    relay: Relay, plain: SmtpTransport
) -> None:
    relay.add_fault(Fault(phase=At.FINAL_DOT, refuse="421 4.3.2 Closing", times=1))

    with plain.connect() as connection:
        outcome = connection.send(TO_TEACHER, MESSAGE)
        with pytest.raises(RelayUnavailable):
            connection.send(TO_OTHER, MESSAGE)

    assert (outcome.verdict, outcome.code) == (Verdict.DEFERRED, 421)


# In private


def test_mail_is_handed_over_in_private_and_with_a_login(private_relay: Relay, root: Path) -> None:
    assert sent(private(private_relay, root, GOOD)).verdict is Verdict.ACCEPTED

    [message] = private_relay.accepted
    assert message.encrypted
    assert message.login == "letters@example.gov"


def test_a_certificate_nobody_vouches_for_is_refused(private_relay: Relay) -> None:
    """R-23."""
    error = unavailable(private(private_relay, None, GOOD))

    assert error.phase is Phase.TLS
    assert "certificate verify failed" in str(error)


def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    """R-23."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "root.pem"))
    elsewhere = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("elsewhere.example").configure_cert(elsewhere)

    with scripted(b"220 hello", [], certificate=elsewhere) as port:
        address = f"smtps://127.0.0.1:{port}?cafile={tmp_path / 'root.pem'}"
        error = unavailable(SmtpTransport(relay=parse_relay_url(address)))

    assert error.phase is Phase.TLS
    assert "IP address mismatch" in str(error)


def test_a_relay_that_offers_no_encryption_gets_nothing(relay: Relay) -> None:
    """R-23: whoever takes the offer of STARTTLS out of the reply gains nothing."""
    error = unavailable(private(relay, None))

    assert error.phase is Phase.TLS
    assert "offers no encryption" in str(error)
    assert relay.accepted == ()


def test_a_wrong_password_is_told_from_everything_else(private_relay: Relay, root: Path) -> None:
    error = unavailable(private(private_relay, root, "letters%40example.gov:wrong@"))

    assert (error.phase, error.code) == (Phase.SIGN_IN, 535)
    assert "wrong" not in str(error)


def test_a_login_that_the_relay_does_not_offer_is_an_error(relay: Relay) -> None:
    address = f"smtp+plain://letters:secret@{relay.host}:{relay.port}"

    error = unavailable(SmtpTransport(relay=parse_relay_url(address)))

    assert error.phase is Phase.SIGN_IN


def test_a_relay_may_speak_tls_from_the_first_byte(
    relay_certificate: ssl.SSLContext, root: Path
) -> None:
    replies = [b"250 relay.example", b"250 OK", b"250 OK", b"354 Go", b"250 OK", b"221 Bye"]
    with scripted(b"220 hello", replies, certificate=relay_certificate) as port:
        address = f"smtps://127.0.0.1:{port}?cafile={root}"
        outcome = sent(SmtpTransport(relay=parse_relay_url(address)))

    assert outcome.verdict is Verdict.ACCEPTED


# Relays that make no sense


@pytest.mark.parametrize(
    ("greeting", "replies", "phase"),
    [
        (b"554 No service", [], Phase.GREETING),
        (b"SSH-2.0-OpenSSH", [], Phase.GREETING),
        (b"", [], Phase.CONNECT),
        (b"220 hello", [b"502 What?"], Phase.GREETING),
        (b"220 hello", [b"250 x", b"250 OK", b"250 OK", b"250 OK"], Phase.DATA),
        (b"220 hello", [b"250 x", b"250 OK", b"-"], Phase.RECIPIENT),
        (b"220 hello", [b"250 x", b"250 " + b"x" * 100_000], Phase.SENDER),
    ],
)
def test_a_reply_that_makes_no_sense_blames_nobody(
    greeting: bytes, replies: list[bytes], phase: Phase
) -> None:
    with scripted(greeting, replies) as port:
        error = unavailable(local(port))

    assert error.phase is phase


@pytest.mark.parametrize("answer", [b"354 What?", b"nonsense", b"250 " + b"x" * 100_000, b""])
def test_nonsense_after_the_final_dot_is_not_known_to_be_either(answer: bytes) -> None:
    replies = [b"250 x", b"250 OK", b"250 OK", b"354 Go", answer]
    with scripted(b"220 hello", replies) as port:
        outcome = sent(local(port))

    assert outcome.verdict is Verdict.UNKNOWN


def test_a_reply_is_kept_as_text_that_can_be_shown() -> None:
    refusal = b"550-5.1.1 Nobody\xff\x1b[31m here\r\n550 5.1.1 at all"
    with scripted(b"220 hello", [b"250 x", b"250 OK", refusal, b"250 OK", b"221 Bye"]) as port:
        outcome = sent(local(port))

    assert outcome.reply == "5.1.1 Nobody\ufffd [31m here 5.1.1 at all"


def test_a_message_that_breaks_off_was_not_taken() -> None:
    """The dot is the last thing that is written, so what is not whole is not sent."""
    more_than_fits_on_the_way = MESSAGE + (b"x" * 70 + b"\r\n") * 500_000

    with (
        scripted(b"220 hello", [b"250 x", b"250 OK", b"250 OK", b"354 Go"]) as port,
        pytest.raises(RelayUnavailable) as caught,
        local(port).connect() as connection,
    ):
        connection.send(TO_TEACHER, more_than_fits_on_the_way)

    assert caught.value.phase is Phase.BODY


def local(port: int) -> SmtpTransport:
    relay = parse_relay_url(f"smtp+plain://127.0.0.1:{port}")
    return SmtpTransport(relay=replace(relay, timeout_seconds=5))


@contextmanager
def scripted(
    greeting: bytes, replies: list[bytes], certificate: ssl.SSLContext | None = None
) -> Iterator[int]:
    """Be a relay that gives these replies in turn, one to each command, and then goes away."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        client = listener.accept()[0]
        # A client that does not believe the certificate goes away in the middle of it.
        with suppress(OSError), client:
            stream = certificate.wrap_socket(client, server_side=True) if certificate else client
            with stream, stream.makefile("rwb", buffering=0) as talk:
                converse(talk, greeting, replies)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        thread.join()
        listener.close()


def converse(talk: socket.SocketIO, greeting: bytes, replies: list[bytes]) -> None:
    talk.write(greeting + b"\r\n" if greeting else b"")
    end = b"\n"
    for reply in replies:
        line = talk.readline()
        while line and not line.endswith(end):
            line += talk.readline()
        talk.write(reply + b"\r\n" if reply else b"")
        end = b"\r\n.\r\n" if reply.startswith(b"354") else b"\n"
