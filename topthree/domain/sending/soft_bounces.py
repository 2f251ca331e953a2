"""When an address that bounces softly, issue after issue, is written to no more (R-46)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from topthree.domain.ids import RunId
from topthree.domain.sending.cause import Cause
from topthree.domain.sending.delivery import DeliveryStatus

#: So many issues in a row, the first and the last of them at least so far apart.
ISSUES = 3
SPAN = timedelta(days=14)

#: Why a delivery that failed is a soft bounce, whether the relay said so or a report.
SOFT_CAUSES = frozenset(cause for cause in Cause if cause.blames_subscriber and not cause.is_hard)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How one issue ended for one person."""

    run_id: RunId
    opened_at: datetime
    status: DeliveryStatus
    cause: Cause | None
    #: A report came back that it bounced softly after the relay had accepted it.
    came_back: bool

    @property
    def is_soft_bounce(self) -> bool:
        """Tell whether the mailbox did not take it, for now."""
        if self.status is DeliveryStatus.SENT:
            return self.came_back
        return self.status is DeliveryStatus.FAILED and self.cause in SOFT_CAUSES


def has_bounced_for_long(newest_first: Iterable[Ending]) -> bool:
    """Tell whether the address took none of the last issues, for long enough.

    One that was accepted and did not come back ends the row. One that never came so far (it was
    skipped, cancelled, refused for who we are, or still waits) says nothing either way.
    """
    row: list[datetime] = []
    for ending in newest_first:
        if ending.is_soft_bounce:
            row.append(ending.opened_at)
        elif ending.status is DeliveryStatus.SENT:
            break
    return len(row) >= ISSUES and row[0] - row[-1] >= SPAN
