"""How a conversation with a relay begins: connect, encrypt, greet, sign in."""

from __future__ import annotations

import base64
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from topthree.mail.transport import Phase, RelayUnavailable
from topthree.mail.transports.relay_url import Security, SmtpRelay
from topthree.mail.transports.smtp_replies import NotAReply, is_success, readable, said
from topthree.mail.transports.smtp_wire import Wire

_ASK_FOR_MORE = 334
_NO_REPLY = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A conversation in which mail can be handed over."""

    wire: Wire
    #: The relay takes several commands at a time (RFC 2920).
    offers_pipelining: bool


def open_conversation(relay: SmtpRelay) -> Opened:
    """Connect, in private where the relay's address asks for it, and sign in.

    :raises RelayUnavailable: if the relay is not there, or not in private, or does not know us.
    """
    context = _context(relay) if relay.security is not Security.PLAIN else None
    smtp = _connect(relay, context)
    try:
        _greet(smtp)
        if relay.security is Security.STARTTLS:
            _encrypt(smtp, context)
            _greet(smtp)
        if relay.username:
            _sign_in(smtp, relay)
    except RelayUnavailable:
        smtp.close()
        raise
    return Opened(wire=smtp.wire(), offers_pipelining=smtp.has_extn("pipelining"))


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
        try:
            return self.wire().reply()
        except NotAReply as error:
            return _NO_REPLY, str(error).encode()
        except OSError:
            self.close()
            raise


class _EncryptedOpening(_Opening, smtplib.SMTP_SSL):
    """The same where the relay speaks TLS from the first byte."""


def _context(relay: SmtpRelay) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=relay.ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _connect(relay: SmtpRelay, context: ssl.SSLContext | None) -> _Opening:
    with _failing_at(Phase.CONNECT):
        # With the host given here, the library connects at once and knows whose certificate
        # to expect.
        if relay.security is Security.TLS:
            return _EncryptedOpening(
                relay.host,
                relay.port,
                local_hostname=_our_name(),
                timeout=relay.timeout_seconds,
                context=context,
            )
        return _Opening(
            relay.host, relay.port, local_hostname=_our_name(), timeout=relay.timeout_seconds
        )


def _our_name() -> str:
    """Return what we call ourselves. The library would ask a name server, and wait for it."""
    name = socket.gethostname()
    return name if "." in name else "[127.0.0.1]"


def _greet(smtp: smtplib.SMTP) -> None:
    with _failing_at(Phase.GREETING):
        _require(Phase.GREETING, *smtp.ehlo())


def _encrypt(smtp: smtplib.SMTP, context: ssl.SSLContext | None) -> None:
    # Somebody in between can take the offer out of the reply; then there is no conversation.
    if not smtp.has_extn("starttls"):
        raise RelayUnavailable(Phase.TLS, reply="it offers no encryption (STARTTLS)")
    with _failing_at(Phase.TLS):
        smtp.starttls(context=context)


def _sign_in(smtp: smtplib.SMTP, relay: SmtpRelay) -> None:
    name, password = relay.username.encode(), relay.password.encode()
    methods = smtp.esmtp_features.get("auth", "").upper().split()
    with _failing_at(Phase.SIGN_IN):
        if "PLAIN" in methods:
            code, reply = smtp.docmd("AUTH", f"PLAIN {_base64(b'', name, password)}")
        elif "LOGIN" in methods:
            code, reply = smtp.docmd("AUTH", f"LOGIN {_base64(name)}")
            if code == _ASK_FOR_MORE:
                code, reply = smtp.docmd(_base64(password))
        else:
            code, reply = 0, b"it offers neither AUTH PLAIN nor AUTH LOGIN"
        _require(Phase.SIGN_IN, code, reply)


def _base64(*parts: bytes) -> str:
    return base64.b64encode(b"\0".join(parts)).decode("ascii")


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
