"""Where the relay is and how to speak with it, read from one address."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit


class Security(StrEnum):
    """How the conversation is kept private."""

    #: In the clear at first, then encrypted; without encryption there is no conversation.
    STARTTLS = "starttls"
    #: Encrypted from the first byte.
    TLS = "tls"
    #: In the clear, which only this machine's own relay may be spoken to in.
    PLAIN = "plain"


_SCHEMES = {
    "smtp": (Security.STARTTLS, 587),
    "smtp+starttls": (Security.STARTTLS, 587),
    "smtps": (Security.TLS, 465),
    "smtp+plain": (Security.PLAIN, 25),
}
_LOOKS_LIKE = "A relay's address looks like smtp://name:password@relay.example.gov:587."


class RelayUrlInvalid(ValueError):
    """The relay's address cannot be used; the text says why, and never holds the password."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpRelay:
    """A relay: where it is, what we show it, and how long we wait for it."""

    host: str
    port: int
    security: Security
    username: str = ""
    password: str = field(default="", repr=False)
    #: Where an access token for the name is kept fresh, to be shown instead of a password.
    token_file: Path | None = None
    #: Whom to trust instead of the system's authorities, for a relay with a private one.
    ca_file: Path | None = None
    timeout_seconds: float = 60
    #: RFC 5321 §4.5.3.2.6: a relay may take ten minutes over the final dot.
    final_dot_timeout_seconds: float = 600


def parse_relay_url(url: str) -> SmtpRelay:
    """Return the relay that the address names.

    ``smtp://`` and ``smtp+starttls://`` (587) demand STARTTLS, ``smtps://`` (465) speaks TLS at
    once, ``smtp+plain://`` (25) speaks in the clear and only to this machine. Credentials are
    percent-encoded; ``?cafile=/path`` names the only authority to trust, ``?token-file=/path``
    what holds an access token instead of a password (XOAUTH2).

    :raises RelayUrlInvalid: if it is not such an address.
    """
    parts, port = _split(url)
    if parts.scheme not in _SCHEMES:
        known = ", ".join(f"{scheme}://" for scheme in _SCHEMES)
        raise RelayUrlInvalid(f"A relay's address begins with one of {known}.")
    if not parts.hostname or parts.path not in {"", "/"} or parts.fragment:
        raise RelayUrlInvalid(f"The relay's address names no host. {_LOOKS_LIKE}")
    security, usual_port = _SCHEMES[parts.scheme]
    if security is Security.PLAIN and not _is_this_machine(parts.hostname):
        raise RelayUrlInvalid(
            "smtp+plain:// is for a relay on this machine. Use smtp:// or smtps:// for others."
        )
    files = _files(parts.query)
    _check_credentials(parts, files)
    return SmtpRelay(
        host=parts.hostname,
        port=port or usual_port,
        security=security,
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        ca_file=files.get("cafile"),
        token_file=files.get("token-file"),
    )


def _split(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        # Not chained: the cause quotes parts of the address, and a password may be among them.
        raise RelayUrlInvalid(
            f"The relay's address cannot be read; a “/”, “?” or “#” in a password is written"
            f" %2F, %3F or %23. {_LOOKS_LIKE}"
        ) from None
    return parts, port


def _files(query: str) -> dict[str, Path]:
    named = parse_qs(query, keep_blank_values=True)
    if not set(named) <= {"cafile", "token-file"} or any(
        len(given) > 1 for given in named.values()
    ):
        raise RelayUrlInvalid("After the “?” come only cafile= and token-file=, once each.")
    files = {key: Path(given[0]) for key, given in named.items()}
    if "cafile" in files and not files["cafile"].is_file():
        raise RelayUrlInvalid("cafile= names a file that does not exist.")
    # What keeps the token fresh may not have run yet; it is looked for at each connection.
    if "token-file" in files and not files["token-file"].is_absolute():
        raise RelayUrlInvalid("token-file= is a whole path, beginning with “/”.")
    return files


def _check_credentials(parts: SplitResult, files: Mapping[str, Path]) -> None:
    if "token-file" in files:
        if not parts.username or parts.password is not None:
            raise RelayUrlInvalid(
                "With token-file= comes a name and no password, as in"
                " smtp://name@relay.example.gov?token-file=/run/topthree/token."
            )
    elif (parts.username is None) != (parts.password is None):
        raise RelayUrlInvalid(f"The relay's address has a name or a password alone. {_LOOKS_LIKE}")


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
