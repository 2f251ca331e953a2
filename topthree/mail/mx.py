"""Asking the DNS which mail servers take a domain's mail; nobody is connected to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from dns.exception import DNSException
from dns.name import root
from dns.resolver import NXDOMAIN, NoAnswer, Resolver

_TIMEOUT_SECONDS = 2.0
_DNS_PORT = 53


class NoNameServer(Exception):
    """The DNS did not answer, or not with an answer."""


class MailServers(Protocol):
    """Knows the mail servers of domains."""

    def of(self, domain: str) -> tuple[str, ...]:
        """Return the names of a domain's mail servers, the preferred one first.

        None are there if the domain does not exist, has no MX, or takes no mail (RFC 7505).

        :raises NoNameServer: if that cannot be found out now.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsMailServers:
    """Asks the resolvers of this machine, unless others are named."""

    name_servers: Sequence[str] = ()
    port: int = _DNS_PORT

    def of(self, domain: str) -> tuple[str, ...]:
        """Return the names of a domain's mail servers, the preferred one first.

        :raises NoNameServer: if that cannot be found out within two seconds.
        """
        try:
            answer = self._resolver().resolve(f"{domain}.", "MX", lifetime=_TIMEOUT_SECONDS)
        except (NXDOMAIN, NoAnswer):
            return ()
        except (DNSException, OSError, UnicodeError) as error:
            raise NoNameServer(f"{domain}: {error}") from error
        found = sorted((record.preference, record.exchange) for record in answer)
        return tuple(name.to_text(omit_final_dot=True).lower() for _, name in found if name != root)

    def _resolver(self) -> Resolver:
        # Read anew: a machine that moves to another network has other resolvers.
        resolver = Resolver(configure=not self.name_servers)
        if self.name_servers:
            resolver.nameservers = list(self.name_servers)
            resolver.port = self.port
        return resolver
