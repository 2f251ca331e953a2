"""State machines are total: every state answers every event."""

from __future__ import annotations

from itertools import product

import pytest

from topthree.domain.editors.permission import Permission, Role, require
from topthree.domain.refusal import Conflict, NotAllowed
from topthree.domain.sending.delivery import (
    DELIVERY_TRANSITIONS,
    UNFINISHED,
    DeliveryEvent,
    DeliveryStatus,
)
from topthree.domain.sending.run import RUN_TRANSITIONS, RunEvent, RunStatus, next_run_status
from topthree.domain.subscribers.subscription import (
    SUBSCRIPTION_TRANSITIONS,
    SubscriptionEvent,
    SubscriptionStatus,
)
from topthree.domain.writing.issue import ISSUE_TRANSITIONS, IssueEvent, IssueStatus, next_status


def test_an_issue_answers_every_event_in_every_state() -> None:
    assert set(ISSUE_TRANSITIONS) == set(product(IssueStatus, IssueEvent))


def test_a_subscription_answers_every_event_in_every_state() -> None:
    assert set(SUBSCRIPTION_TRANSITIONS) == set(product(SubscriptionStatus, SubscriptionEvent))


def test_a_delivery_answers_every_event_in_every_state() -> None:
    assert set(DELIVERY_TRANSITIONS) == set(product(DeliveryStatus, DeliveryEvent))


def test_a_run_answers_every_event_in_every_state() -> None:
    assert set(RUN_TRANSITIONS) == set(product(RunStatus, RunEvent))


def test_what_the_relay_says_late_changes_no_finished_delivery() -> None:
    finished = set(DeliveryStatus) - set(UNFINISHED)
    by_people = {DeliveryEvent.COUNT_AS_SENT, DeliveryEvent.SEND_AGAIN}
    by_the_relay = set(DeliveryEvent) - by_people

    assert {
        DELIVERY_TRANSITIONS[status, event] for status in finished for event in by_the_relay
    } == {None}


def test_what_was_sent_or_skipped_is_never_sent_again() -> None:
    for status in (DeliveryStatus.SENT, DeliveryStatus.SKIPPED):
        assert {DELIVERY_TRANSITIONS[status, event] for event in DeliveryEvent} == {None}


def test_a_cancelled_run_is_taken_up_again_only_by_sending_to_those_who_were_missed() -> None:
    ways_back = [
        event
        for event in RunEvent
        if RUN_TRANSITIONS[RunStatus.CANCELLED, event] is RunStatus.RUNNING
    ]

    assert ways_back == [RunEvent.SEND_AGAIN]


def test_a_paused_run_is_not_finished_behind_the_back_of_who_paused_it() -> None:
    assert RUN_TRANSITIONS[RunStatus.PAUSED, RunEvent.FINISH] is None


def test_a_run_that_is_over_cannot_be_paused() -> None:
    with pytest.raises(Conflict, match=r"This run cannot be paused: it is done\."):
        next_run_status(RunStatus.DONE, RunEvent.PAUSE)


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


def test_a_writer_who_tries_to_approve_is_told_whom_to_ask() -> None:
    with pytest.raises(NotAllowed, match=r"A writer may not approve an issue\. Ask an editor"):
        require(Role.WRITER, Permission.APPROVE)
