"""What SendGrid and Mailgun say became of a message, and what it comes to."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest

from topthree.domain.sending.feedback import FeedbackKind, mildest
from topthree.mail.inbound.incoming import Nature, Report
from topthree.mail.inbound.mailgun_events import read_mailgun_event
from topthree.mail.inbound.sendgrid_events import read_sendgrid_events

SENDGRID: dict[str, object] = {
    "event": "bounce",
    "type": "bounce",
    "email": "Ann@school.example",
    "smtp-id": "<1@letters.example>",
    "status": "5.1.1",
    "reason": "550 5.1.1 The account that you tried to reach does not exist.",
    "sg_event_id": "one",
}
MAILGUN: dict[str, object] = {
    "event": "failed",
    "severity": "permanent",
    "reason": "bounce",
    "recipient": "Ann@school.example",
    "envelope": {"sender": "bounces+7@letters.example"},
    "message": {"headers": {"message-id": "1@letters.example"}},
    "delivery-status": {"code": 550, "message": "5.1.1 no such user"},
}


def read_sendgrid(*events: object) -> list[Report]:
    return list(read_sendgrid_events(json.dumps(events).encode()))


def read_mailgun(event: object) -> list[Report]:
    return list(read_mailgun_event(json.dumps({"event-data": event}).encode()))


def kinds(reports: Iterable[Report]) -> list[FeedbackKind]:
    return [
        FeedbackKind.COMPLAINT
        if report.said.nature is Nature.COMPLAINT
        else mildest(report.said.failures).kind
        for report in reports
    ]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, FeedbackKind.HARD),
        ({"status": None}, FeedbackKind.HARD),
        ({"type": "blocked", "status": "5.7.1", "reason": "550 5.7.1 blocked"}, FeedbackKind.OTHER),
        ({"type": "blocked"}, FeedbackKind.SOFT),
        ({"type": None}, FeedbackKind.SOFT),
        ({"status": 7, "reason": ["a", "b"]}, FeedbackKind.SOFT),
        ({"event": "spamreport"}, FeedbackKind.COMPLAINT),
        ({"event": "dropped", "reason": "Bounced Address"}, FeedbackKind.SOFT),
        ({"event": "dropped", "reason": "Spam Reporting Address"}, FeedbackKind.COMPLAINT),
        ({"event": "dropped", "reason": "Recipient List over Package Quota"}, FeedbackKind.OTHER),
    ],
    ids=str,
)
def test_what_sendgrid_says_is_never_more_final_than_it_says(
    changed: dict[str, object], said: FeedbackKind
) -> None:
    assert kinds(read_sendgrid({**SENDGRID, **changed})) == [said]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, FeedbackKind.HARD),
        ({"event": "complained"}, FeedbackKind.COMPLAINT),
        ({"reason": "suppress-complaint"}, FeedbackKind.COMPLAINT),
        ({"reason": "old"}, FeedbackKind.SOFT),
        ({"reason": "suppress-bounce", "delivery-status": {"code": 605}}, FeedbackKind.SOFT),
        ({"reason": "espblock", "delivery-status": {"message": "5.7.1 no"}}, FeedbackKind.OTHER),
        ({"delivery-status": {"code": 550, "enhanced-code": "5.1.1"}}, FeedbackKind.HARD),
        ({"delivery-status": {"code": 552, "message": "5.2.2 full"}}, FeedbackKind.SOFT),
        ({"delivery-status": None}, FeedbackKind.SOFT),
    ],
    ids=str,
)
def test_what_mailgun_says_is_never_more_final_than_it_says(
    changed: dict[str, object], said: FeedbackKind
) -> None:
    assert kinds(read_mailgun({**MAILGUN, **changed})) == [said]


@pytest.mark.parametrize("event", ["processed", "deferred", "delivered", "open", "new", 7, None])
def test_whatever_else_sendgrid_reports_says_nothing(event: object) -> None:
    assert read_sendgrid({**SENDGRID, "event": event}, 7, None, [], "bounce") == []


@pytest.mark.parametrize(
    "changed", [{"event": "delivered"}, {"event": None}, {"severity": "temporary"}], ids=str
)
def test_whatever_else_mailgun_reports_says_nothing(changed: dict[str, object]) -> None:
    assert read_mailgun({**MAILGUN, **changed}) == []


def test_of_which_message_and_to_whom_is_told_by_both_as_they_write_it() -> None:
    (from_sendgrid,), (from_mailgun,) = read_sendgrid(SENDGRID), read_mailgun(MAILGUN)

    for said in (from_sendgrid.said, from_mailgun.said):
        assert said.message_ids == ("<1@letters.example>",)
        assert said.addressees == ("Ann@school.example",)
    assert from_mailgun.said.senders == ("bounces+7@letters.example",)
    assert from_sendgrid.said.senders == ()


def test_a_report_that_comes_again_is_the_same_and_another_is_another() -> None:
    ids = [read_sendgrid(SENDGRID)[0].id, read_mailgun(MAILGUN)[0].id]
    again = [read_sendgrid(SENDGRID)[0].id, read_mailgun(dict(reversed(MAILGUN.items())))[0].id]
    others = [
        read_sendgrid({**SENDGRID, "sg_event_id": "two"})[0].id,
        read_mailgun({**MAILGUN, "id": "two"})[0].id,
    ]

    assert ids == again
    assert len({*ids, *others}) == 4


@pytest.mark.parametrize("raw", [b"", b"{}", b"7", b"[" * 100_000, b"\xff", b'[{"event": NaN}]'])
def test_what_is_no_report_says_nothing(raw: bytes) -> None:
    assert list(read_sendgrid_events(raw)) == []
    assert list(read_mailgun_event(raw)) == []
