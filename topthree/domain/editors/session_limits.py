"""How long somebody stays signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLimits:
    """When a session ends by itself (OWASP ASVS 5.0, 7.3.1 and 7.3.2)."""

    #: Nobody has done anything for so long.
    idle: timedelta = timedelta(minutes=30)
    #: However busy the desk is, it is signed in to again each morning.
    lasts: timedelta = timedelta(hours=12)

    def is_over(self, *, began_at: datetime, last_seen_at: datetime, now: datetime) -> bool:
        """Tell whether a session has ended by itself."""
        return now - began_at > self.lasts or now - last_seen_at > self.idle


#: A time of day that is this old is written anew; more often would be a write for each page.
SEEN_TO_THE = timedelta(minutes=1)
