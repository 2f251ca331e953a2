"""An address of the web taken apart, with nothing in it that could become another request."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, quote, urlsplit

from topthree.domain.links.link_check import Trouble
from topthree.fetch.answer import NoAnswer
from topthree.fetch.public_addresses import IpAddress

_LONGEST = 8_000
_USUAL = {"https": 443, "http": 80}
_NAME = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_LONGEST_NAME = 253
#: What stays as it is in a path and a query; the rest is percent-encoded.
_KEPT = "%/:@!$&'()*+,;=~?-._"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a request goes and what it asks for."""

    is_encrypted: bool
    #: A name in ASCII, or an address, without brackets.
    host: str
    port: int
    #: Path and query, in ASCII.
    path: str

    @property
    def address(self) -> IpAddress | None:
        """The address, if that is what the host is."""
        return _address(self.host)

    @property
    def authority(self) -> str:
        """Host and port as the Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        is_usual = self.port == _USUAL["https" if self.is_encrypted else "http"]
        return host if is_usual else f"{host}:{self.port}"


def target_of(url: str, ports: Collection[int]) -> Target:
    """Return where this address leads to.

    :raises NoAnswer: if it is none that is looked at.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or _USUAL[parts.scheme]
        host = _host(parts)
    except (ValueError, KeyError) as error:
        raise NoAnswer(Trouble.NOT_A_SITE) from error
    if len(url) > _LONGEST or port not in ports or not host or "@" in parts.netloc:
        raise NoAnswer(Trouble.NOT_A_SITE)
    path = quote(parts.path or "/", safe=_KEPT.replace("?", ""))
    query = f"?{quote(parts.query, safe=_KEPT)}" if parts.query else ""
    return Target(is_encrypted=parts.scheme == "https", host=host, port=port, path=path + query)


def _host(parts: SplitResult) -> str:
    """Return the host in ASCII; empty if it is neither a name nor an address."""
    name = (parts.hostname or "").removesuffix(".")
    if _address(name) is not None:
        return name
    # UnicodeError is a ValueError.
    ascii_name = name.encode("idna").decode("ascii").lower()
    is_name = len(ascii_name) <= _LONGEST_NAME and _NAME.fullmatch(ascii_name)
    return ascii_name if is_name else ""


def _address(host: str) -> IpAddress | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
