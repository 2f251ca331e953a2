"""The settings about signing in to the desk: for how long, and by which other ways."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from topthree.domain.session_limits import SessionLimits
from topthree.settings.values import SettingsError, number


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
