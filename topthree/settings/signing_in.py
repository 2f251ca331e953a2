"""The settings about signing in to the desk: for how long, and by which other ways."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from topthree.domain.editors.session_limits import SessionLimits
from topthree.services.identity.identity_provider import Registration, is_private_way
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


def single_sign_on_of(values: Mapping[str, str]) -> Registration | None:
    """Return how the desk is known to the agency's provider, if it is."""
    needed = ("TOPTHREE_OIDC_ISSUER", "TOPTHREE_OIDC_CLIENT_ID", "TOPTHREE_OIDC_CLIENT_SECRET")
    missing = [name for name in needed if name not in values]
    if len(missing) == len(needed):
        return None
    if missing:
        raise SettingsError(
            f"Single sign-on also needs {' and '.join(missing)}. Set all three, or none."
        )
    issuer, client_id, client_secret = (values[name] for name in needed)
    if not is_private_way(issuer) or "?" in issuer or "#" in issuer:
        message = (
            "TOPTHREE_OIDC_ISSUER is an address with https and without “?” or “#”, such as"
            " https://login.example.gov. Change it."
        )
        raise SettingsError(message)
    name = values.get("TOPTHREE_OIDC_NAME", "single sign-on")
    return Registration(issuer=issuer, client_id=client_id, client_secret=client_secret, name=name)
