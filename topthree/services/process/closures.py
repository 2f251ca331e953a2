"""What this process knows of the providers and domains that nothing may be sent to now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from topthree.domain.sending.provider import provider_of


def name_of_hold(domain: str) -> str:
    """Return the name under which a domain is held, which is no provider's."""
    return f"@{domain}"


class Closures:
    """A view of what the database knows, as new as the last claim or closure of this process.

    Reading takes no lock, so that it can be asked before each message.
    """

    def __init__(self) -> None:
        self._until: Mapping[str, datetime] = {}
        #: Of the domains that were met while anything was closed or paced.
        self._providers: dict[str, str] = {}

    def closed_until(self, domain: str, now: datetime) -> datetime | None:
        """Return until when nothing may be sent to a domain; None: it is open."""
        until = self._until
        if not until:
            return None
        provider = self._providers.get(domain) or provider_of(domain)
        ends = [until[name] for name in (provider, name_of_hold(domain)) if name in until]
        return max((end for end in ends if end > now), default=None)

    def replace(self, until: Mapping[str, datetime]) -> None:
        """Know these closures, by provider or :func:`name_of_hold`, and no other."""
        self._until = until

    def add(self, name: str, until: datetime) -> None:
        """Know one more closure."""
        self._until = {**self._until, name: until}

    def know_providers(self, providers: Mapping[str, str]) -> None:
        """Know who takes the mail of these domains."""
        self._providers.update(providers)
