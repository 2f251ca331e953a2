"""The pace of everything that leaves: one bucket, for all processes that share a database."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from topthree.domain.sending.pacing import Bucket, Level, next_token_at, take
from topthree.services.wiring import Wiring
from topthree.store.sending.paces import keep_level, lock_level, read_level

#: The bucket of everything; providers have theirs under their own names.
EVERYTHING = ""
#: Of what leaves in a second, the part that is worth a transaction of its own.
_PART_OF_A_SECOND = 4
#: How long turns are good for that a batch took when it was queued.
_TURNS_LAST = timedelta(minutes=1)


def take_turns(session: Session, wiring: Wiring, wanted: int) -> int:
    """Return how many messages may leave now, which others have to wait for until we commit.

    What is not used of it is there again by :func:`use_turns`.
    """
    bucket = wiring.pacing.everything
    if bucket is None:
        return wanted
    now = wiring.clock()
    granted, _ = take(bucket, lock_level(session, EVERYTHING, bucket, now), now, wanted)
    return granted if granted >= _worthwhile(bucket, wanted) else 0


def use_turns(session: Session, wiring: Wiring, used: int) -> None:
    """Note that so many of the turns that were taken are used."""
    bucket = wiring.pacing.everything
    if bucket is None or used == 0:
        return
    now = wiring.clock()
    _, level = take(bucket, lock_level(session, EVERYTHING, bucket, now), now, used)
    keep_level(session, EVERYTHING, level)


def has_lost_its_turns(wiring: Wiring, taken_at: datetime) -> bool:
    """Tell whether turns that were taken then are too old to be used.

    Otherwise all that was queued while nobody was there to send it would leave at once.
    """
    return wiring.pacing.everything is not None and wiring.clock() - taken_at > _TURNS_LAST


def seconds_until_turn(wiring: Wiring, wanted: int) -> float:
    """Return how long it is until a batch may leave, at the most of so many messages."""
    bucket = wiring.pacing.everything
    if bucket is None:
        return 0.0
    now = wiring.clock()
    with wiring.reading() as session:
        level: Level = read_level(session, EVERYTHING, bucket, now)
    return (next_token_at(bucket, level, now, _worthwhile(bucket, wanted)) - now).total_seconds()


def _worthwhile(bucket: Bucket, wanted: int) -> int:
    """Return how many have to be granted for a claim to be made."""
    return max(1, min(wanted, bucket.burst // _PART_OF_A_SECOND))
