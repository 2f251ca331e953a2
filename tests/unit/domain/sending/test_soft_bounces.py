"""When an address that bounces softly is written to no more (R-46)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from topthree.domain.ids import RunId
from topthree.domain.sending.cause import Cause
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.domain.sending.soft_bounces import Ending, has_bounced_for_long

FIRST = datetime(2026, 9, 10, 10, 0, tzinfo=UTC)


def ending(letter: str, at: datetime) -> Ending:
    """F: full; B: accepted and came back; A: accepted; P: refused for who we are; W: waits."""
    status = {
        "A": DeliveryStatus.SENT,
        "B": DeliveryStatus.SENT,
        "W": DeliveryStatus.QUEUED,
    }.get(letter, DeliveryStatus.FAILED)
    cause = {"F": Cause.MAILBOX_UNAVAILABLE, "P": Cause.POLICY}.get(letter)
    return Ending(
        run_id=RunId(1), opened_at=at, status=status, cause=cause, came_back=letter == "B"
    )


@pytest.mark.parametrize(
    ("oldest_first", "days_apart", "expected"),
    [
        ("FFF", 14, True),
        ("BBB", 14, True),
        ("FBF", 7, True),
        ("FF", 14, False),
        ("FFF", 6, False),
        ("FFAF", 14, False),
        ("FFFA", 14, False),
        ("AFFF", 14, True),
        # What never came so far says nothing either way.
        ("FPFWF", 14, True),
        ("PPP", 14, False),
        ("", 14, False),
    ],
)
def test_three_issues_in_a_row_over_two_weeks_close_an_address(
    oldest_first: str, days_apart: int, *, expected: bool
) -> None:
    endings = [
        ending(letter, FIRST + place * timedelta(days=days_apart))
        for place, letter in enumerate(oldest_first)
    ]

    assert has_bounced_for_long(reversed(endings)) is expected
