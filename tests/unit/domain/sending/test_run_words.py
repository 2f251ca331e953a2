"""What people read about a run."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.installation import A_MONDAY
from topthree.domain.sending.cause import Cause
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.domain.sending.run import RunStatus
from topthree.domain.sending.run_words import (
    DELIVERY_WORDS,
    Standing,
    about_words,
    outlook_words,
    rate_words,
    reason_words,
    run_words,
)

UNDER_WAY = Standing(
    status=RunStatus.RUNNING,
    is_prepared=True,
    is_seeded=True,
    is_over=False,
    audience=48_213,
    waiting=16_204,
    put_off=0,
    next_try=None,
    per_second=96.4,
    give_up_at=A_MONDAY + timedelta(days=3),
    now=A_MONDAY,
)
PUT_OFF = replace(UNDER_WAY, waiting=0, put_off=587, next_try=A_MONDAY + timedelta(minutes=14))
UNTIL = "until Thursday, November 26, 3:00 pm UTC at the latest."


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        (
            UNDER_WAY,
            "96 a second over the last minute. At that pace about 3 minutes are left.",
        ),
        (
            replace(UNDER_WAY, per_second=0.0),
            "How long it takes cannot be said: nothing was accepted in the last minute.",
        ),
        (
            PUT_OFF,
            "The 587 asked to wait are tried again from Monday, November 23, 3:14 pm UTC on, "
            + UNTIL,
        ),
        (
            replace(PUT_OFF, put_off=1, next_try=A_MONDAY),
            "One was asked to wait: it is tried again now, and " + UNTIL,
        ),
        (
            replace(UNDER_WAY, status=RunStatus.PAUSED, put_off=6),
            "It is paused: nothing leaves. 16,210 wait for it to go on.",
        ),
        (
            replace(UNDER_WAY, status=RunStatus.CANCELLED),
            "It is stopped. Those who still wait are being taken out.",
        ),
        (
            replace(UNDER_WAY, is_prepared=False, is_seeded=False),
            "The list of those who get it is being written: 48,213 so far.",
        ),
        (
            replace(UNDER_WAY, is_seeded=False),
            "It goes to the seed addresses first. The others wait until those are accepted.",
        ),
        (replace(UNDER_WAY, status=RunStatus.DONE, is_over=True), ""),
    ],
)
def test_what_is_left_is_said_as_far_as_it_is_known(standing: Standing, words: str) -> None:
    assert outlook_words(standing) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "less than a minute"),
        (60.0, "about 1 minute"),
        (61.0, "about 2 minutes"),
        (7_199.0, "about 120 minutes"),
        (7_201.0, "about 3 hours"),
    ],
)
def test_a_time_left_is_rounded_up(seconds: float, words: str) -> None:
    assert about_words(seconds) == words


def test_a_slow_rate_is_said_by_the_minute() -> None:
    assert (rate_words(1_234.4), rate_words(0.2)) == ("1,234 a second", "12 a minute")


@pytest.mark.parametrize("status", DeliveryStatus)
@pytest.mark.parametrize("cause", [None, *Cause])
def test_whoever_has_not_got_it_is_told_of_with_the_cause(
    status: DeliveryStatus, cause: Cause | None
) -> None:
    words = reason_words(status, cause)

    if status is DeliveryStatus.SENT:
        assert bool(words) == (cause not in (None, Cause.ACCEPTED))
    elif status in (DeliveryStatus.SKIPPED, DeliveryStatus.CANCELLED):
        assert words
    else:
        assert words == (cause.sentence if cause else "")


def test_every_state_has_its_words() -> None:
    assert set(DELIVERY_WORDS) == set(DeliveryStatus)
    assert len({words.name for words in DELIVERY_WORDS.values()}) == len(DeliveryStatus)


def test_a_run_that_has_not_begun_is_not_called_sending() -> None:
    running = RunStatus.RUNNING

    assert run_words(running, is_prepared=False, is_seeded=False) == "Being prepared"
    assert run_words(running, is_prepared=True, is_seeded=False) == "Going to the seeds"
    assert run_words(running, is_prepared=True, is_seeded=True) == "Sending"
    assert run_words(RunStatus.PAUSED, is_prepared=True, is_seeded=False) == "Paused"
