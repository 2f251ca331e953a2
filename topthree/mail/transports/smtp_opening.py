"""How a conversation with a relay begins: connect, encrypt, greet, sign in."""

from __future__ import annotations

import base64
import ipaddress
import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from topthree.mail.transport import Phase, RelayUnavailable
from topthree.mail.transports.relay_url import Security, SmtpRelay
from topthree.mail.transports.smtp_commands import Offers
from topthree.mail.transports.smtp_replies import NotAReply, is_success, readable, said
from topthree.mail.transports.smtp_wire import Wire

_ASK_FOR_MORE = 334
_NO_REPLY = -1
# A command line has 512 bytes (RFC 5321 §4.5.3.1.4), of which "AUTH " and its end take seven.
_LONGEST_ARGUMENT = 505
# What fits into an answer of 12,288 bytes with room for a name (RFC 4954 §4).
_LONGEST_TOKEN = 8_192
# RFC 6750 §2.1.
_TOKEN = re.compile(rb"[A-Za-z0-9._~+/-]+=*")
_FULL_NAME = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A conversation in which mail can be handed over."""

    wire: Wire
    offers: Offers


def open_conversation(relay: SmtpRelay) -> Opened:
    """Connect, in private where the relay's address asks for it, and sign in.

    :raises RelayUnavailable: if the relay is not there, or not in private, or does not know us.
    """
    context = client_context(relay) if relay.security is not Security.PLAIN else None
    smtp = _connect(relay, context)
    try:
        _greet(smtp)
        if relay.security is Security.STARTTLS:
            _encrypt(smtp, context)
            _greet(smtp)
        if relay.username:
            _sign_in(smtp, relay)
    except BaseException:
        smtp.close()
        raise
    offers = Offers(pipelining=smtp.has_extn("pipelining"), eight_bit=smtp.has_extn("8bitmime"))
    return Opened(wire=smtp.wire(), offers=offers)


class _Opening(smtplib.SMTP):
    """The library's side of the opening, with replies that end, in time and in length."""

    _wire: Wire | None = None

    def wire(self) -> Wire:
        """Return the connection with what was read from it ahead, anew once it is encrypted."""
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("The conversation is over.")
        if self._wire is None or self._wire.sock is not self.sock:
            # What came in the clear is forgotten: anybody could have said it (RFC 3207 §4.2).
            self._wire = Wire(self.sock, self.timeout)
        return self._wire

    def getreply(self) -> tuple[int, bytes]:
        """Return the next reply, in the library's own way of saying that there was none."""
        wire = self.wire()
        wire.take_over()
        try:
            reply: tuple[int, bytes] = wire.reply()
        except NotAReply as error:
            reply = _NO_REPLY, str(error).encode()
        except OSError:
            self.close()
            raise
        # The library writes in its own way, and encrypts.
        wire.sock.settimeout(self.timeout)
        return reply


class _EncryptedOpening(_Opening, smtplib.SMTP_SSL):
    """The same where the relay speaks TLS from the first byte."""


