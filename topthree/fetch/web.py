"""The one way in which this service asks an address that somebody typed."""

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
from topthree.domain.link_check import Trouble
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


@functools.cache
def _usual_encryption() -> ssl.SSLContext:
    return ssl.create_default_context()


@dataclass(frozen=True, slots=True, kw_only=True)
class WebFetcher:
    """Asks sites of the public Internet, each for a few seconds and without a cookie.

    A name is asked for once a request and every one of its addresses has to be public; the
    connection goes to one of these addresses and not to the name. Redirections begin anew.
    """

    #: Where people who see us in their logs can read who we are.
    home: str = ""
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

    def _ask(self, url: str, deadline: Deadline) -> Reply:
        target = target_of(url, self.ports)
        exchange = Exchange(
            names=self.names,
            is_allowed=self.is_allowed,
            encryption=self.encryption,
            user_agent=f"topthree/{__version__} (checks links; +{self.home})",
        )
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
