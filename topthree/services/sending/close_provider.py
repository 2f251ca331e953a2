"""Leaving a provider, or one domain, in peace for a while, because it asked for that (R-35)."""

from __future__ import annotations

import logging

from topthree.domain.sending.backoff import LONGEST_WAIT, domain_delay
from topthree.domain.sending.closure import OPEN, ProviderState, closed, eased, needs_alert
from topthree.services.process.closures import name_of_hold
from topthree.services.sending.finish_run import note_trouble, unfinished_runs
from topthree.services.wiring import Wiring
from topthree.store.sending.domains import known_providers
from topthree.store.sending.paces import keep_closure, lock_closure, state_of
from topthree.store.subscribers.subscribers import take_turn

_log = logging.getLogger(__name__)

#: A domain that asks again within this time of the last one is asked later still.
_IN_A_ROW = 2 * LONGEST_WAIT
#: Of two who are the first to close something, one waits.
_TURN = "closures"


def close_provider(wiring: Wiring, domain: str) -> None:
    """Send nothing to whoever takes the mail of a domain, for ten minutes or more.

    Commits by itself; who hears it at the same time changes nothing.
    """
    now = wiring.clock()
    with wiring.writing() as session:
        take_turn(session, _TURN)
        provider = known_providers(session, [domain])[domain]
        row = lock_closure(session, provider)
        before = OPEN if row is None else eased(state_of(row), now)
        after = closed(before, now)
        if after != before:
            keep_closure(session, provider, after)
    wiring.closures.know_providers({domain: provider})
    if after.closed_until is not None:
        wiring.closures.add(provider, after.closed_until)
    if after == before:
        return
    _log.warning("%s asks for less; nothing is sent there until %s", provider, after.closed_until)
    if needs_alert(after):
        _alert(wiring, provider, after)


def hold_domain(wiring: Wiring, domain: str) -> None:
    """Send nothing to one domain for some minutes, longer with each time in a row.

    Commits by itself; who hears it at the same time changes nothing.
    """
    now = wiring.clock()
    name = name_of_hold(domain)
    with wiring.writing() as session:
        take_turn(session, _TURN)
        row = lock_closure(session, name)
        until = None if row is None else row.closed_until
        if until is None or until <= now:
            is_next = row is not None and until is not None and now - until < _IN_A_ROW
            times = row.closures + 1 if is_next and row is not None else 1
            until = now + domain_delay(times)
            state = ProviderState(closed_until=until, since=now, closures=times)
            keep_closure(session, name, state)
    wiring.closures.add(name, until)


def _alert(wiring: Wiring, provider: str, state: ProviderState) -> None:
    trouble = (
        f"{provider} has asked us {state.closures} times in a day to send less. The letters to it"
        " wait and are tried again. Somebody should look at why: see docs/pacing.md."
    )
    for run_id in unfinished_runs(wiring):
        note_trouble(wiring, run_id, trouble)
