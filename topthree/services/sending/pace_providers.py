"""Which of the deliveries just claimed may leave now, by their providers; the others are put off.

A delivery that is put off costs no attempt. One for which there is no place in its provider's pace
has a place reserved and comes back when that is, so that each is put off about once (R-33).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt

from sqlalchemy.orm import Session

from topthree.domain.ids import SubscriberId
from topthree.domain.sending.backoff import jitter_of
from topthree.domain.sending.closure import (
    MOST_CONNECTIONS,
    QUIET,
    ProviderState,
    eased,
    is_closed,
    may_connect,
)
from topthree.domain.sending.pacing import Bucket, forgiven, reserve
from topthree.services.process.closures import name_of_hold
from topthree.services.wiring import Wiring
from topthree.store.sending.deliveries import ClaimRow
from topthree.store.sending.domains import domain_of, known_providers
from topthree.store.sending.paces import (
    claims_that_hold,
    keep_closure,
    keep_level,
    lock_closure,
    lock_level,
    recent_closures,
    state_of,
)
from topthree.store.sending.put_off import (
    PutOff,
    Waiting,
    last_due_at,
    put_off_claimed,
    waiting_of_claim,
)
from topthree.store.sending.runs import RunRow

#: A turn that is no further off than this is taken at once.
_SOON = timedelta(seconds=1)
#: A turn that was missed by more has been lost: after a rest, all that were would leave together.
_MISSED = timedelta(seconds=10)
#: How long deliveries wait for which a provider has too few connections, at least and at most.
_SHORTEST_WAIT = timedelta(seconds=10)
_LONGEST_WAIT = timedelta(seconds=70)
#: Those who waited for a closure come back over this time, as the connections do.
_REOPENING = MOST_CONNECTIONS * QUIET


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """What is needed to decide about a claim."""

    session: Session
    wiring: Wiring
    run: RunRow
    claim: ClaimRow
    now: datetime
    closures: Mapping[str, ProviderState]


def refresh_closures(session: Session, wiring: Wiring) -> Mapping[str, ProviderState]:
    """Read which providers and domains are closed or limited, and let the process know."""
    now = wiring.clock()
    states = {
        name: eased(state, now)
        for name, state in recent_closures(session, now).items()
        # A clock that was set back must not keep a domain held for longer than it asked for.
        if state.connections_allowed is not None or (state.since or now) <= now
    }
    wiring.closures.replace(
        {
            name: state.closed_until
            for name, state in states.items()
            if state.closed_until is not None and state.closed_until > now
        }
    )
    return states


def put_off_early(
    session: Session, wiring: Wiring, run: RunRow, claim: ClaimRow
) -> tuple[SubscriberId, ...]:
    """Put off what of the claim may not leave now; return whose turn it is, in their order.

    Nothing is looked at while nothing is paced or closed.
    """
    now = claim.claimed_at
    closures = refresh_closures(session, wiring)
    everyone = tuple(claim.subscriber_ids)
    # What is too old to send is given up, and nobody has to make room for it.
    if now > run.give_up_at or not (closures or wiring.pacing.providers):
        return everyone
    desk = _Desk(session=session, wiring=wiring, run=run, claim=claim, now=now, closures=closures)
    late = tuple(_to_put_off(desk, waiting_of_claim(session, claim)))
    if not late:
        return everyone
    put_off_claimed(session, claim, late)
    gone = {each.to for each in late}
    claim.subscriber_ids = [to for to in everyone if to not in gone]
    return tuple(claim.subscriber_ids)


def _to_put_off(desk: _Desk, waiting: Sequence[Waiting]) -> Iterable[PutOff]:
    domains = {domain_of(each.address) for each in waiting}
    providers = known_providers(desk.session, domains)
    desk.wiring.closures.know_providers(providers)
    by_provider: dict[str, list[Waiting]] = {}
    for each in waiting:
        domain = domain_of(each.address)
        held_until = _end_of(desk, name_of_hold(domain))
        if held_until is not None:
            yield _until(desk, each, held_until + _share(desk, each, _SHORTEST_WAIT))
        else:
            by_provider.setdefault(providers[domain], []).append(each)
    # In the order of their names, so that two claims never wait for each other.
    for provider in sorted(by_provider):
        yield from _of_provider(desk, provider, by_provider[provider])


def _of_provider(desk: _Desk, provider: str, waiting: list[Waiting]) -> Iterable[PutOff]:
    state = _state_of(desk, provider)
    if is_closed(state, desk.now) and state.closed_until is not None:
        for each in waiting:
            share = sqrt(_portion(desk, each)) * _REOPENING
            yield _until(desk, each, state.closed_until + share)
    elif not _may_hold(desk, provider, state):
        for each in waiting:
            pause = _share(desk, each, _LONGEST_WAIT - _SHORTEST_WAIT)
            yield _until(desk, each, desk.now + _SHORTEST_WAIT + pause)
    elif (bucket := desk.wiring.pacing.of(provider)) is not None:
        yield from _in_turn(desk, provider, bucket, waiting)


def _state_of(desk: _Desk, provider: str) -> ProviderState:
    """Return the provider's state, locked if it is anything but open."""
    if provider not in desk.closures:
        return ProviderState()
    row = lock_closure(desk.session, provider)
    if row is None:
        return ProviderState()
    state = eased(state_of(row), desk.now)
    if state.since != row.since:
        # The clock was set back, and the closure has begun anew.
        keep_closure(desk.session, provider, state)
    return state


