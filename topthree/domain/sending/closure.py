"""A provider that asked for less: closed for a while, then opened one connection at a time.

It is Gmail's own procedure after 421 4.7.28 (R-35): stop for ten minutes or more, begin again
with one connection, and add one at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

#: How long a provider is left in peace at first; it doubles with each closure that follows soon.
FIRST_CLOSURE = timedelta(minutes=10)
LONGEST_CLOSURE = timedelta(hours=1)
#: A closure within this time after the provider was opened again is one that follows soon.
SOON = timedelta(hours=1)
#: One more connection for each such time without another closure.
QUIET = timedelta(minutes=1)
#: More connections than this are no longer counted.
MOST_CONNECTIONS = 8
#: So many closures within a day, and a person should look.
CLOSURES_FOR_ALERT = 3
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderState:
    """Whether, and how wide, a provider is open to us; kept as a row."""

    closed_until: datetime | None = None
    #: None: no limit.
    connections_allowed: int | None = None
    #: When it was closed last.
    since: datetime | None = None
    #: How often it was closed, with no whole day in between.
    closures: int = 0


OPEN = ProviderState()


def closed(state: ProviderState, now: datetime) -> ProviderState:
    """Return the state after a reply that asks for less (:attr:`Cause.RATE_LIMIT`).

    Several connections hear it at the same time: what comes while it is closed changes nothing.
    """
    if is_closed(state, now):
        return state
    return ProviderState(
        closed_until=now + _length(state, now),
        connections_allowed=1,
        since=now,
        closures=_closures_before(state, now) + 1,
    )


def eased(state: ProviderState, now: datetime) -> ProviderState:
    """Return the state as it is by now; asking often or seldom makes no difference."""
    if state.closed_until is None or state.since is None or state.connections_allowed is None:
        return state
    if now < state.since:
        # A clock that was set back must not keep a provider closed: the closure begins anew.
        length = state.closed_until - state.since
        return replace(state, since=now, closed_until=now + length, connections_allowed=1)
    if now < state.closed_until:
        return state
    connections = 1 + (now - state.closed_until) // QUIET
    return replace(
        state, connections_allowed=connections if connections <= MOST_CONNECTIONS else None
    )


def is_closed(state: ProviderState, now: datetime) -> bool:
    """Tell whether nothing may be sent to the provider now."""
    is_limited = state.connections_allowed is not None
    return is_limited and state.closed_until is not None and now < state.closed_until


def may_connect(state: ProviderState, now: datetime, connections: int) -> bool:
    """Tell whether one more connection may be opened beside those that are."""
    if is_closed(state, now):
        return False
    return state.connections_allowed is None or connections < state.connections_allowed


def needs_alert(state: ProviderState) -> bool:
    """Tell whether a person should look at what the provider has against us."""
    return state.closures >= CLOSURES_FOR_ALERT


def _length(state: ProviderState, now: datetime) -> timedelta:
    if state.closed_until is None or state.since is None or now - state.closed_until >= SOON:
        return FIRST_CLOSURE
    return min(2 * (state.closed_until - state.since), LONGEST_CLOSURE)


def _closures_before(state: ProviderState, now: datetime) -> int:
    return 0 if state.since is None or now - state.since >= _DAY else state.closures
