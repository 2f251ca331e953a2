"""How a conversation with a relay begins: connect, encrypt, greet, sign in."""

from __future__ import annotations

import base64
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from topthree.mail.transport import Phase, RelayUnavailable
from topthree.mail.transports.relay_url import Security, SmtpRelay

_ASK_FOR_MORE = 334


def open_conversation(relay: SmtpRelay) -> smtplib.SMTP:
    """Return a conversation in which mail can be handed over.

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
    return smtp


def is_success(code: int) -> bool:
    """Tell whether the relay did what it was asked."""
    return 200 <= code <= 299  # noqa: PLR2004 (RFC 5321 §4.2.1)


def said(error: BaseException) -> str:
    """Return what an error of the library says, in the relay's words where it has any."""
    if isinstance(error, smtplib.SMTPResponseException):
        return readable(error.smtp_error)
    return str(error) or type(error).__name__


def readable(reply: bytes | str) -> str:
    """Return a reply as text that can be logged and shown, whatever the relay sent."""
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def _context(relay: SmtpRelay) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=relay.ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _connect(relay: SmtpRelay, context: ssl.SSLContext | None) -> smtplib.SMTP:
    with _failing_at(Phase.CONNECT):
        # With the host given here, the library connects at once and knows whose certificate
        # to expect.
        if relay.security is Security.TLS:
            return smtplib.SMTP_SSL(
                relay.host,
                relay.port,
                local_hostname=_our_name(),
                timeout=relay.timeout_seconds,
                context=context,
            )
        return smtplib.SMTP(
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
