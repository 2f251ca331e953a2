"""What the states of runs and deliveries are called, for people, and how long the rest takes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from topthree.domain.calendar_words import moment_words
from topthree.domain.how_many import how_many
from topthree.domain.sending.cause import Cause
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.domain.sending.feedback import FeedbackKind
from topthree.domain.sending.run import RunStatus

_MINUTE, _HOUR = 60, 3600


@dataclass(frozen=True, slots=True)
class StateWords:
    """A state of a delivery, for people."""

    name: str
    #: What it means for those who are counted.
    meaning: str


#: In the order in which people want to know them. Accepted by the relay is not arrived.
DELIVERY_WORDS: Mapping[DeliveryStatus, StateWords] = MappingProxyType(
    {
        DeliveryStatus.SENT: StateWords(
            "Accepted by the relay", "whether it arrived, we learn from bounces"
        ),
        DeliveryStatus.QUEUED: StateWords("Not tried yet", "still to come"),
        DeliveryStatus.CLAIMED: StateWords("Being tried", "with the sender at this moment"),
        DeliveryStatus.DEFERRED: StateWords("Asked to wait", "tried again later"),
        DeliveryStatus.HELD: StateWords(
            "Waiting for a decision", "it may have gone out, or not: somebody decides"
        ),
        DeliveryStatus.FAILED: StateWords("Refused or given up", "will not be tried again"),
        DeliveryStatus.SKIPPED: StateWords("Left since the run opened", "skipped, not mailed"),
        DeliveryStatus.CANCELLED: StateWords("Stopped", "the run was stopped before their turn"),
    }
)

#: What came back about those that the relay had accepted.
FEEDBACK_WORDS: Mapping[FeedbackKind, StateWords] = MappingProxyType(
    {
        FeedbackKind.HARD: StateWords("Came back", "no such mailbox; not written to again"),
        FeedbackKind.SOFT: StateWords("Came back for now", "the mailbox is full or busy"),
        FeedbackKind.OTHER: StateWords("Came back unexplained", "for no fault of the address"),
        FeedbackKind.COMPLAINT: StateWords("Called it spam", "unsubscribed at once"),
    }
)

_RUN_WORDS: Mapping[RunStatus, str] = MappingProxyType(
    {
        RunStatus.RUNNING: "Sending",
        RunStatus.PAUSED: "Paused",
        RunStatus.CANCELLED: "Stopped for good",
        RunStatus.DONE: "Done",
    }
)

_SKIPPED_BECAUSE = "They left, or must not be written to any more."
_CANCELLED_BECAUSE = "The run was stopped before their turn."
_COUNTED_AS_SENT = "It counts as sent, by a decision or the relay’s log."


def run_words(status: RunStatus, *, is_prepared: bool, is_seeded: bool) -> str:
    """Return what the state of a run is called."""
    if status is RunStatus.RUNNING and not is_prepared:
        return "Being prepared"
    if status is RunStatus.RUNNING and not is_seeded:
        return "Going to the seeds"
    return _RUN_WORDS[status]


def reason_words(status: DeliveryStatus, cause: Cause | None) -> str:
    """Return why a delivery stands as it does; empty: there is nothing to explain."""
    match status:
        case DeliveryStatus.SENT if cause in (None, Cause.ACCEPTED):
            return ""
        case DeliveryStatus.SENT:
            return _COUNTED_AS_SENT
        case DeliveryStatus.SKIPPED:
            return _SKIPPED_BECAUSE
        case DeliveryStatus.CANCELLED:
            return _CANCELLED_BECAUSE
        case _:
            return cause.sentence if cause else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a run is, at one moment."""

    status: RunStatus
    is_prepared: bool
    #: Whether the seed addresses got it, which nobody gets it before.
    is_seeded: bool
    is_over: bool
    audience: int
    #: Ready to be sent, or being sent.
    waiting: int
    #: Asked to wait.
    put_off: int
    #: When the first of those is tried again.
    next_try: datetime | None
    #: Of the last minute, or of the time since the run opened if that is less.
    per_second: float
    give_up_at: datetime
    now: datetime


def outlook_words(standing: Standing) -> str:
    """Return how fast it goes and how long it still takes, as far as that can be said.

    Times are said in the zone of ``now``.
    """
    if standing.is_over:
        return ""
    if standing.status is RunStatus.CANCELLED:
        return "It is stopped. Those who still wait are being taken out."
    if not standing.is_prepared:
        return f"The list of those who get it is being written: {standing.audience:,} so far."
    if standing.status is RunStatus.PAUSED:
        waiting = standing.waiting + standing.put_off
        return f"It is paused: nothing leaves. {_how_many(waiting)} for it to go on."
    if not standing.is_seeded:
        return "It goes to the seed addresses first. The others wait until those are accepted."
    return " ".join(filter(None, (_waiting_words(standing), _put_off_words(standing))))


def rate_words(per_second: float) -> str:
    """Return a rate: “96 a second”, “12 a minute”."""
    if per_second >= 1:
        return f"{per_second:,.0f} a second"
    return f"{per_second * _MINUTE:,.0f} a minute"


def about_words(seconds: float) -> str:
    """Return about how long that is: “about 4 minutes”."""
    if seconds < _MINUTE:
        return "less than a minute"
    if seconds < 2 * _HOUR:
        minutes = math.ceil(seconds / _MINUTE)
        return f"about {how_many(minutes, 'minute')}"
    return f"about {math.ceil(seconds / _HOUR):,} hours"


def _waiting_words(standing: Standing) -> str:
    if not standing.waiting:
        return ""
    if not standing.per_second:
        return "How long it takes cannot be said: nothing was accepted in the last minute."
    left = about_words(standing.waiting / standing.per_second)
    rate = rate_words(standing.per_second)
    return f"{rate} over the last minute. At that pace {left} {_verb(left)} left."


def _put_off_words(standing: Standing) -> str:
    if not standing.put_off or standing.next_try is None:
        return ""
    zone = standing.now.tzinfo
    count = standing.put_off
    who = "One was asked to wait: it is" if count == 1 else f"The {count:,} asked to wait are"
    until = moment_words(standing.give_up_at.astimezone(zone))
    if standing.next_try <= standing.now:
        return f"{who} tried again now, and until {until} at the latest."
    following = moment_words(standing.next_try.astimezone(zone))
    return f"{who} tried again from {following} on, until {until} at the latest."


def _verb(left: str) -> str:
    return "is" if left in {"less than a minute", "about 1 minute"} else "are"


def _how_many(count: int) -> str:
    return "One waits" if count == 1 else f"{count:,} wait"
