"""The settings about the newsletter: what it is called, whom it is from, and when it goes out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from topthree.domain.newsletter import LONGEST_UNSUBSCRIBE_NAME, Newsletter
from topthree.domain.planning.cadence import Cadence
from topthree.domain.years import is_plausible
from topthree.settings.values import SettingsError, address_of

_SAMPLE_POSTAL_ADDRESS = "1 Example Street, Springfield 00000"


def newsletter_of(values: Mapping[str, str], *, is_production: bool) -> Newsletter:
    """Return who the newsletter is, and whom it is from."""
    name = values.get("TOPTHREE_NAME", "Teachers’ Top Three")
    public_url = values.get("TOPTHREE_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
    if not _is_site(public_url):
        message = (
            "TOPTHREE_PUBLIC_URL is an address like https://letters.example.gov, in plain ASCII:"
            " a name with other letters is written as xn--…. Change it."
        )
        raise SettingsError(message)
    if is_production and not public_url.startswith("https:"):
        message = "TOPTHREE_PUBLIC_URL starts with https:// in production. Change it."
        raise SettingsError(message)
    return Newsletter(
        name=name,
        agency=values.get("TOPTHREE_AGENCY", "State Department of Education"),
        sender_name=values.get("TOPTHREE_SENDER_NAME", name),
        sender_address=_sender_address(values),
        postal_address=values.get("TOPTHREE_POSTAL_ADDRESS", _SAMPLE_POSTAL_ADDRESS),
        public_url=public_url,
        unsubscribe_address=_unsubscribe_address(values),
    )


def _is_site(url: str) -> bool:
    """Tell whether this is the address of a site that mail can name: RFC 3986 has ASCII only."""
    if not url.isascii() or any(map(str.isspace, url)):
        return False
    try:
        parts = urlsplit(url)
        is_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    is_whole = parts.scheme in ("https", "http") and bool(parts.hostname) and is_port
    return is_whole and not parts.query and not parts.fragment


def _sender_address(values: Mapping[str, str]) -> str:
    address = address_of(values, "TOPTHREE_SENDER_ADDRESS", "letters@topthree.example")
    local = address.rpartition("@")[0]
    if local.lower().replace("-", "").replace("_", "") in ("noreply", "donotreply"):
        message = "TOPTHREE_SENDER_ADDRESS must be one that somebody reads: teachers will reply."
        raise SettingsError(message)
    return address


def _unsubscribe_address(values: Mapping[str, str]) -> str:
    address = address_of(values, "TOPTHREE_UNSUBSCRIBE_ADDRESS", "")
    if len(address.rpartition("@")[0]) > LONGEST_UNSUBSCRIBE_NAME:
        message = (
            f"TOPTHREE_UNSUBSCRIBE_ADDRESS has {LONGEST_UNSUBSCRIBE_NAME} characters at the most"
            " before the “@”, such as leave@letters.example.gov: a long token follows them."
        )
        raise SettingsError(message)
    return address


def cadence_of(values: Mapping[str, str]) -> Cadence:
    """Return when it goes out."""
    try:
        return Cadence(
            anchor=_anchor(values.get("TOPTHREE_ANCHOR", "2026-08-13")),
            at=time.fromisoformat(values.get("TOPTHREE_SEND_AT", "06:00")),
            zone=ZoneInfo(values.get("TOPTHREE_TIME_ZONE", "America/New_York")),
        )
    except (ValueError, KeyError, OSError) as error:
        message = (
            "The cadence needs TOPTHREE_ANCHOR as 2026-08-13, TOPTHREE_SEND_AT as 06:00 and"
            f" TOPTHREE_TIME_ZONE as America/New_York. {error}"
        )
        raise SettingsError(message) from error


def _anchor(text: str) -> date:
    anchor = date.fromisoformat(text)
    if not is_plausible(anchor):
        message = f"The year {anchor.year} is a slip."
        raise ValueError(message)
    return anchor
