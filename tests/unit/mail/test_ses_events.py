"""What an event of Amazon SES says, brought to the form of what reports by mail say."""

from __future__ import annotations

import json

import pytest

from tests.support.amazon import bounce_event, complaint_event
from topthree.domain.sending.feedback import FeedbackKind
from topthree.mail.inbound.incoming import Nature
from topthree.mail.inbound.ses_events import read_ses_event

VERP = "bounces+7-42-aaaaaaaaaaaaaaaa@letters.example"


@pytest.mark.parametrize(
    ("kind", "status", "comes_to"),
    [
        ("Permanent", "5.1.1", FeedbackKind.HARD),
        # Without a reason it may be anything.
        ("Permanent", "", FeedbackKind.SOFT),
        ("Permanent", "5.7.1", FeedbackKind.OTHER),
        ("Transient", "5.2.2", FeedbackKind.SOFT),
        # What SES calls transient is never final, whatever its status says.
        ("Transient", "5.1.1", FeedbackKind.SOFT),
        ("Transient", "5.4.4", FeedbackKind.SOFT),
        ("Undetermined", "5.1.1", FeedbackKind.SOFT),
        ("Undetermined", "", FeedbackKind.SOFT),
    ],
)
def test_a_bounce_is_final_only_where_ses_and_the_status_say_so(
    kind: str, status: str, comes_to: FeedbackKind
) -> None:
    found = read_ses_event(json.dumps(bounce_event(VERP, status, kind)))

    assert found.nature is Nature.BOUNCE
    assert [failure.kind for failure in found.failures] == [comes_to]


def test_an_event_tells_under_which_sender_the_letter_left_and_how_to_leave_it() -> None:
    headers = [
        {"name": "Subject", "value": "<https://elsewhere.example/o/x/>"},
        {"name": "List-unsubscribe", "value": "<https://letters.example/o/THE-TOKEN/>"},
    ]

    found = read_ses_event(json.dumps(bounce_event(VERP, headers=headers)))

    assert found.senders == (VERP,)
    assert found.links == ("https://letters.example/o/THE-TOKEN/",)


@pytest.mark.parametrize(
    ("kind", "nature"),
    [
        (None, Nature.COMPLAINT),
        ("abuse", Nature.COMPLAINT),
        ("not-spam", Nature.AUTOMATIC),
        ("virus", Nature.AUTOMATIC),
    ],
)
def test_a_complaint_is_one_unless_its_provider_says_otherwise(
    kind: str | None, nature: Nature
) -> None:
    assert read_ses_event(json.dumps(complaint_event(VERP, kind))).nature is nature


@pytest.mark.parametrize(
    "text",
    [
        "Successfully validated SNS topic for Amazon SES event publishing.",
        "",
        "[]",
        "7",
        "null",
        "[" * 100_000,
        '{"eventType": "Delivery", "mail": {"source": "a@b.example"}}',
        '{"eventType": "Bounce", "notificationType": 7}' + " " * 10 + "}",
        '{"eventType": {"Bounce": 1}}',
    ],
)
def test_whatever_else_comes_says_nothing(text: str) -> None:
    found = read_ses_event(text)

    assert (found.nature, found.failures, found.senders) == (Nature.AUTOMATIC, (), ())


@pytest.mark.parametrize("odd", [None, 7, "text", [], [7, None, []], {"bouncedRecipients": 7}])
def test_no_part_of_an_event_is_too_strange_to_be_read(odd: object) -> None:
    for event in (bounce_event(VERP), complaint_event(VERP)):
        for name in ("bounce", "complaint", "mail"):
            read_ses_event(json.dumps(event | {name: odd}))
    read_ses_event(json.dumps(bounce_event(VERP, headers=odd)))
    read_ses_event(json.dumps(bounce_event(VERP) | {"mail": {"source": odd}}))
