"""How fast mail may leave, to everybody and to each provider, as an operator has set it (R-33)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from topthree.domain.sending.pacing import Bucket, parse_pace
from topthree.domain.sending.provider import PROVIDER_OF_MX, provider_of

#: Stands for each provider that is not named.
OTHERS = "*"

_ONE = re.compile(r"(\S+) +(.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pacing:
    """The paces that are kept; nothing is paced where there is none."""

    everything: Bucket | None = None
    #: By the names of providers, and :data:`OTHERS`, of which each has a bucket of its own.
    providers: Mapping[str, Bucket] = field(default_factory=dict)

    def of(self, provider: str) -> Bucket | None:
        """Return the pace of a provider."""
        return self.providers.get(provider) or self.providers.get(OTHERS)


def parse_provider_paces(text: str) -> Mapping[str, Bucket]:
    """Read paces such as ``google 20/s, microsoft 10/s, * 5/s``.

    :raises ValueError: with a sentence for whoever set them.
    """
    paces: dict[str, Bucket] = {}
    for part in text.lower().split(","):
        found = _ONE.fullmatch(part.strip())
        if found is None:
            raise ValueError(
                f"“{part.strip()}” is no pace of a provider. Write the provider and its pace, "
                "as in google 20/s, microsoft 10/s, * 5/s."
            )
        name = found[1]
        _require_provider(name)
        if name in paces:
            raise ValueError(f"“{name}” has two paces. Leave one of them out.")
        paces[name] = parse_pace(found[2])
    return paces


def _require_provider(name: str) -> None:
    known = sorted(set(PROVIDER_OF_MX.values()))
    if name == OTHERS or name in known:
        return
    if "." not in name:
        raise ValueError(
            f"“{name}” is no provider that is known. Write a domain, * for all others, or one of "
            f"{', '.join(known)}."
        )
    if (provider := provider_of(name)) != name:
        raise ValueError(f"The mail of {name} is taken by {provider}. Write {provider} instead.")
