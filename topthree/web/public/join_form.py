"""The form that asks for an address, as pages show it."""

from __future__ import annotations

from dataclasses import dataclass

from topthree.domain.subscribers.wording import SUBSCRIBE

#: A field that people never see: whatever fills it in is a machine.
TRAP = "comment"

# The sentence that is recorded stands in two places: on the button and right below it.
_BUTTON, _PROMISE = SUBSCRIBE.split(". ", 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinForm:
    """The form with what was typed, and what is wrong with it."""

    address: str = ""
    problem: str = ""
    trap: str = TRAP
    button: str = _BUTTON
    promise: str = _PROMISE
