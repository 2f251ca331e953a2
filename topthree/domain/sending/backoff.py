"""How long to wait before the next try: of a delivery, of a domain, of a connection.

The figures are those of Postfix (reliability §2.6). Standards Appendix B has another ladder, of
5 minutes, 15 minutes, 1 hour and 4 hours; a newsletter is stale after days, so the shorter one
holds.
"""

from __future__ import annotations

from datetime import timedelta
from hashlib import blake2b

#: Before the second try; each later wait is twice the one before.
FIRST_WAIT = timedelta(minutes=5)
#: No wait for a delivery or a domain is longer.
LONGEST_WAIT = timedelta(seconds=4_000)
#: How far a delivery's wait departs from the plan, either way: who failed together must not all
#: come back together.
SPREAD = 0.2

#: Before a lost connection is opened again; each later wait is twice the one before.
FIRST_RECONNECTION = timedelta(seconds=1)
LONGEST_RECONNECTION = timedelta(seconds=60)

# More would leave the longest wait far behind, and the range of timedelta after that.
_MOST_DOUBLINGS = 20
# Of a digest of four bytes: what it is divided by goes from 0 to 2.
_HALF_OF_RANGE = (2**32 - 1) / 2


def retry_delay(attempts: int, *, jitter: float) -> timedelta:
    """Return how long a delivery waits after this many attempts (1 or more).

    ``jitter``, from -1 to 1, is of :func:`jitter_of`. At the longest wait it only shortens, so
    that the waits stay spread there.
    """
    planned = _doubled(FIRST_WAIT, attempts, LONGEST_WAIT)
    departure = -abs(jitter) if planned == LONGEST_WAIT else jitter
    return planned * (1 + SPREAD * departure)


def jitter_of(*identity: int | str) -> float:
    """Return a number from -1 to 1 that is always the same for the same delivery and attempt."""
    digest = blake2b(repr(identity).encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") / _HALF_OF_RANGE - 1


def domain_delay(deferrals: int) -> timedelta:
    """Return how long a domain's rows wait after so many deferrals of it in a row (1 or more).

    Only of replies whose ruling ``holds_domain``; the rows' own attempts do not grow by it.
    """
    return _doubled(FIRST_WAIT, deferrals, LONGEST_WAIT)


def reconnection_delay(failures: int) -> timedelta:
    """Return how long to wait after so many failures in a row to open a connection."""
    if failures < 1:
        return timedelta(0)
    return _doubled(FIRST_RECONNECTION, failures, LONGEST_RECONNECTION)


def _doubled(first: timedelta, times: int, longest: timedelta) -> timedelta:
    doublings = min(max(times - 1, 0), _MOST_DOUBLINGS)
    return min(first * (1 << doublings), longest)
