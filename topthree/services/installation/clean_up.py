"""Forgetting what is not needed any more: addresses nobody confirmed, notices, pictures."""

from __future__ import annotations

import logging
from datetime import timedelta

from sqlalchemy.orm import Session

from topthree.domain.subscribers.subscription import (
    PENDING_KEPT,
    ConsentKind,
    EndReason,
    SubscriptionEvent,
)
from topthree.services.subscribers.consent import Step, take_step
from topthree.services.wiring import Wiring
from topthree.services.writing.issue_history import forget_folded_versions
from topthree.store.editors.editors import forget_sign_ins
from topthree.store.media import forget_media, unused_media
from topthree.store.notices.notices import forget_notices
from topthree.store.notices.turns import forget_turns
from topthree.store.subscribers.subscribers import (
    SubscriptionRow,
    find_subscriber,
    forget_sign_ups,
    stale_pending_subscriptions,
    subscription_count,
)
from topthree.store.writing.presence import forget_presences
from topthree.tokens import INVITATION_VALID

_log = logging.getLogger(__name__)

_AT_ONCE = 500
_SIGN_UPS_KEPT = timedelta(days=1)
#: Longer than the span of any limit that counts them.
_NOTICES_KEPT = timedelta(days=31)
#: Long enough for somebody to go on holiday between an upload and the first save.
_MEDIA_KEPT = timedelta(days=30)
_NEVER_CONFIRMED = Step(
    event=SubscriptionEvent.EXPIRE,
    kind=ConsentKind.EXPIRED,
    wording="",
    source="thirty days passed",
    end_reason=EndReason.NEVER_CONFIRMED,
)


def clean_up(wiring: Wiring) -> int:
    """End what was never confirmed in thirty days and erase its address; return how many.

    Works in portions, so that nobody waits for it long. An address with an earlier subscription
    keeps its row: its history is a record.
    """
    _clean_up_media(wiring)
    ended = 0
    while True:
        count = _clean_up_some(wiring)
        ended += count
        if count < _AT_ONCE:
            return ended


def _clean_up_some(wiring: Wiring) -> int:
    now = wiring.clock()
    with wiring.writing() as session:
        forget_sign_ups(session, now - _SIGN_UPS_KEPT)
        forget_presences(session, now - _SIGN_UPS_KEPT)
        forget_folded_versions(session, now)
        forget_notices(session, now - _NOTICES_KEPT)
        forget_turns(session, now - _NOTICES_KEPT)
        forget_sign_ins(session, now - _SIGN_UPS_KEPT, invited_before=now - INVITATION_VALID)
        stale = stale_pending_subscriptions(session, now - PENDING_KEPT, _AT_ONCE)
        for subscription in stale:
            take_step(session, subscription, _NEVER_CONFIRMED, now)
            _erase_if_only(session, subscription, wiring)
        return len(stale)


def _clean_up_media(wiring: Wiring) -> None:
    """Forget pictures that were uploaded and never used, or cut and then cut otherwise."""
    before = wiring.clock() - _MEDIA_KEPT
    with wiring.reading() as session:
        unused = unused_media(session, before)
    if unused:
        with wiring.writing() as session:
            count = forget_media(session, unused, before)
        _log.info("%d pictures that nothing shows were deleted", count)


def _erase_if_only(session: Session, subscription: SubscriptionRow, wiring: Wiring) -> None:
    subscriber = find_subscriber(session, subscription.subscriber_id)
    if subscriber is None or subscription_count(session, subscriber.id) > 1:
        return
    subscriber.address = subscriber.address_key = None
    subscriber.erased_at = wiring.clock()
