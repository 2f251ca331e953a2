"""A person's address: how it is kept, compared and shown to others."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: RFC 5321 §4.5.3.1 and erratum 1690.
ADDRESS_LIMIT = 254
_ANY_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"']+@[^\s<>()\[\],;:\"']+")


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailAddress:
    """A checked address; made only by :func:`topthree.mail.address_syntax.parse_address`."""

    #: As typed, apart from blanks and the smart quotes that phones put in.
    local: str
    #: Lower case, as an A-label (RFC 5891) when it is international.
    domain: str

    def __str__(self) -> str:
        """Return the address as it is written to."""
        return f"{self.local}@{self.domain}"

    @property
    def key(self) -> str:
        """What makes two addresses the same person's: case does not."""
        return f"{self.local.casefold()}@{self.domain}"


def masked(address: str) -> str:
    """Return the address as only its owner knows it again: ``t•••@school.example``."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}"


def without_addresses(text: str) -> str:
    """Return the text with every address in it masked: what a relay says may outlive the person."""
    return _ANY_ADDRESS.sub(lambda found: masked(found.group()), text)
