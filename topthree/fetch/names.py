"""Asking the DNS where a site is, within the time that is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Protocol

from dns.exception import DNSException
from dns.resolver import NXDOMAIN, NoAnswer, Resolver

from topthree.domain.links.link_check import Trouble
from topthree.fetch import answer
from topthree.fetch.deadline import Deadline
from topthree.fetch.public_addresses import IpAddress

_DNS_PORT = 53


class Names(Protocol):
    """Knows the addresses of names."""

    def addresses_of(self, host: str, deadline: Deadline) -> tuple[IpAddress, ...]:
        """Return the addresses of this name, those of IPv4 first.

        :raises topthree.fetch.answer.NoAnswer: if there is no such name, or nobody who says so.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsNames:
    """Asks the resolvers of this machine, unless others are named; never its list of hosts."""

    name_servers: Sequence[str] = ()
    port: int = _DNS_PORT

    def addresses_of(self, host: str, deadline: Deadline) -> tuple[IpAddress, ...]:
        """Return the addresses of this name, those of IPv4 first.

        :raises topthree.fetch.answer.NoAnswer: if there is no such name, or nobody who says so.
        """
        try:
            resolver = self._resolver()
            found = [
                each for kind in ("A", "AAAA") for each in _ask(resolver, host, kind, deadline)
            ]
        except NXDOMAIN as error:
            raise answer.NoAnswer(Trouble.NO_SUCH_NAME, host) from error
        except (DNSException, OSError, UnicodeError) as error:
            raise answer.NoAnswer(Trouble.NAME_UNANSWERED, str(error)) from error
        if not found:
            raise answer.NoAnswer(Trouble.NO_SUCH_NAME, host)
        return tuple(found)

    def _resolver(self) -> Resolver:
        # Read anew: a machine that moves to another network has other resolvers.
        resolver = Resolver(configure=not self.name_servers)
        if self.name_servers:
            resolver.nameservers = list(self.name_servers)
            resolver.port = self.port
        return resolver


def _ask(resolver: Resolver, host: str, kind: str, deadline: Deadline) -> list[IpAddress]:
    # The final dot keeps the resolver from trying the name below our own domain.
    try:
        records = resolver.resolve(f"{host}.", kind, lifetime=deadline.left())
    except NoAnswer:
        return []
    return [ip_address(record.address) for record in records]
