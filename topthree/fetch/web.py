"""The one way in which this service asks an address that somebody else has named."""

from __future__ import annotations

import functools
import ssl
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Protocol
from urllib.parse import urljoin

from topthree import __version__
from topthree.domain.clock import seconds_since_boot
from topthree.domain.links.link_check import Trouble
from topthree.fetch.answer import Answer, NoAnswer
from topthree.fetch.deadline import Deadline
from topthree.fetch.exchange import Exchange, Reply
from topthree.fetch.names import DnsNames, Names
from topthree.fetch.public_addresses import IpAddress, is_public
from topthree.fetch.target import target_of

_MOST_REDIRECTS = 5
_REDIRECTS = frozenset(
    {
        HTTPStatus.MOVED_PERMANENTLY,
        HTTPStatus.FOUND,
        HTTPStatus.SEE_OTHER,
        HTTPStatus.TEMPORARY_REDIRECT,
        HTTPStatus.PERMANENT_REDIRECT,
    }
)


class Fetcher(Protocol):
    """Looks at addresses of the web."""

    def look_at(self, url: str) -> Answer:
        """Return what stands at this address, without taking its content.

        :raises NoAnswer: if that cannot be found out, or the address may not be asked.
        """
        ...


class Reader(Protocol):
    """Reads small files of the web."""

    def read(self, url: str, *, most_bytes: int) -> bytes:
        """Return what stands at exactly this address.

        :raises NoAnswer: if that cannot be had, whole and without being sent elsewhere.
        """
        ...


@functools.cache
def _usual_encryption() -> ssl.SSLContext:
    return ssl.create_default_context()


@dataclass(frozen=True, slots=True, kw_only=True)
class WebFetcher:
    """Asks sites of the public Internet, each for a few seconds and without a cookie.

    A name is asked for once a request and every one of its addresses has to be public; the
    connection goes to one of these addresses and not to the name. Redirections begin anew.
    """

    #: Where people who see us in their logs can read who we are, and what we come for.
    home: str = ""
    errand: str = "checks links"
    names: Names = field(default_factory=DnsNames)
    is_allowed: Callable[[IpAddress], bool] = is_public
    ports: Collection[int] = (443, 80)
    encryption: Callable[[], ssl.SSLContext] = _usual_encryption
    #: Over names, connections, redirections and answers together.
    seconds: float = 5.0
    elapsed: Callable[[], float] = seconds_since_boot

    def look_at(self, url: str) -> Answer:
        """Return what stands at this address, without taking its content.

        :raises NoAnswer: if that cannot be found out, or the address may not be asked.
        """
        deadline = Deadline(at=self.elapsed() + self.seconds, elapsed=self.elapsed)
        here = url
        for _ in range(_MOST_REDIRECTS + 1):
            reply = self._ask(here, deadline)
            if reply.status not in _REDIRECTS or not reply.location:
                return Answer(
                    status=reply.status,
                    url=here,
                    content_type=reply.content_type,
                    content_length=reply.content_length,
                )
            here = _joined(here, reply.location)
        raise NoAnswer(Trouble.GOING_IN_CIRCLES)

    def read(self, url: str, *, most_bytes: int) -> bytes:
        """Return what stands at exactly this address.

        :raises NoAnswer: if that cannot be had, whole and without being sent elsewhere.
        """
        deadline = Deadline(at=self.elapsed() + self.seconds, elapsed=self.elapsed)
        target = target_of(url, self.ports)
        reply = self._exchange().ask("GET", target, deadline, most_bytes=most_bytes + 1)
        if reply.status != HTTPStatus.OK:
            raise NoAnswer(Trouble.BROKEN, f"it answers {reply.status}")
        if len(reply.content) > most_bytes:
            raise NoAnswer(Trouble.BROKEN, "it is too long")
        if reply.content_length not in (None, len(reply.content)):
            raise NoAnswer(Trouble.BROKEN, "it is cut off")
        return reply.content

    def _exchange(self) -> Exchange:
        return Exchange(
            names=self.names,
            is_allowed=self.is_allowed,
            encryption=self.encryption,
            user_agent=f"topthree/{__version__} ({self.errand}; +{self.home})",
        )

    def _ask(self, url: str, deadline: Deadline) -> Reply:
        target, exchange = target_of(url, self.ports), self._exchange()
        reply = exchange.ask("HEAD", target, deadline)
        if reply.status < HTTPStatus.BAD_REQUEST:
            return reply
        # Some sites refuse HEAD, and some call what they have not found.
        return exchange.ask("GET", target, deadline)


def _joined(here: str, location: str) -> str:
    try:
        return urljoin(here, location)
    except ValueError as error:
        raise NoAnswer(Trouble.NOT_A_SITE) from error
