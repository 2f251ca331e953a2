"""The envelope's sender: one of its own for each delivery, by which its bounce is known (VERP)."""

from __future__ import annotations

import re

from topthree.domain.ids import RunId, SubscriberId
from topthree.services.wiring import Wiring
from topthree.tokens import Tokens

_OURS = re.compile(r"[^@]{0,64}\+(([0-9]{1,18})-([0-9]{1,18}))-([A-Za-z2-7]{16})@[^@]+")


def bounce_sender(wiring: Wiring, run_id: RunId, subscriber_id: SubscriberId) -> str:
    """Return the envelope's sender: one of its own for each delivery, if bounces are received.

    The mark in it shows that a bounce concerns a message of ours (standards R-20).
    """
    local, _, domain = wiring.bounce_address.rpartition("@")
    if not local:
        return wiring.newsletter.sender_address
    delivery = f"{run_id}-{subscriber_id}"
    return f"{local}+{delivery}-{wiring.tokens.seal(delivery)}@{domain}"


def delivery_of(tokens: Tokens, address: str) -> tuple[RunId, SubscriberId] | None:
    """Return whose delivery this envelope's sender was made for; None: it is none of ours."""
    found = _OURS.fullmatch(address)
    if found is None or not tokens.is_seal(found[1], found[4]):
        return None
    return RunId(int(found[2])), SubscriberId(int(found[3]))
