from __future__ import annotations

from pathlib import Path

import pytest

from topthree.mail.transports.relay_url import (
    RelayUrlInvalid,
    Security,
    SmtpRelay,
    parse_relay_url,
)


@pytest.mark.parametrize(
    ("url", "relay"),
    [
        (
            "smtp://relay.example.gov",
            SmtpRelay(host="relay.example.gov", port=587, security=Security.STARTTLS),
        ),
        (
            "smtp+starttls://relay.example.gov:2587/",
            SmtpRelay(host="relay.example.gov", port=2587, security=Security.STARTTLS),
        ),
        (
            "smtps://relay.example.gov",
            SmtpRelay(host="relay.example.gov", port=465, security=Security.TLS),
        ),
        (
            "smtp+plain://127.0.0.1:2525",
            SmtpRelay(host="127.0.0.1", port=2525, security=Security.PLAIN),
        ),
        ("smtp+plain://[::1]", SmtpRelay(host="::1", port=25, security=Security.PLAIN)),
        ("smtp+plain://localhost", SmtpRelay(host="localhost", port=25, security=Security.PLAIN)),
        (
            "smtp://letters%40example.gov:p%2Fw%3A%25@relay.example.gov",
            SmtpRelay(
                host="relay.example.gov",
                port=587,
                security=Security.STARTTLS,
                username="letters@example.gov",
                password="p/w:%",
            ),
        ),
        (
            "smtp://letters%40example.gov@smtp.office365.com?token-file=/run/topthree/token",
            SmtpRelay(
                host="smtp.office365.com",
                port=587,
                security=Security.STARTTLS,
                username="letters@example.gov",
                token_file=Path("/run/topthree/token"),
            ),
        ),
    ],
)
def test_an_address_names_a_relay(url: str, relay: SmtpRelay) -> None:
    assert parse_relay_url(url) == relay


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "begins with one of"),
        ("relay.example.gov", "begins with one of"),
        ("http://relay.example.gov", "begins with one of"),
        ("smtp://", "names no host"),
        ("smtp://relay.example.gov/folder", "names no host"),
        ("smtp://relay.example.gov:port", "cannot be read"),
        ("smtp://name:pa/ss@relay.example.gov", "cannot be read"),
        ("smtp://name@relay.example.gov", "name or a password alone"),
        ("smtp+plain://relay.example.gov", "for a relay on this machine"),
        ("smtp+plain://10.0.0.7", "for a relay on this machine"),
        ("smtp+plain://localhost.example.gov", "for a relay on this machine"),
        ("smtp://relay.example.gov?cafile=/nowhere.pem", "cafile="),
        ("smtp://relay.example.gov?verify=no", "cafile="),
        ("smtp://relay.example.gov?cafile=", "cafile="),
        ("smtp://relay.example.gov?token-file=/run/token", "a name and no password"),
        ("smtp://name:pw@relay.example.gov?token-file=/run/token", "a name and no password"),
        ("smtp://name@relay.example.gov?token-file=token", "a whole path"),
        ("smtp://name@relay.example.gov?token-file=/a&token-file=/b", "once each"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_with_the_reason(url: str, said: str) -> None:
    """R-23: words in the clear stay on this machine."""
    with pytest.raises(RelayUrlInvalid, match=said):
        parse_relay_url(url)


def test_a_private_authority_is_named_by_its_file(tmp_path: Path) -> None:
    root = tmp_path / "root.pem"
    root.touch()

    assert parse_relay_url(f"smtp://relay.example.gov?cafile={root}").ca_file == root


def test_the_password_is_never_shown() -> None:
    relay = parse_relay_url("smtp://letters:very-secret@relay.example.gov")

    assert "very-secret" not in repr(relay)


@pytest.mark.parametrize(
    "url", ["smtp://u:very-secret/@relay", "xyz://u:very-secret@relay", "smtp://u:very-secret@h:x"]
)
def test_the_password_is_in_no_refusal(url: str) -> None:
    with pytest.raises(RelayUrlInvalid) as caught:
        parse_relay_url(url)

    assert "very-secret" not in str(caught.value)
    assert caught.value.__cause__ is None
