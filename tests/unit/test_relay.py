from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator

import pytest

from tests.support.faults import Fault, Phase
from tests.support.relay import Access, Relay

SENDER = "letter@state.example"
TEACHER = "teacher@school.example"
TEXT = b"Subject: Three things\r\n\r\n.One\r\nTwo\r\n"


@pytest.fixture
def client(relay: Relay) -> Iterator[smtplib.SMTP]:
    client = smtplib.SMTP(relay.host, relay.port, timeout=10)
    yield client
    client.close()


def test_an_accepted_message_is_kept_byte_for_byte(relay: Relay, client: smtplib.SMTP) -> None:
    client.sendmail(SENDER, [TEACHER], TEXT)

    [message] = relay.accepted
    assert message.sender == SENDER
    assert message.recipients == (TEACHER,)
    assert message.content == TEXT


def test_messages_on_one_connection_carry_its_number(relay: Relay, client: smtplib.SMTP) -> None:
    client.sendmail(SENDER, [TEACHER], TEXT)
    client.sendmail(SENDER, ["other@school.example"], TEXT)

    first, second = relay.wait_for(2)
    assert first.connection == second.connection
    assert relay.connection_count == 1


def test_a_refused_recipient_is_refused_alone(relay: Relay, client: smtplib.SMTP) -> None:
    relay.add_fault(Fault(phase=Phase.RCPT, recipient=TEACHER, refuse="550 5.1.1 Nobody here"))

    refused = client.sendmail(SENDER, [TEACHER, "other@school.example"], TEXT)

    assert refused == {TEACHER: (550, b"5.1.1 Nobody here")}
    assert [message.recipients for message in relay.accepted] == [("other@school.example",)]


def test_a_fault_happens_as_often_as_told(relay: Relay, client: smtplib.SMTP) -> None:
    relay.add_fault(Fault(phase=Phase.MAIL, refuse="452 4.3.1 Later", times=1))

    with pytest.raises(smtplib.SMTPSenderRefused, match="452"):
        client.sendmail(SENDER, [TEACHER], TEXT)
    client.sendmail(SENDER, [TEACHER], TEXT)

    assert len(relay.accepted) == 1


@pytest.mark.parametrize("phase", [Phase.DATA, Phase.FINAL_DOT])
def test_a_refused_message_is_not_accepted(
    relay: Relay, client: smtplib.SMTP, phase: Phase
) -> None:
    relay.add_fault(Fault(phase=phase, recipient=TEACHER, refuse="554 5.7.1 Not this"))

    with pytest.raises(smtplib.SMTPDataError) as refusal:
        client.sendmail(SENDER, [TEACHER], TEXT)

    assert refusal.value.smtp_code == 554
    assert not relay.accepted


@pytest.mark.parametrize(("phase", "accepted"), [(Phase.DATA, 0), (Phase.FINAL_DOT, 1)])
def test_a_dropped_connection_leaves_the_sender_without_an_answer(
    relay: Relay, client: smtplib.SMTP, phase: Phase, accepted: int
) -> None:
    relay.add_fault(Fault(phase=phase, drop=True))

    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        client.sendmail(SENDER, [TEACHER], TEXT * 1000)

    assert len(relay.accepted) == accepted


def test_a_relay_that_was_away_comes_back_on_its_port(relay: Relay, client: smtplib.SMTP) -> None:
    client.noop()

    relay.stop()

    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.sendmail(SENDER, [TEACHER], TEXT)
    with pytest.raises(ConnectionRefusedError):
        smtplib.SMTP(relay.host, relay.port, timeout=10)
    relay.start()
    with smtplib.SMTP(relay.host, relay.port, timeout=10) as second:
        second.sendmail(SENDER, [TEACHER], TEXT)
    assert len(relay.accepted) == 1


def test_a_guarded_relay_wants_encryption_and_a_login(
    relay_certificate: ssl.SSLContext, trusting_relay: ssl.SSLContext
) -> None:
    access = Access(certificate=relay_certificate, login=("topthree", "open sesame"))

    with Relay(access=access) as relay, smtplib.SMTP(relay.host, relay.port) as client:
        with pytest.raises(smtplib.SMTPSenderRefused, match="STARTTLS"):
            client.sendmail(SENDER, [TEACHER], TEXT)
        client.starttls(context=trusting_relay)
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login("topthree", "wrong")
        client.login("topthree", "open sesame")
        client.sendmail(SENDER, [TEACHER], TEXT)

    [message] = relay.accepted
    assert message.encrypted
    assert message.login == "topthree"


def test_a_client_that_does_not_know_the_certificate_refuses_it(
    relay_certificate: ssl.SSLContext,
) -> None:
    with (
        Relay(access=Access(certificate=relay_certificate)) as relay,
        smtplib.SMTP(relay.host, relay.port) as client,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        client.starttls(context=ssl.create_default_context())


def test_what_is_kept_of_a_message_can_be_reduced() -> None:
    with Relay(keep=lambda content: content[:7]) as relay:
        with smtplib.SMTP(relay.host, relay.port) as client:
            client.sendmail(SENDER, [TEACHER], TEXT)

        assert relay.accepted[0].content == b"Subject"
