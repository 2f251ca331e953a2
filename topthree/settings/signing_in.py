"""The settings about signing in to the desk: for how long, and by which other ways."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from topthree.domain.session_limits import SessionLimits
from topthree.settings.values import SettingsError, number, yes_or_no

_USUAL_URL = "http://127.0.0.1:8000"


def session_limits_of(values: Mapping[str, str]) -> SessionLimits:
    """Return how long somebody stays signed in."""
    idle = number(values, "TOPTHREE_SESSION_IDLE_MINUTES", 30)
    hours = number(values, "TOPTHREE_SESSION_HOURS", 12)
    if not idle or not hours:
        message = (
            "TOPTHREE_SESSION_IDLE_MINUTES and TOPTHREE_SESSION_HOURS are at least 1: a session"
            " that ends at once lets nobody in."
        )
        raise SettingsError(message)
    return SessionLimits(idle=timedelta(minutes=idle), lasts=timedelta(hours=hours))


def passkeys_of(values: Mapping[str, str]) -> bool:
    """Return whether editors may sign in with passkeys."""
    wanted = yes_or_no(values, "TOPTHREE_PASSKEYS", usual="no")
    host = urlsplit(values.get("TOPTHREE_PUBLIC_URL", _USUAL_URL)).hostname or ""
    if wanted and (host.replace(".", "").isdecimal() or ":" in host):
        message = (
            "TOPTHREE_PASSKEYS=yes needs a TOPTHREE_PUBLIC_URL with a name, such as"
            " https://letters.example.gov or http://localhost:8000: passkeys are bound to it."
        )
        raise SettingsError(message)
    return wanted
