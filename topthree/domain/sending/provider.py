"""Which provider takes the mail of a domain: what pacing goes by (R-33)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

#: The end of a mail server's name, and whose it is; as providers' own setup pages name them.
PROVIDER_OF_MX: Mapping[str, str] = MappingProxyType(
    {
        # Gmail, and Workspace, which many schools use.
        "google.com": "google",
        "googlemail.com": "google",
        # Outlook.com and Microsoft 365: the older names, those with DANE, and the government's.
        "outlook.com": "microsoft",
        "mx.microsoft": "microsoft",
        "office365.us": "microsoft",
        "hotmail.com": "microsoft",
        "yahoodns.net": "yahoo",
        "icloud.com": "apple",
        "mail.me.com": "apple",
        "comcast.net": "comcast",
        "charter.net": "spectrum",
        "prodigy.net": "att",
        "messagingengine.com": "fastmail",
        "protonmail.ch": "proton",
        "zoho.com": "zoho",
        "gmx.net": "gmx",
        "secureserver.net": "godaddy",
        # Filters in front of the mail of districts and agencies.
        "pphosted.com": "proofpoint",
        "ppe-hosted.com": "proofpoint",
        "mimecast.com": "mimecast",
        "barracudanetworks.com": "barracuda",
        "iphmx.com": "cisco",
        "messagelabs.com": "broadcom",
    }
)

#: Domains of people, not of organizations, where the mail servers are not asked for.
PROVIDER_OF_DOMAIN: Mapping[str, str] = MappingProxyType(
    {
        "gmail.com": "google",
        "googlemail.com": "google",
        "msn.com": "microsoft",
        "passport.com": "microsoft",
        "yahoo.com": "yahoo",
        "ymail.com": "yahoo",
        "rocketmail.com": "yahoo",
        "aol.com": "yahoo",
        "aim.com": "yahoo",
        "verizon.net": "yahoo",
        "icloud.com": "apple",
        "me.com": "apple",
        "mac.com": "apple",
        "comcast.net": "comcast",
        "xfinity.com": "comcast",
        "charter.net": "spectrum",
        "spectrum.net": "spectrum",
        "att.net": "att",
        "sbcglobal.net": "att",
        "bellsouth.net": "att",
        "fastmail.com": "fastmail",
        "proton.me": "proton",
        "protonmail.com": "proton",
        "gmx.com": "gmx",
        "gmx.net": "gmx",
        "gmx.de": "gmx",
    }
)

#: First labels of domains that one provider has in many countries: hotmail.co.uk, live.ca.
PROVIDER_OF_FAMILY: Mapping[str, str] = MappingProxyType(
    {
        "hotmail": "microsoft",
        "live": "microsoft",
        "outlook": "microsoft",
        "yahoo": "yahoo",
    }
)

_FAMILY = re.compile(r"([a-z]+)\.(?:com|[a-z]{2}|com?\.[a-z]{2})")


def provider_of(domain: str, mx: Sequence[str] = ()) -> str:
    """Return who takes the mail of a domain: a short name, or the domain itself.

    ``mx`` are the names of its mail servers, the preferred one first, if anybody has asked. No
    short name has a point in it, so it is never taken for a domain.
    """
    domain = _plain(domain)
    for host in mx:
        if found := _provider_of_host(_plain(host)):
            return found
    if known := PROVIDER_OF_DOMAIN.get(domain):
        return known
    family = _FAMILY.fullmatch(domain)
    return PROVIDER_OF_FAMILY.get(family[1], domain) if family else domain


def _provider_of_host(host: str) -> str | None:
    labels = host.split(".")
    ends = (".".join(labels[start:]) for start in range(len(labels)))
    return next((PROVIDER_OF_MX[end] for end in ends if end in PROVIDER_OF_MX), None)


def _plain(name: str) -> str:
    return name.strip().rstrip(".").lower()
