"""One judgement of a run for all processes: by what each has counted, and by what came back."""

from __future__ import annotations

from sqlalchemy.orm import Session

from topthree.domain.sending.breaker import Tally
from topthree.domain.sending.feedback import FeedbackKind
from topthree.services.process.conduct import Stretch
from topthree.services.wiring import Wiring
from topthree.store.sending.feedback import count_feedback
from topthree.store.sending.tallies import keep_tally, sum_tallies


def share_tally(session: Session, wiring: Wiring, stretch: Stretch) -> None:
    """Tell other processes what this one has seen of the run, and hear from them, now and then.

    It goes with a transaction that claims anyway. A process that is killed keeps to itself what it
    saw in its last second.
    """
    conduct = wiring.conduct.of(stretch)
    tally = conduct.to_share(wiring.elapsed())
    if tally is None:
        return
    teller = wiring.conduct.teller
    keep_tally(session, stretch.run_id, stretch.resumptions, teller, tally)
    conduct.hear(counted(session, stretch, but_for=teller))


def counted(session: Session, stretch: Stretch, *, but_for: str = "") -> Tally:
    """Add up what was counted of the stretch: by every process but this one, and by feedback."""
    told = sum_tallies(session, stretch.run_id, stretch.resumptions, but_for=but_for)
    came = count_feedback(session, stretch.run_id, stretch.resumptions)
    return told + Tally(
        hard=sum(count for (kind, _), count in came.items() if kind is FeedbackKind.HARD),
        # A message that one far server finds too big need not be malformed for all.
        refusals=sum(
            count for (_, cause), count in came.items() if cause and cause.counts_against_us
        ),
        complaints=sum(
            count for (kind, _), count in came.items() if kind is FeedbackKind.COMPLAINT
        ),
    )
