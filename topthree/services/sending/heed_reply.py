"""What a relay's answer calls for beyond the delivery it was about."""

from __future__ import annotations

from contextlib import suppress

from topthree.domain.audit.entry import SERVICE
from topthree.domain.ids import RunId, SubscriberId
from topthree.domain.refusal import Conflict
from topthree.domain.sending.breaker import Advice, Course
from topthree.domain.sending.cause import Cause
from topthree.domain.sending.conclusion import Attempt
from topthree.domain.sending.relay_reply import Ruling
from topthree.domain.subscribers.subscription import SuppressionReason
from topthree.mail.transport import Phase, RelayUnavailable
from topthree.services.process.conduct import Stretch
from topthree.services.sending.claim_batch import stretch_of
from topthree.services.sending.close_provider import close_provider, hold_domain
from topthree.services.sending.finish_run import note_trouble
from topthree.services.sending.steer_run import pause_run
from topthree.services.subscribers.close_address import close_address
from topthree.services.wiring import Wiring
from topthree.store.sending.runs import find_run
from topthree.store.subscribers.subscribers import find_subscriber

#: Where a 5xx is said about us, so that no later try will fare better before a person has acted.
_ABOUT_US = frozenset({Phase.SIGN_IN, Phase.SENDER})
_FINAL_CLASS = 5


def heed_reply(wiring: Wiring, stretch: Stretch, attempt: Attempt, ruling: Ruling) -> None:
    """Do what follows from an attempt that was not accepted (R-35, R-36, R-37, R-45).

    An address that does not exist is suppressed, a provider that asks for less is left in peace,
    and a run that does harm is stopped.

    Commits by itself; twice is harmless.
    """
    if ruling.cause.is_hard:
        _suppress(wiring, attempt.to)
    if ruling.cause is Cause.RATE_LIMIT:
        close_provider(wiring, attempt.domain)
    elif ruling.holds_domain:
        hold_domain(wiring, attempt.domain)
    follow_advice(wiring, stretch.run_id, wiring.conduct.of(stretch).record(ruling))


def heed_relay(wiring: Wiring, run_id: RunId, error: RelayUnavailable) -> None:
    """Pause a run that the relay will not take from us, and keep what it said for the desk."""
    note_trouble(wiring, run_id, str(error))
    if error.phase in _ABOUT_US and error.code // 100 == _FINAL_CLASS:
        _pause(wiring, run_id, f"{error} Nothing is sent until that is mended.")
    elif error.phase is Phase.CONNECT:
        with wiring.reading() as session:
            run = find_run(session, run_id)
        if run is not None:
            advice = wiring.conduct.of(stretch_of(run)).record_connection(is_open=False)
            follow_advice(wiring, run_id, advice)


def follow_advice(wiring: Wiring, run_id: RunId, advice: Advice) -> None:
    """Pause the run, or say at the desk that it is only probed for now, if that is the advice."""
    if advice.course is Course.PAUSE:
        _pause(wiring, run_id, advice.reason)
    elif advice.course is Course.PROBE:
        note_trouble(wiring, run_id, advice.reason)


def _pause(wiring: Wiring, run_id: RunId, reason: str) -> None:
    # Somebody was quicker: it is over, and nothing leaves either way.
    with suppress(Conflict):
        pause_run(wiring, run_id, reason, SERVICE)


def _suppress(wiring: Wiring, to: SubscriberId) -> None:
    now = wiring.clock()
    with wiring.writing() as session:
        subscriber = find_subscriber(session, to)
        if subscriber is not None:
            close_address(session, subscriber, SuppressionReason.HARD_BOUNCE, SERVICE, now)
