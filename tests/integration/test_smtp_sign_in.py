"""How we tell a relay who we are: by a password, or by a token that something else renews."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.support.told_relay import HELLO, ToldRelay, Turn, told_relay
from topthree.domain.sending.outcome import Verdict
from topthree.mail.transport import Envelope, Phase, RelayUnavailable
from topthree.mail.transports.relay_url import parse_relay_url
from topthree.mail.transports.smtp import SmtpTransport

ENVELOPE = Envelope(sender="letters@example.gov", recipient="teacher@school.example")
LINE = b"\r\n"
WELCOME = (LINE, b"235 2.7.0 Welcome\r\n")
REFUSED = b"535 5.7.8 Username and token not accepted\r\n"
TAKEN = (
    (LINE, b"250 ok\r\n"),
    (LINE, b"250 ok\r\n"),
    (LINE, b"354 go\r\n"),
    (b"\r\n.\r\n", b"250 kept\r\n"),
)


def offering(*mechanisms: str) -> Turn:
    return LINE, f"250-relay.example\r\n250 AUTH {' '.join(mechanisms)}\r\n".encode()


def way(relay: ToldRelay, credentials: str, query: str = "") -> SmtpTransport:
    address = relay.url.replace("//", f"//{credentials}@") + query
    return SmtpTransport(relay=parse_relay_url(address))


def verdict(transport: SmtpTransport) -> Verdict:
    with transport.connect() as connection:
        return connection.send(ENVELOPE, b"Subject: x\r\n\r\nx\r\n").verdict


def unavailable(transport: SmtpTransport) -> RelayUnavailable:
    with pytest.raises(RelayUnavailable) as caught:
        verdict(transport)
    return caught.value


def encoded(text: str) -> bytes:
    return base64.b64encode(text.encode())


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    file = tmp_path / "token"
    file.write_text("ya29.very-secret\n")
    return file


# By a password


@pytest.mark.parametrize("mechanisms", [("LOGIN", "PLAIN", "XOAUTH2"), ("plain",)])
def test_a_password_goes_by_plain_where_it_is_offered(mechanisms: tuple[str, ...]) -> None:
    with told_relay(HELLO, offering(*mechanisms), WELCOME, *TAKEN) as relay:
        assert verdict(way(relay, "letters:secret")) is Verdict.ACCEPTED

    assert relay.heard[2] == b"AUTH PLAIN " + encoded("\0letters\0secret") + LINE


def test_a_password_goes_by_login_where_nothing_better_is_offered() -> None:
    asks = (LINE, b"334 UGFzc3dvcmQ6\r\n")
    with told_relay(HELLO, offering("GSSAPI", "LOGIN"), asks, WELCOME, *TAKEN) as relay:
        assert verdict(way(relay, "letters:secret")) is Verdict.ACCEPTED

    assert relay.heard[2] == b"AUTH LOGIN " + encoded("letters") + LINE
    assert relay.heard[3] == encoded("secret") + LINE


def test_a_password_goes_no_way_that_was_not_offered() -> None:
    with told_relay(HELLO, offering("XOAUTH2", "CRAM-MD5")) as relay:
        error = unavailable(way(relay, "letters:secret"))

    assert (error.phase, error.code) == (Phase.SIGN_IN, 0)
    assert error.reply == "it offers no AUTH PLAIN nor AUTH LOGIN"
    assert relay.heard[-1] == b""


@pytest.mark.parametrize("code", [454, 530, 534, 535])
def test_a_refused_sign_in_is_told_apart_by_its_code(code: int) -> None:
    refused = (LINE, b"%d 5.7.0 No\r\n" % code)
    with told_relay(HELLO, offering("PLAIN"), refused) as relay:
        error = unavailable(way(relay, "letters:secret"))

    assert (error.phase, error.code, error.reply) == (Phase.SIGN_IN, code, "5.7.0 No")


@pytest.mark.parametrize(
    ("reply", "phase"),
    [
        (b"530 5.7.57 Client not authenticated\r\n", Phase.SIGN_IN),
        (b"535 5.7.3 Authentication unsuccessful\r\n", Phase.SIGN_IN),
        (b"550 5.7.60 May not send as this sender\r\n", Phase.SENDER),
    ],
)
def test_a_relay_that_takes_no_mail_from_strangers_is_one_that_did_not_let_us_sign_in(
    reply: bytes, phase: Phase
) -> None:
    with told_relay(HELLO, offering("PLAIN"), (LINE, reply)) as relay:
        error = unavailable(SmtpTransport(relay=parse_relay_url(relay.url)))

    assert (error.phase, error.code) == (phase, int(reply[:3]))


def test_a_relay_that_never_stops_asking_is_left() -> None:
    more = (LINE, b"334 bW9yZQ==\r\n")
    with told_relay(HELLO, offering("PLAIN"), more, more) as relay:
        error = unavailable(way(relay, "letters:secret"))

    assert (error.phase, error.code) == (Phase.SIGN_IN, 334)
    assert relay.heard[3] == LINE


# By a token


def test_a_token_is_shown_instead_of_a_password(token_file: Path) -> None:
    offer = offering("PLAIN", "LOGIN", "XOAUTH2")
    with told_relay(HELLO, offer, WELCOME, *TAKEN) as relay:
        transport = way(relay, "letters%40example.gov", f"?token-file={token_file}")
        assert verdict(transport) is Verdict.ACCEPTED

    shown = "user=letters@example.gov\1auth=Bearer ya29.very-secret\1\1"
    assert relay.heard[2] == b"AUTH XOAUTH2 " + encoded(shown) + LINE


def test_a_token_longer_than_a_command_is_shown_when_asked_for(token_file: Path) -> None:
    """RFC 4954 §4: a command keeps to 512 bytes, an answer may have more."""
    token_file.write_text("e" * 2_000)
    asks = (LINE, b"334 \r\n")
    with told_relay(HELLO, offering("XOAUTH2"), asks, WELCOME, *TAKEN) as relay:
        assert verdict(way(relay, "letters", f"?token-file={token_file}")) is Verdict.ACCEPTED

    assert relay.heard[2] == b"AUTH XOAUTH2\r\n"
    assert relay.heard[3] == encoded(f"user=letters\1auth=Bearer {'e' * 2_000}\1\1") + LINE


def test_the_token_is_read_anew_for_each_connection(token_file: Path) -> None:
    shown = []
    for token in ("first", "second"):
        token_file.write_text(token)
        with told_relay(HELLO, offering("XOAUTH2"), WELCOME, *TAKEN) as relay:
            verdict(way(relay, "letters", f"?token-file={token_file}"))
        shown.append(base64.b64decode(relay.heard[2].split()[2]))

    assert [b"first" in shown[0], b"second" in shown[1]] == [True, True]


def test_why_a_token_is_refused_is_listened_to_and_passed_on(token_file: Path) -> None:
    why = b"334 " + encoded('{"status":"401","schemes":"bearer"}') + LINE
    with told_relay(HELLO, offering("XOAUTH2"), (LINE, why), (LINE, REFUSED)) as relay:
        error = unavailable(way(relay, "letters", f"?token-file={token_file}"))

    assert relay.heard[3] == LINE
    assert (error.phase, error.code) == (Phase.SIGN_IN, 535)
    assert error.reply == (
        '5.7.8 Username and token not accepted {"status":"401","schemes":"bearer"}'
    )
    assert "very-secret" not in str(error)


def test_a_reason_that_cannot_be_read_is_a_refusal_all_the_same(token_file: Path) -> None:
    with told_relay(HELLO, offering("XOAUTH2"), (LINE, b"334 %%%\r\n"), (LINE, REFUSED)) as relay:
        error = unavailable(way(relay, "letters", f"?token-file={token_file}"))

    assert (error.phase, error.code) == (Phase.SIGN_IN, 535)


def test_a_token_goes_no_way_that_was_not_offered(token_file: Path) -> None:
    with told_relay(HELLO, offering("PLAIN", "LOGIN")) as relay:
        error = unavailable(way(relay, "letters", f"?token-file={token_file}"))

    assert (error.phase, error.code) == (Phase.SIGN_IN, 0)
    assert error.reply == "it offers no AUTH XOAUTH2"
    assert relay.heard[-1] == b""


@pytest.mark.parametrize("content", ["", "\n", '{"access_token": "x"}', "two tokens", "x" * 9_000])
def test_a_file_that_holds_no_token_is_not_shown(token_file: Path, content: str) -> None:
    token_file.write_text(content)
    with told_relay(HELLO, offering("XOAUTH2")) as relay:
        error = unavailable(way(relay, "letters", f"?token-file={token_file}"))

    assert (error.phase, error.code) == (Phase.SIGN_IN, 0)
    assert error.reply == "the token's file holds no token"
    assert relay.heard[-1] == b""


@pytest.mark.parametrize("name", ["not-there-yet", "%00", ""])
def test_a_token_that_cannot_be_read_makes_the_relay_unavailable(tmp_path: Path, name: str) -> None:
    with told_relay(HELLO, offering("XOAUTH2")) as relay:
        error = unavailable(way(relay, "letters", f"?token-file={tmp_path}/{name}"))

    assert (error.phase, error.code) == (Phase.SIGN_IN, 0)
    assert "cannot be read" in error.reply
