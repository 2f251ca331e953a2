"""A subscription: a dated consent, and later its end and the reason."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

#: A confirmation link and its code work this long.
CONFIRMATION_VALID = timedelta(days=7)
#: An address that was never confirmed is erased after this long.
PENDING_KEPT = timedelta(days=30)


class SubscriptionStatus(StrEnum):
    """Pending until the person confirms; ended for good, apart from undoing it at once."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    ENDED = "ended"


class EndReason(StrEnum):
    """Why a subscription ended."""

    UNSUBSCRIBED = "unsubscribed"
    NEVER_CONFIRMED = "never confirmed"
    DISOWNED = "not theirs"
    COMPLAINED = "called it spam"
    #: Its mail came back, and the person asked anew.
    BEGUN_ANEW = "begun anew"


class SubscriptionEvent(StrEnum):
    """What can happen to a subscription."""

    CONFIRM = "confirm"
    LEAVE = "leave"
    UNDO_LEAVING = "undo leaving"
    EXPIRE = "expire"


_P, _C, _E = SubscriptionStatus.PENDING, SubscriptionStatus.CONFIRMED, SubscriptionStatus.ENDED

#: Every state and every event. Clicking twice is normal: what has happened already stays as it is.
SUBSCRIPTION_TRANSITIONS: dict[
    tuple[SubscriptionStatus, SubscriptionEvent], SubscriptionStatus | None
] = {
    (_P, SubscriptionEvent.CONFIRM): _C,
    (_P, SubscriptionEvent.LEAVE): _E,
    (_P, SubscriptionEvent.UNDO_LEAVING): _P,
    (_P, SubscriptionEvent.EXPIRE): _E,
    (_C, SubscriptionEvent.CONFIRM): _C,
    (_C, SubscriptionEvent.LEAVE): _E,
    (_C, SubscriptionEvent.UNDO_LEAVING): _C,
    (_C, SubscriptionEvent.EXPIRE): _C,
    # An old confirmation link must not bring back someone who left.
    (_E, SubscriptionEvent.CONFIRM): None,
    (_E, SubscriptionEvent.LEAVE): _E,
    (_E, SubscriptionEvent.UNDO_LEAVING): _C,
    (_E, SubscriptionEvent.EXPIRE): _E,
}


class SuppressionReason(StrEnum):
    """Why an address must not be mailed, whoever asks."""

    HARD_BOUNCE = "hard bounce"
    #: Issue after issue, for weeks.
    SOFT_BOUNCES = "soft bounces"
    COMPLAINT = "complaint"
    DISOWNED = "not theirs"
    MANUAL = "by hand"

    @property
    def ends_by_confirming(self) -> bool:
        """Tell whether the person's own confirmation, and nothing else, opens the address again.

        They show that it takes mail, or have thought better of a complaint (R-47).
        """
        return self in _END_BY_CONFIRMING


_END_BY_CONFIRMING = (
    SuppressionReason.HARD_BOUNCE,
    SuppressionReason.SOFT_BOUNCES,
    SuppressionReason.COMPLAINT,
)


class ConsentKind(StrEnum):
    """One step of a subscription's history; records are only ever added."""

    REQUESTED = "requested"
    CONFIRMED_BY_LINK = "confirmed by link"
    CONFIRMED_BY_CODE = "confirmed by code"
    IMPORTED = "imported"
    LEFT = "left"
    LEFT_BY_ONE_CLICK = "left by one click"
    LEFT_BY_MAIL = "left by mail"
    COMPLAINED = "called it spam"
    CAME_BACK = "undid leaving"
    DISOWNED = "said it was not them"
    EXPIRED = "never confirmed"
    BEGUN_ANEW = "asked anew after mail came back"
