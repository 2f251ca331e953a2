"""One request to one site, over a connection to an address that was checked before."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import cast

from topthree.domain.links.link_check import Trouble
from topthree.fetch.answer import NoAnswer
from topthree.fetch.deadline import Deadline, Incoming
from topthree.fetch.names import Names
from topthree.fetch.public_addresses import IpAddress
from topthree.fetch.target import Target

#: Bytes that one answer may bring, headers and all.
MOST_BYTES = 1_000_000
#: So that an address that does not answer leaves time for the next one.
_SECONDS_AN_ADDRESS = 2.0
_CONTENT_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,80}/[a-z0-9!#$&^_.+-]{1,80}")
_LENGTH = re.compile(r"[0-9]{1,12}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What one site said to one request."""

    status: int
    #: Where it sends us instead; empty if it does not.
    location: str
    content_type: str
    content_length: int | None
    #: As much of what stands there as was wanted.
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """How requests are made."""

    names: Names
    is_allowed: Callable[[IpAddress], bool]
    encryption: Callable[[], ssl.SSLContext]
    user_agent: str

    def ask(self, method: str, target: Target, deadline: Deadline, *, most_bytes: int = 0) -> Reply:
        """Return what the site says, having read no more of it than its headers need.

        :param most_bytes: how much of its content is wanted, at the most.
        :raises NoAnswer: if it says nothing, or may not be asked.
        """
        try:
            with closing(self._connection(target, deadline)) as connection:
                connection.settimeout(deadline.left())
                connection.sendall(_request(method, target, self.user_agent))
                return _reply(method, connection, deadline, most_bytes)
        except TimeoutError as error:
            raise NoAnswer(Trouble.TOO_SLOW) from error
        except ssl.SSLCertVerificationError as error:
            raise NoAnswer(Trouble.NOT_TRUSTED, error.verify_message) from error
        except (OSError, HTTPException, ValueError) as error:
            raise NoAnswer(Trouble.BROKEN, type(error).__name__) from error

    def _connection(self, target: Target, deadline: Deadline) -> socket.socket:
        plain = self._connected(self._allowed_addresses(target, deadline), target.port, deadline)
        if not target.is_encrypted:
            return plain
        try:
            plain.settimeout(deadline.left())
            # The certificate is that of the name that was typed, wherever the DNS says it is.
            return self.encryption().wrap_socket(plain, server_hostname=target.host)
        except BaseException:
            plain.close()
            raise

    def _allowed_addresses(self, target: Target, deadline: Deadline) -> tuple[IpAddress, ...]:
        literal = target.address
        found = (literal,) if literal else self.names.addresses_of(target.host, deadline)
        # One private address among public ones is how a name is made to change under our hands.
        if not found or not all(map(self.is_allowed, found)):
            raise NoAnswer(Trouble.NOT_PUBLIC, target.host)
        return found

    @staticmethod
    def _connected(
        addresses: tuple[IpAddress, ...], port: int, deadline: Deadline
    ) -> socket.socket:
        """Connect to the first of the addresses that answers: these, and no name once more."""
        trouble: OSError = OSError("There is no address.")
        for number, address in enumerate(addresses, start=1):
            is_last = number == len(addresses)
            seconds = deadline.left() if is_last else min(deadline.left(), _SECONDS_AN_ADDRESS)
            try:
                return socket.create_connection((str(address), port), timeout=seconds)
            except OSError as error:
                trouble = error
        raise trouble


def _request(method: str, target: Target, user_agent: str) -> bytes:
    lines = (
        f"{method} {target.path} HTTP/1.1",
        f"Host: {target.authority}",
        f"User-Agent: {user_agent}",
        "Accept: */*",
        "Accept-Encoding: identity",
        "Connection: close",
        "\r\n",
    )
    return "\r\n".join(lines).encode("ascii")


def _reply(method: str, connection: socket.socket, deadline: Deadline, most_bytes: int) -> Reply:
    incoming = Incoming(connection, deadline, MOST_BYTES)
    # The reader only ever asks its socket for a file.
    answer = HTTPResponse(cast("socket.socket", incoming), method=method)
    with closing(answer):
        answer.begin()
        return Reply(
            status=answer.status,
            location=_as_typed(answer.headers.get("Location", "")),
            content_type=_content_type(answer.headers),
            content_length=_content_length(answer.headers),
            content=answer.read(most_bytes),
        )


def _as_typed(location: str) -> str:
    """Return the header's text; what is not ASCII in it is UTF-8, as sites write it."""
    return location.strip().encode("latin-1").decode("utf-8", "replace")


def _content_type(headers: HTTPMessage) -> str:
    said = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return said if _CONTENT_TYPE.fullmatch(said) else ""


def _content_length(headers: HTTPMessage) -> int | None:
    said = headers.get("Content-Length", "").strip()
    # What was squeezed for the way is not as long as what a reader gets.
    is_plain = headers.get("Content-Encoding", "identity").strip().lower() in ("", "identity")
    return int(said) if is_plain and _LENGTH.fullmatch(said) else None
