"""Taking deliveries in hand, and giving them back: each in a transaction of the caller's."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy.orm import Session

from topthree.domain.ids import ClaimId, RunId, SubscriberId
from topthree.mail.message import Splicer
from topthree.services.process.conduct import Stretch
from topthree.services.sending.letter_of_run import letter_of
from topthree.services.sending.pace import has_lost_its_turns, take_turns, use_turns
from topthree.services.sending.pace_providers import put_off_early, refresh_closures
from topthree.services.sending.share_tally import share_tally
from topthree.services.wiring import Wiring
from topthree.store.sending.claims import begin_claim, claim_due, unfinished_due
from topthree.store.sending.deliveries import ClaimRow
from topthree.store.sending.releases import release_claim, storage_boot
from topthree.store.sending.runs import RunRow, find_run, find_run_and_message, goes_on

#: A relay may take ten minutes over a final dot (RFC 5321 §4.5.3.2.6) besides a minute for each
#: command. So no message is begun later than `_BEGIN_WITHIN`, and no claim is taken over while its
#: message is on the wire.
LEASE = timedelta(minutes=15)
_BEGIN_WITHIN = timedelta(minutes=3)
BATCH = 50
#: So many batches of which nothing may leave are put off in one transaction: others wait for it.
_ROUNDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Some deliveries that are ours until the lease ends, and what is needed to send them."""

    claim_id: ClaimId
    stretch: Stretch
    #: No message is begun after this, in seconds of a clock that nobody sets.
    begin_until: float
    opened_at: datetime
    give_up_at: datetime
    salt: str
    splicer: Splicer
    subscriber_ids: tuple[SubscriberId, ...]

    @property
    def run_id(self) -> RunId:
        """Of which run they are."""
        return self.stretch.run_id


def claim_batch(session: Session, wiring: Wiring, run_id: RunId) -> Batch | None:
    """Take the run's next due deliveries in hand; None: none may leave now.

    Either none is due, or its turn has not come, or the run does not go on.

    :raises MessageChanged: if the frozen message is not what was frozen.
    """
    run = find_run_and_message(session, run_id)
    if run is None or not goes_on(run):
        return None
    share_tally(session, wiring, stretch_of(run))
    claim = ClaimRow(run_id=run_id, claimed_at=wiring.clock())
    _begin(session, wiring, claim)
    subscriber_ids = _take(session, wiring, run, claim)
    if not subscriber_ids:
        return None
    return _batch(wiring, run, letter_of(session, run), claim.id, subscriber_ids)


def queue_batch(session: Session, wiring: Wiring, run_id: RunId) -> ClaimId | None:
    """Set the run's next due deliveries aside for whoever begins them; None: none may leave now.

    No lease runs before that, so what is queued waits as long as the queue does.
    """
    run = find_run(session, run_id)
    if run is None or not goes_on(run):
        return None
    claim = ClaimRow(run_id=run_id, claimed_at=wiring.clock())
    return claim.id if _take(session, wiring, run, claim) else None


def begin_batch(session: Session, wiring: Wiring, claim_id: ClaimId) -> Batch | None:
    """Take in hand what was set aside; None: somebody else has, or the run does not go on.

    A claim is begun once. What its worker leaves behind gets a new one, so that a worker that
    wakes up late finds its own gone.

    :raises MessageChanged: if the frozen message is not what was frozen.
    """
    claim = begin_claim(session, claim_id)
    run = None if claim is None else find_run(session, claim.run_id)
    if claim is None or run is None:
        return None
    if not goes_on(run) or has_lost_its_turns(wiring, claim.claimed_at):
        release_claim(session, claim_id)
        return None
    share_tally(session, wiring, stretch_of(run))
    _begin(session, wiring, claim)
    # Its senders ask before each message whether a provider was closed meanwhile.
    refresh_closures(session, wiring)
    letter = letter_of(session, run)
    return _batch(wiring, run, letter, claim_id, tuple(claim.subscriber_ids))


def end_batch(
    session: Session, claim_id: ClaimId, untried: Collection[SubscriberId] | None = None
) -> None:
    """Give back what was not tried, and end the claim; its sender is alive and knows.

    None: whatever it still holds.
    """
    release_claim(session, claim_id, untried)


def is_held_back(wiring: Wiring, run_id: RunId) -> bool:
    """Tell whether something of the run is due that may not leave yet, because mail is paced."""
    if wiring.pacing.everything is None and not wiring.pacing.providers:
        return False
    with wiring.reading() as session:
        run = find_run(session, run_id)
        is_going = run is not None and goes_on(run)
        return is_going and unfinished_due(session, run_id, wiring.clock())


def stretch_of(run: RunRow) -> Stretch:
    """Return the stretch that the run is in now."""
    return Stretch(run.id, run.resumptions)


def _take(
    session: Session, wiring: Wiring, run: RunRow, claim: ClaimRow
) -> tuple[SubscriberId, ...]:
    """Put under the claim what is due and may leave now, at this pace; nothing: it is not kept.

    What may not leave yet is put off, and what comes after it looked at in its place.
    """
    turns = take_turns(session, wiring, BATCH)
    kept: tuple[SubscriberId, ...] = ()
    rounds = _ROUNDS if turns else 0
    while not kept and rounds and claim_due(session, claim, limit=turns):
        kept = put_off_early(session, wiring, run, claim)
        rounds -= 1
    if not kept and claim in session:
        session.delete(claim)
        session.flush()
    use_turns(session, wiring, len(kept))
    return kept


def _begin(session: Session, wiring: Wiring, claim: ClaimRow) -> None:
    claim.worker = wiring.worker
    claim.boot = storage_boot(session, wiring.doubts.machine_boot)
    claim.lease_until = wiring.clock() + LEASE


def _batch(
    wiring: Wiring,
    run: RunRow,
    letter: bytes,
    claim_id: ClaimId,
    subscriber_ids: tuple[SubscriberId, ...],
) -> Batch:
    return Batch(
        claim_id=claim_id,
        stretch=stretch_of(run),
        begin_until=wiring.elapsed() + _BEGIN_WITHIN.total_seconds(),
        opened_at=run.opened_at,
        give_up_at=run.give_up_at,
        salt=run.salt,
        splicer=_splicer(letter),
        subscriber_ids=subscriber_ids,
    )


@lru_cache(maxsize=4)
def _splicer(message: bytes) -> Splicer:
    """Return the splicer of this message; every batch of a run needs the same one."""
    return Splicer(message)
