"""What Amazon SES reports through SNS, posted over HTTP: heeded if it is signed, and only then."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from pathlib import Path

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.support.amazon import (
    ANOTHER_KEY,
    SITE,
    TOPIC,
    Message,
    Site,
    bounce_event,
    certificate,
    complaint_event,
)
from tests.support.certificates import Authority
from tests.support.databases import on_both_databases
from tests.support.installation import Installation, dismantle, install, with_wiring
from topthree.domain.editors.permission import Role
from topthree.domain.ids import RunId, SubscriberId
from topthree.domain.subscribers.address import EmailAddress
from topthree.domain.subscribers.subscription import SubscriptionStatus, SuppressionReason
from topthree.services.reporters.amazon_ses import AmazonSes
from topthree.services.reporters.amazon_topics import AmazonTopics
from topthree.services.sending.bounce_address import bounce_sender
from topthree.services.sending.open_run import send_now
from topthree.services.subscribers.report_subscribers import SubscriberHistory, show_subscriber
from topthree.store.sending.feedback import FeedbackRow
from topthree.store.subscribers.subscribers import find_subscriber_by_key
from topthree.tokens import Purpose

ANN = "ann@school.example"
PATH = "/hooks/amazon-sns"


@pytest.fixture
def amazon(authority: Authority) -> Iterator[Site]:
    with Site(authority) as site:
        yield site


@pytest.fixture
def house(database_url: str, tmp_path: Path, amazon: Site) -> Iterator[Installation]:
    settings = {
        "TOPTHREE_SENDER_ADDRESS": "letters@letters.example",
        "TOPTHREE_BOUNCE_ADDRESS": "bounces@letters.example",
        "TOPTHREE_SNS_TOPICS": TOPIC,
    }
    installation = install(tmp_path / "instance", database_url, **settings)
    installation.add_subscribers(ANN)
    topics = AmazonTopics([TOPIC], amazon, installation.clock)
    yield with_wiring(installation, reporters={"amazon-sns": AmazonSes(topics)})
    dismantle(installation)


@pytest.fixture
def run_id(house: Installation) -> RunId:
    issue_id = house.schedule_approved_issue()
    return send_now(house.wiring, issue_id, house.add_editor("Sends", Role.PUBLISHER))


def ann(house: Installation) -> SubscriberId:
    with house.wiring.reading() as session:
        subscriber = find_subscriber_by_key(session, ANN)
    assert subscriber is not None
    return subscriber.id


def sender(house: Installation, run_id: RunId) -> str:
    return bounce_sender(house.wiring, run_id, ann(house))


def bounce(house: Installation, run_id: RunId) -> Message:
    event = bounce_event(sender(house, run_id))
    return Message(at=house.clock(), text=json.dumps(event))


def post(house: Installation, message: Message, body: bytes | None = None) -> TestResponse:
    client = house.app.test_client()
    return client.post(PATH, data=body or message.body, headers=message.headers)


def history(house: Installation) -> SubscriberHistory:
    local, _, domain = ANN.partition("@")
    with house.wiring.reading() as session:
        return show_subscriber(session, EmailAddress(local=local, domain=domain))


def count_rows(house: Installation) -> int:
    with house.wiring.reading() as session:
        return session.scalar(select(func.count()).select_from(FeedbackRow)) or 0


def assert_untouched(house: Installation) -> None:
    assert count_rows(house) == 0
    assert history(house).suppression is None
    assert history(house).status is SubscriptionStatus.CONFIRMED


@on_both_databases
def test_a_bounce_closes_the_address_however_often_it_is_posted(
    house: Installation, run_id: RunId, amazon: Site
) -> None:
    message = bounce(house, run_id)

    answers = [
        post(house, each).status_code for each in (message, message, replace(message, id="2"))
    ]

    assert answers == [200, 200, 200]
    assert history(house).suppression is SuppressionReason.HARD_BOUNCE
    assert count_rows(house) == 1
    assert len(amazon.asked) == 1


def test_a_complaint_ends_the_subscription(house: Installation, run_id: RunId) -> None:
    text = json.dumps(complaint_event(sender(house, run_id)))

    assert post(house, Message(at=house.clock(), text=text)).status_code == 200

    assert history(house).status is SubscriptionStatus.ENDED
    assert history(house).suppression is SuppressionReason.COMPLAINT


def test_a_letter_without_a_sender_of_its_own_is_known_by_its_way_out(
    house: Installation, run_id: RunId
) -> None:
    token = house.wiring.tokens.sign(Purpose.UNSUBSCRIBE, ann(house), house.clock())
    headers = [{"name": "List-Unsubscribe", "value": f"<http://letters.example/o/{token}/>"}]
    text = json.dumps(bounce_event("letters@letters.example", headers=headers))

    assert post(house, Message(at=house.clock(), text=text)).status_code == 200

    assert history(house).suppression is SuppressionReason.HARD_BOUNCE


def test_both_signatures_of_sns_are_understood(house: Installation, run_id: RunId) -> None:
    for version in ("1", "2"):
        message = replace(bounce(house, run_id), version=version)
        assert post(house, message).status_code == 200
        assert post(house, replace(message, key=ANOTHER_KEY)).status_code == 403


#: What is not as it was signed.
CHANGES: list[dict[str, object]] = [
    {"Message": "{}"},
    {"MessageId": "another"},
    {"Timestamp": "2026-11-23T15:00:01.000Z"},
    {"Subject": "It was not there"},
    {"Signature": "bm90IHNpZ25lZA=="},
    {"Signature": ""},
    {"Signature": "*"},
    {"Signature": None},
    {"SignatureVersion": "3"},
    {"SignatureVersion": None},
    {"Type": "UnsubscriptionConfirmation"},
    {"Type": ["Notification"]},
    {"Timestamp": "yesterday"},
    {"Timestamp": "2026-11-23T15:00:00.000"},
    {"Timestamp": 7},
]


def test_what_is_not_as_it_was_signed_changes_nothing(house: Installation, run_id: RunId) -> None:
    for changed in CHANGES:
        answer = post(house, replace(bounce(house, run_id), changed=changed))
        assert (changed, answer.status_code) == (changed, 403)
        assert answer.text == "This is not a report for us.\n"
    assert_untouched(house)


def test_no_byte_of_what_is_reported_can_be_another(house: Installation, run_id: RunId) -> None:
    message = bounce(house, run_id)
    body = message.body
    written = json.dumps(message.text).encode()
    begins = body.index(written)

    for place in range(begins, begins + len(written), 7):
        flipped = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
        assert post(house, message, flipped).status_code == 403
    assert_untouched(house)


@pytest.mark.parametrize("key", ["x-amz-sns-message-type", "x-amz-sns-message-id"])
def test_a_message_without_the_headers_of_sns_is_none(
    house: Installation, run_id: RunId, key: str
) -> None:
    message = bounce(house, run_id)
    headers = {name: value for name, value in message.headers.items() if name != key}

    answer = house.app.test_client().post(PATH, data=message.body, headers=headers)

    assert answer.status_code == 403
    assert_untouched(house)


def test_a_topic_that_is_signed_by_amazon_and_is_not_ours_changes_nothing(
    house: Installation, run_id: RunId, amazon: Site
) -> None:
    theirs = "arn:aws:sns:us-east-1:999999999999:letters"

    answer = post(house, replace(bounce(house, run_id), topic=theirs))

    assert answer.status_code == 403
    assert_untouched(house)
    assert amazon.asked == []


URLS = (
    "http://sns.us-east-1.amazonaws.com/SimpleNotificationService-0a.pem",
    "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0a.pem",
    "https://sns.us-east-1.amazonaws.com.example/SimpleNotificationService-0a.pem",
    "https://sns.us-east-1.amazonaws.com@example.com/SimpleNotificationService-0a.pem",
    "https://sns.us-east-1.amazonaws.com:444/SimpleNotificationService-0a.pem",
    "https://s3.us-east-1.amazonaws.com/SimpleNotificationService-0a.pem",
    "https://snsxus-east-1.amazonaws.com/SimpleNotificationService-0a.pem",
    "https://sns.us-east-1.amazonaws.com/other.pem",
    "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0a.pem?x",
    "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0a.pem\n",
    "https://sns.us-east-1.amazonaws.com/x/../SimpleNotificationService-0a.pem",
)


def test_a_certificate_is_asked_for_only_where_sns_keeps_them(
    house: Installation, run_id: RunId, amazon: Site
) -> None:
    for url in URLS:
        answer = post(house, replace(bounce(house, run_id), certificate_url=url))
        assert (url, answer.status_code) == (url, 403)
    assert_untouched(house)
    assert amazon.asked == []


@pytest.mark.parametrize("late", [timedelta(days=-1, minutes=-1), timedelta(minutes=16)])
def test_a_message_of_long_ago_or_of_the_future_is_refused(
    house: Installation, run_id: RunId, late: timedelta
) -> None:
    message = bounce(house, run_id)

    assert post(house, replace(message, at=message.at + late)).status_code == 403
    assert_untouched(house)


def test_an_expired_certificate_vouches_for_nothing(
    house: Installation, run_id: RunId, amazon: Site
) -> None:
    amazon.certificate = certificate(lasts=timedelta(days=30))

    assert post(house, bounce(house, run_id)).status_code == 403
    assert_untouched(house)


def test_while_the_certificate_cannot_be_had_amazon_is_to_try_again(
    house: Installation, run_id: RunId, amazon: Site
) -> None:
    message = bounce(house, run_id)

    amazon.is_away = True
    away = post(house, message)
    amazon.is_away, amazon.certificate = False, b"no certificate"
    odd = post(house, message)
    amazon.certificate = certificate()
    well = post(house, message)

    assert [each.status_code for each in (away, odd, well)] == [503, 503, 200]
    assert away.headers["Retry-After"] == "60"


def test_whoever_names_one_certificate_after_the_other_cannot_make_us_ask_for_all(
    house: Installation, run_id: RunId, amazon: Site
) -> None:
    message = bounce(house, run_id)
    amazon.is_away = True
    urls = [f"https://{SITE}/SimpleNotificationService-{number:x}.pem" for number in range(13)]

    answers = {post(house, replace(message, certificate_url=url)).status_code for url in urls}

    assert answers == {503}
    assert len(amazon.asked) == 10
    amazon.is_away = False
    house.clock.advance(timedelta(hours=1))
    assert post(house, replace(message, at=house.clock())).status_code == 200


def test_we_agree_to_a_topic_of_ours_and_to_no_other(house: Installation, amazon: Site) -> None:
    asked = Message(at=house.clock(), kind="SubscriptionConfirmation", text="You have chosen …")

    answers = [post(house, each).status_code for each in (replace(asked, topic="x"), asked)]

    assert answers == [403, 200]
    certificate_asked, agreed = amazon.asked
    assert certificate_asked.endswith(".pem")
    assert agreed.startswith("/?Action=ConfirmSubscription&TopicArn=arn%3Aaws%3Asns")
    assert agreed.endswith("&Token=2336412f37f")


def test_we_agree_later_if_amazon_does_not_hear_us(house: Installation, amazon: Site) -> None:
    post(house, Message(at=house.clock()))
    amazon.is_away = True

    asked = Message(at=house.clock(), kind="SubscriptionConfirmation")

    assert post(house, asked).status_code == 503


def test_the_end_of_a_subscription_is_noted_and_not_undone(
    house: Installation, amazon: Site, caplog: pytest.LogCaptureFixture
) -> None:
    ended = Message(at=house.clock(), kind="UnsubscribeConfirmation")

    assert post(house, ended).status_code == 200

    assert "no longer" in caplog.text
    assert len(amazon.asked) == 1


@pytest.mark.parametrize("text", ["Successfully validated SNS topic.", '{"eventType": "New"}'])
def test_an_event_that_we_do_not_know_is_taken_and_changes_nothing(
    house: Installation, run_id: RunId, text: str
) -> None:
    assert post(house, Message(at=house.clock(), text=text)).status_code == 200
    assert_untouched(house)


def test_events_come_in_any_order_and_twice(house: Installation, run_id: RunId) -> None:
    source = sender(house, run_id)
    delivered = {"eventType": "Delivery", "mail": {"source": source}}
    events = (delivered, bounce_event(source), complaint_event(source))
    orders = list(permutations(range(3)))
    ends = set()
    for number, order in enumerate(orders):
        for place in order * 2:
            text = json.dumps(events[place])
            message = Message(at=house.clock(), id=f"{number}-{place}", text=text)
            assert post(house, message).status_code == 200
        ends.add((history(house).status, history(house).suppression, count_rows(house)))

    assert ends == {(SubscriptionStatus.ENDED, SuppressionReason.COMPLAINT, 2)}


def test_more_than_a_message_of_amazon_is_not_read(house: Installation) -> None:
    message = Message(at=house.clock())

    assert post(house, message, b"x" * 2_000_000).status_code == 413


def test_where_no_topic_is_set_nothing_is_there(database_url: str, tmp_path: Path) -> None:
    installation = install(tmp_path / "instance", database_url)

    assert post(installation, Message(at=installation.clock())).status_code == 404
    dismantle(installation)
