"""What a relay is called by, and what is believed of it, before it gets a word of a message."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.certificates import Authority
from tests.support.network import LOOPBACK
from tests.support.told_relay import HELLO, Privacy, ToldRelay, Turn, told_relay
from topthree.domain.sending.outcome import Verdict
from topthree.mail.transport import Envelope, Phase, RelayUnavailable
from topthree.mail.transports.relay_url import parse_relay_url
from topthree.mail.transports.smtp import SmtpTransport
from topthree.mail.transports.smtp_opening import client_context

ENVELOPE = Envelope(sender="letters@example.gov", recipient="teacher@school.example")
TEXT = b"Subject: x\r\n\r\nx\r\n"
LINE = b"\r\n"
OFFERS_TLS = (LINE, b"250-relay.example\r\n250-PIPELINING\r\n250 STARTTLS\r\n")
GO_AHEAD = b"220 go ahead\r\n"
ONE_A_TURN: tuple[Turn, ...] = (
    (LINE, b"250 relay.example\r\n"),
    (LINE, b"250 sender\r\n"),
    (LINE, b"250 recipient\r\n"),
    (LINE, b"354 go\r\n"),
    (b"\r\n.\r\n", b"250 kept\r\n"),
)


@pytest.fixture
def root(authority: Authority, tmp_path: Path) -> Path:
    return authority.write_root(tmp_path / "root.pem")


def way(relay: ToldRelay, scheme: str, root: Path) -> SmtpTransport:
    url = f"{scheme}://{LOOPBACK}:{relay.port}?cafile={root}"
    return SmtpTransport(relay=parse_relay_url(url))


def verdict(transport: SmtpTransport) -> Verdict:
    with transport.connect() as connection:
        return connection.send(ENVELOPE, TEXT).verdict


def unavailable(transport: SmtpTransport) -> RelayUnavailable:
    with pytest.raises(RelayUnavailable) as caught:
        verdict(transport)
    return caught.value


# STARTTLS


@pytest.mark.parametrize(
    "injected",
    [
        b"",
        b"250-relay.example\r\n250-PIPELINING\r\n250 AUTH PLAIN\r\n",
        b"250 injected\r\n" * 5,
        b"250-half a rep",
    ],
)
def test_what_was_said_in_the_clear_is_not_heard_in_private(
    injected: bytes, relay_certificate: ssl.SSLContext, root: Path
) -> None:
    """RFC 3207 §4.2, CVE-2011-0411: neither offers nor replies from before count."""
    turns = (HELLO, OFFERS_TLS, (LINE, GO_AHEAD + injected), *ONE_A_TURN)
    privacy = Privacy(certificate=relay_certificate, turns_before=3)
    with told_relay(*turns, privacy=privacy) as relay:
        assert verdict(way(relay, "smtp", root)) is Verdict.ACCEPTED

    assert relay.heard[2] == b"STARTTLS\r\n"
    assert [heard.count(LINE) for heard in relay.heard[3:7]] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("offer", "answer", "code"),
    [
        (b"250 relay.example\r\n", b"", 0),
        (b"250-relay.example\r\n250 PIPELINING\r\n", b"", 0),
        (b"250-relay.example\r\n250 STARTTLS\r\n", b"454 4.7.0 not now\r\n", 454),
        (b"250-relay.example\r\n250 STARTTLS\r\n", b"502 what?\r\n", 502),
        (b"250-relay.example\r\n250 STARTTLS\r\n", GO_AHEAD + b"and no more", 0),
    ],
)
def test_without_encryption_there_is_no_conversation(
    offer: bytes, answer: bytes, code: int, root: Path
) -> None:
    with told_relay(HELLO, (LINE, offer), (LINE, answer), (b"", b"")) as relay:
        error = unavailable(way(relay, "smtp", root))

    assert (error.phase, error.code) == (Phase.TLS, code)
    assert b"MAIL" not in b"".join(relay.heard)


# Certificates


def expired(authority: Authority, _: Path) -> ssl.SSLContext:
    return authority.server_context(not_after=datetime(2020, 1, 1, tzinfo=UTC))


def of_another_host(authority: Authority, _: Path) -> ssl.SSLContext:
    return authority.server_context("elsewhere.example")


def self_signed(_: Authority, folder: Path) -> ssl.SSLContext:
    return Authority().self_signed_context(folder)


def of_a_stranger(_: Authority, __: Path) -> ssl.SSLContext:
    return Authority().server_context()


def of_old_encryption(authority: Authority, _: Path) -> ssl.SSLContext:
    context = authority.server_context()
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
@pytest.mark.parametrize(
    ("flawed", "said"),
    [
        (expired, "certificate has expired"),
        (of_another_host, "IP address mismatch"),
        (self_signed, "self-signed certificate"),
        (of_a_stranger, "unable to get local issuer certificate"),
        (of_old_encryption, "protocol version"),
    ],
)
def test_a_relay_that_is_not_who_it_should_be_gets_nothing(
    flawed: Callable[[Authority, Path], ssl.SSLContext],
    said: str,
    *,
    scheme: str,
    authority: Authority,
    root: Path,
) -> None:
    """R-23."""
    in_clear = (HELLO, OFFERS_TLS, (LINE, GO_AHEAD)) if scheme == "smtp" else ()
    privacy = Privacy(certificate=flawed(authority, root.parent), turns_before=len(in_clear))
    with told_relay(*in_clear, *ONE_A_TURN, privacy=privacy) as relay:
        error = unavailable(way(relay, scheme, root))

    assert error.phase is Phase.TLS
    assert said in str(error)
    assert len(relay.heard) == len(in_clear)


def test_nothing_older_than_tls_1_2_is_spoken(root: Path) -> None:
    """R-23, and whatever the system's own settings allow."""
    context = client_context(parse_relay_url(f"smtps://relay.example.gov?cafile={root}"))

    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


# Our name


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("letters.example.gov", b"letters.example.gov"),
        ("laptop", b"[127.0.0.1]"),
        ("", b"[127.0.0.1]"),
        ("under_score.example.gov", b"[127.0.0.1]"),
        ("größe.example.gov", b"[127.0.0.1]"),
    ],
)
def test_we_call_ourselves_by_a_full_name_or_by_our_address(
    host: str, name: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 5321 §4.1.4; relays refuse half a name."""
    monkeypatch.setattr(socket, "gethostname", lambda: host)

    with told_relay(HELLO, *ONE_A_TURN) as relay:
        verdict(SmtpTransport(relay=parse_relay_url(relay.url)))

    assert relay.heard[1] == b"ehlo " + name + LINE
