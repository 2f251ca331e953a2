"""What an agency's provider of single sign-on is asked, and what it answers (OpenID Connect)."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from topthree.domain.refusal import Refusal

#: The claims that say whether an address is its owner's: the standard's, and Microsoft's.
VERIFYING = frozenset({"email_verified", "xms_edov"})
#: One tenant of Microsoft Entra ID, and not “common”: whoever it lets in, the agency has.
_ENTRA = re.compile(
    r"https://login\.microsoftonline\.(com|us)/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/v2\.0"
)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class ProviderAway(Refusal):
    """The provider does not answer, or not as one."""


class NotIdentified(Refusal):
    """Nobody is let in by what the provider said."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Registration:
    """How the desk is known to the provider. No repr, since it holds a secret."""

    issuer: str
    client_id: str
    client_secret: str
    #: What editors call it.
    name: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Errand:
    """One browser's way to the provider and back; all of it follows from the browser's secret."""

    secret: str

    @property
    def state(self) -> str:
        """The mark by which the answer is known to be this browser's (RFC 6749 §10.12)."""
        return self._derived("state")

    @property
    def nonce(self) -> str:
        """The mark that the id token has to carry."""
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        """What proves that whoever brings the code has also asked for it (RFC 7636)."""
        return self._derived("verifier")

    @property
    def challenge(self) -> str:
        """What the provider is told of the verifier beforehand."""
        return _urlsafe(hashlib.sha256(self.verifier.encode()).digest())

    def _derived(self, what: str) -> str:
        return _urlsafe(hashlib.sha256(f"{what} {self.secret}".encode()).digest())


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ProviderAnswer:
    """What the browser brought back from the provider; nothing in it is to be believed yet."""

    state: str
    code: str
    #: RFC 9207; empty where the provider does not say.
    issuer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whom the provider has signed in."""

    issuer: str
    subject: str
    #: Empty if it does not say.
    address: str
    is_verified: bool


class IdentityProvider(Protocol):
    """The agency's provider, asked over the network: never inside a transaction."""

    @property
    def name(self) -> str:
        """What editors call it."""
        ...

    def question(self, errand: Errand) -> str:
        """Return the address where somebody signs in at the provider.

        :raises ProviderAway: if the provider cannot be asked.
        """
        ...

    def identify(self, errand: Errand, answer: ProviderAnswer) -> Identity:
        """Exchange the code and return who it is, everything checked.

        :raises ProviderAway: if the provider cannot be asked.
        :raises NotIdentified: if anything in its answer is not right.
        """
        ...


def is_address_verified(issuer: str, said: Mapping[str, object]) -> bool:
    """Tell whether the provider vouches for the address that stands in the same claims.

    Microsoft Entra ID sends no ``email_verified``. What it can be made to send is ``xms_edov``:
    whether the owner of the address's domain is verified, now as a boolean and now as a text.
    """
    if "email_verified" in said:
        return said["email_verified"] is True
    is_owned = str(said.get("xms_edov")).casefold() in {"true", "1"}
    return is_owned and _ENTRA.fullmatch(issuer) is not None


def is_private_way(url: str) -> bool:
    """Tell whether what is sent there is read by nobody else: https, or on this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (
        parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    )


def _urlsafe(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
