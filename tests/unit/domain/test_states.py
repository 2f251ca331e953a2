"""State machines are total: every state answers every event."""

from __future__ import annotations

from itertools import product

import pytest

from topthree.domain.delivery import (
    DELIVERY_TRANSITIONS,
    EVENT_FOR_VERDICT,
    UNFINISHED,
    DeliveryEvent,
    DeliveryStatus,
    retry_delay,
)
from topthree.domain.issue import ISSUE_TRANSITIONS, IssueEvent, IssueStatus, next_status
from topthree.domain.outcome import Verdict
from topthree.domain.permission import PERMISSIONS, Permission, Role, require
from topthree.domain.refusal import Conflict, NotAllowed
from topthree.domain.subscription import (
    SUBSCRIPTION_TRANSITIONS,
    SubscriptionEvent,
    SubscriptionStatus,
)


def test_an_issue_answers_every_event_in_every_state() -> None:
    assert set(ISSUE_TRANSITIONS) == set(product(IssueStatus, IssueEvent))


def test_a_subscription_answers_every_event_in_every_state() -> None:
    assert set(SUBSCRIPTION_TRANSITIONS) == set(product(SubscriptionStatus, SubscriptionEvent))


def test_a_delivery_answers_every_event_in_every_state() -> None:
    assert set(DELIVERY_TRANSITIONS) == set(product(DeliveryStatus, DeliveryEvent))


def test_a_finished_delivery_never_changes_again() -> None:
    finished = set(DeliveryStatus) - set(UNFINISHED)

    assert {
        DELIVERY_TRANSITIONS[status, event] for status in finished for event in DeliveryEvent
    } == {None}


def test_every_verdict_of_the_relay_ends_a_claim() -> None:
    assert set(EVENT_FOR_VERDICT) == set(Verdict)
    for event in EVENT_FOR_VERDICT.values():
        assert DELIVERY_TRANSITIONS[DeliveryStatus.CLAIMED, event] is not None


def test_only_an_approved_issue_can_be_sent() -> None:
    sendable = [
        status
        for status in IssueStatus
        if ISSUE_TRANSITIONS[status, IssueEvent.OPEN_RUN] is not None
    ]

    assert sendable == [IssueStatus.APPROVED]


def test_an_edit_voids_an_approval() -> None:
    assert next_status(IssueStatus.APPROVED, IssueEvent.EDIT) is IssueStatus.DRAFT


def test_what_went_out_cannot_be_edited() -> None:
    for status in (IssueStatus.SENDING, IssueStatus.SENT):
        with pytest.raises(Conflict, match=f"cannot be edited: it is {status}"):
            next_status(status, IssueEvent.EDIT)


def test_an_old_confirmation_cannot_bring_back_who_left() -> None:
    ended = SubscriptionStatus.ENDED

    assert SUBSCRIPTION_TRANSITIONS[ended, SubscriptionEvent.CONFIRM] is None


def test_each_role_may_all_that_the_one_before_it_may() -> None:
    writer, editor, publisher = (PERMISSIONS[role] for role in Role)

    assert writer < editor < publisher == frozenset(Permission)


def test_a_writer_who_tries_to_approve_is_told_whom_to_ask() -> None:
    with pytest.raises(
        NotAllowed, match=r"A writer may not approve an issue\. Ask an editor or a publisher"
    ):
        require(Role.WRITER, Permission.APPROVE)


def test_retries_come_later_each_time_and_never_more_than_an_hour_and_a_bit_apart() -> None:
    delays = [retry_delay(attempts).total_seconds() for attempts in range(1, 60)]

    assert delays[:4] == [300, 600, 1200, 2400]
    assert delays == sorted(delays)
    assert max(delays) == 4000
