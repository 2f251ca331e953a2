"""Claims that wait in a queue, and whose they are once begun."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from topthree.domain.ids import ClaimId, RunId
from topthree.store.sending.deliveries import ClaimRow


def count_waiting_claims(session: Session, run_id: RunId) -> int:
    """Count the run's claims that nobody has begun."""
    waiting = select(func.count()).where(ClaimRow.run_id == run_id, ClaimRow.worker == "")
    return session.scalars(waiting).one()


def waiting_claims(session: Session) -> Sequence[ClaimId]:
    """Return the claims that nobody has begun, of whatever run."""
    return session.scalars(select(ClaimRow.id).where(ClaimRow.worker == "")).all()


def worker_of(session: Session, claim_id: ClaimId) -> str | None:
    """Return who has begun the claim; empty: nobody has; None: it has ended."""
    query = select(ClaimRow.worker).where(ClaimRow.id == claim_id)
    return session.scalars(query).one_or_none()


def claims_of(
    session: Session, worker: str, *, but_for: Collection[ClaimId] = ()
) -> Sequence[ClaimId]:
    """Return what this worker holds besides these."""
    query = select(ClaimRow.id).where(ClaimRow.worker == worker)
    return [claim_id for claim_id in session.scalars(query) if claim_id not in but_for]
