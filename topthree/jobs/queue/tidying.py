"""Finding batches that no job of the queue will ever begin."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from topthree.domain.ids import ClaimId

# Both are made in one transaction, so that at no moment a batch is there and its job is not.
_WITHOUT_A_JOB = text("""
    SELECT claims.id FROM claims WHERE claims.worker = '' AND NOT EXISTS (
        SELECT 1 FROM procrastinate.procrastinate_jobs AS jobs
        WHERE jobs.status IN ('todo', 'doing')
        AND cast(jobs.args ->> 'claim_id' AS bigint) = claims.id
    )
""")


def batches_without_a_job(session: Session) -> Sequence[ClaimId]:
    """Return the batches that wait for nothing: the queue was emptied, or a job of it failed."""
    return [ClaimId(claim_id) for (claim_id,) in session.execute(_WITHOUT_A_JOB)]