def _may_hold(desk: _Desk, provider: str, state: ProviderState) -> bool:
    """Tell whether the claim may hold deliveries of this provider, and note that it does."""
    if state.connections_allowed is None:
        return True
    held = desk.claim.recovering or []
    if provider not in held:
        others = claims_that_hold(desk.session, provider, desk.claim.id)
        if not may_connect(state, desk.now, others):
            return False
        desk.claim.recovering = [*held, provider]
    return True


def _in_turn(
    desk: _Desk, provider: str, bucket: Bucket, waiting: list[Waiting]
) -> Iterable[PutOff]:
    newcomers = [each for each in waiting if not _has_turn(each, desk.now)]
    if not newcomers:
        return
    level = lock_level(desk.session, provider, bucket, desk.now)
    if level.tokens < 0:
        last = last_due_at(desk.session)
        level = forgiven(bucket, level, desk.now, max(last or desk.now, desk.now + _SOON))
    turns, level = reserve(bucket, level, desk.now, len(newcomers))
    keep_level(desk.session, provider, level)
    for each, turn in zip(newcomers, turns, strict=True):
        if turn > desk.now + _SOON:
            yield _until(desk, each, turn, turn_at=turn)


def _has_turn(each: Waiting, now: datetime) -> bool:
    """Tell whether the place that was reserved for it is now."""
    return each.turn_at is not None and now - _MISSED <= each.turn_at <= now + _SOON


def _end_of(desk: _Desk, name: str) -> datetime | None:
    state = desk.closures.get(name)
    until = None if state is None else state.closed_until
    return until if until is not None and until > desk.now else None


def _until(
    desk: _Desk, each: Waiting, due_at: datetime, *, turn_at: datetime | None = None
) -> PutOff:
    # No later than the moment at which it is given up: the run ends when it said it would.
    latest = desk.run.give_up_at + _SOON
    return PutOff(to=each.to, due_at=min(due_at, latest), turn_at=turn_at)


def _share(desk: _Desk, each: Waiting, span: timedelta) -> timedelta:
    return _portion(desk, each) * span


def _portion(desk: _Desk, each: Waiting) -> float:
    """Return a number from 0 to 1, so that those who waited together do not all come together."""
    return (jitter_of(desk.run.id, each.to, "put off") + 1) / 2