def client_context(relay: SmtpRelay) -> ssl.SSLContext:
    """Return what decides whom we believe, and how little encryption is too little (R-23)."""
    context = ssl.create_default_context(cafile=relay.ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _connect(relay: SmtpRelay, context: ssl.SSLContext | None) -> _Opening:
    # With a name given the library asks no name server for ours, and waits for none; what we
    # call ourselves is known once there is a connection. With the host given here, it connects
    # at once and knows whose certificate to expect.
    nameless, patience = "localhost", relay.timeout_seconds
    with _failing_at(Phase.CONNECT):
        if relay.security is Security.TLS:
            return _EncryptedOpening(
                relay.host, relay.port, local_hostname=nameless, timeout=patience, context=context
            )
        return _Opening(relay.host, relay.port, local_hostname=nameless, timeout=patience)


def _our_name(sock: socket.socket) -> str:
    """Return what we call ourselves: a full name, or else our address (RFC 5321 §4.1.4)."""
    name = socket.gethostname()
    if _FULL_NAME.fullmatch(name):
        return name
    address = ipaddress.ip_address(sock.getsockname()[0].partition("%")[0])
    return f"[{address}]" if address.version == 4 else f"[IPv6:{address}]"  # noqa: PLR2004


def _greet(smtp: _Opening) -> None:
    with _failing_at(Phase.GREETING):
        _require(Phase.GREETING, *smtp.ehlo(_our_name(smtp.wire().sock)))


def _encrypt(smtp: smtplib.SMTP, context: ssl.SSLContext | None) -> None:
    # Somebody in between can take the offer out of the reply; then there is no conversation.
    if not smtp.has_extn("starttls"):
        raise RelayUnavailable(Phase.TLS, reply="it offers no encryption (STARTTLS)")
    with _failing_at(Phase.TLS):
        smtp.starttls(context=context)


def _sign_in(smtp: smtplib.SMTP, relay: SmtpRelay) -> None:
    offered = smtp.esmtp_features.get("auth", "").upper().split()
    credentials = _credentials(relay)
    for mechanism, responses in credentials.items():
        if mechanism in offered:
            with _failing_at(Phase.SIGN_IN):
                _require(Phase.SIGN_IN, *_authenticate(smtp, mechanism, list(responses)))
            return
    known = " nor ".join(f"AUTH {mechanism}" for mechanism in credentials)
    raise RelayUnavailable(Phase.SIGN_IN, reply=f"it offers no {known}")


def _credentials(relay: SmtpRelay) -> dict[str, tuple[str, ...]]:
    """Return what can be answered in each way of signing in that we know, the best first."""
    name = relay.username.encode()
    if relay.token_file is not None:
        bearer = b"auth=Bearer " + _token(relay.token_file)
        return {"XOAUTH2": (_base64(b"\1".join((b"user=" + name, bearer, b"", b""))),)}
    password = relay.password.encode()
    return {
        "PLAIN": (_base64(b"\0".join((b"", name, password))),),
        "LOGIN": (_base64(name), _base64(password)),
    }


def _token(file: Path) -> bytes:
    try:
        token = file.read_bytes().strip()
    except (OSError, ValueError) as error:
        heard = f"the token's file cannot be read ({said(error)})"
        raise RelayUnavailable(Phase.SIGN_IN, reply=heard) from error
    if not 0 < len(token) <= _LONGEST_TOKEN or not _TOKEN.fullmatch(token):
        raise RelayUnavailable(Phase.SIGN_IN, reply="the token's file holds no token")
    return token


def _authenticate(smtp: smtplib.SMTP, mechanism: str, responses: list[str]) -> tuple[int, bytes]:
    """Answer whatever the relay asks for, as far as there are answers (RFC 4954)."""
    at_once = f"{mechanism} {responses[0]}"
    if len(at_once) <= _LONGEST_ARGUMENT:
        responses.pop(0)
    else:
        at_once = mechanism
    code, reply = smtp.docmd("AUTH", at_once)
    while code == _ASK_FOR_MORE and responses:
        code, reply = smtp.docmd(responses.pop(0))
    if code == _ASK_FOR_MORE:
        # This is how XOAUTH2 says why it refuses; the refusal comes once that was listened to.
        why = _unpacked(reply)
        code, reply = smtp.docmd("")
        reply = b" ".join((reply, why))
    return code, reply


def _unpacked(challenge: bytes) -> bytes:
    try:
        return base64.b64decode(challenge, validate=True)
    except ValueError:
        return challenge


def _base64(response: bytes) -> str:
    return base64.b64encode(response).decode("ascii")


def _require(phase: Phase, code: int, reply: bytes) -> None:
    if not is_success(code):
        raise RelayUnavailable(phase, code=max(code, 0), reply=readable(reply))


@contextmanager
def _failing_at(phase: Phase) -> Iterator[None]:
    try:
        yield
    except ssl.SSLError as error:
        raise RelayUnavailable(Phase.TLS, reply=said(error)) from error
    except smtplib.SMTPResponseException as error:
        at = Phase.GREETING if phase is Phase.CONNECT else phase
        raise RelayUnavailable(at, code=max(error.smtp_code, 0), reply=said(error)) from error
    except OSError as error:
        # smtplib's own errors are of this kind, too.
        raise RelayUnavailable(phase, reply=said(error)) from error
