"""What SendGrid and Mailgun report, posted over HTTP: heeded if it is signed, and only then."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.support.databases import on_both_databases
from tests.support.installation import Installation, dismantle, install
from topthree.domain.editors.permission import Role
from topthree.domain.ids import RunId
from topthree.domain.sending.feedback import FeedbackKind
from topthree.domain.subscribers.address import EmailAddress
from topthree.domain.subscribers.subscription import SubscriptionStatus, SuppressionReason
from topthree.mail.message import issue_message_id
from topthree.services.sending.bounce_address import bounce_sender
from topthree.services.sending.open_run import send_now
from topthree.services.subscribers.report_subscribers import SubscriberHistory, show_subscriber
from topthree.settings import SettingsError
from topthree.store.sending.feedback import FeedbackRow
from topthree.store.sending.runs import find_run
from topthree.store.subscribers.subscribers import find_subscriber_by_key

ANN = "ann@school.example"
SENDGRID_KEY = ec.generate_private_key(ec.SECP256R1())
MAILGUN_KEY = "a key that is shared with Mailgun"


@dataclass(kw_only=True)
class Post:
    """Something posted, as it is signed and sent."""

    path: str
    body: bytes
    headers: Mapping[str, str]


def sendgrid(at: datetime, *events: object, key: ec.EllipticCurvePrivateKey = SENDGRID_KEY) -> Post:
    body, timestamp = json.dumps(events).encode(), f"{at.timestamp():.0f}"
    signature = key.sign(timestamp.encode() + body, ec.ECDSA(SHA256()))
    headers = {
        "X-Twilio-Email-Event-Webhook-Signature": b64encode(signature).decode(),
        "X-Twilio-Email-Event-Webhook-Timestamp": timestamp,
    }
    return Post(path="/hooks/sendgrid", body=body, headers=headers)


def mailgun(at: datetime, event: object, key: str = MAILGUN_KEY) -> Post:
    timestamp, token = f"{at.timestamp():.0f}", "b" * 50
    signature = hmac.digest(key.encode(), f"{timestamp}{token}".encode(), "sha256").hex()
    signed = {"timestamp": timestamp, "token": token, "signature": signature}
    body = json.dumps({"signature": signed, "event-data": event}).encode()
    return Post(path="/hooks/mailgun", body=body, headers={"Content-Type": "application/json"})


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[Installation]:
    shown = SENDGRID_KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    settings = {
        "TOPTHREE_SENDER_ADDRESS": "letters@letters.example",
        "TOPTHREE_BOUNCE_ADDRESS": "bounces@letters.example",
        "TOPTHREE_SENDGRID_KEY": b64encode(shown).decode(),
        "TOPTHREE_MAILGUN_KEY": MAILGUN_KEY,
    }
    installation = install(tmp_path / "instance", database_url, **settings)
    installation.add_subscribers(ANN, "bob@school.example")
    yield installation
    dismantle(installation)


@pytest.fixture
def run_id(house: Installation) -> RunId:
    issue_id = house.schedule_approved_issue()
    return send_now(house.wiring, issue_id, house.add_editor("Sends", Role.PUBLISHER))


def message_id(house: Installation, run_id: RunId, to: str = ANN) -> str:
    with house.wiring.reading() as session:
        subscriber, run = find_subscriber_by_key(session, to), find_run(session, run_id)
    assert subscriber is not None
    assert run is not None
    domain = house.wiring.newsletter.domain
    return issue_message_id(run_id, subscriber.id, domain=domain, salt=run.salt)


def sender(house: Installation, run_id: RunId) -> str:
    with house.wiring.reading() as session:
        subscriber = find_subscriber_by_key(session, ANN)
    assert subscriber is not None
    return bounce_sender(house.wiring, run_id, subscriber.id)


def sendgrid_bounce(house: Installation, run_id: RunId, **changed: object) -> dict[str, object]:
    return {
        "event": "bounce",
        "type": "bounce",
        "email": ANN,
        "smtp-id": message_id(house, run_id),
        "status": "5.1.1",
        "reason": "550 5.1.1 The account that you tried to reach does not exist.",
        "sg_event_id": "one",
        **changed,
    }


def mailgun_failure(house: Installation, run_id: RunId, **changed: object) -> dict[str, object]:
    return {
        "event": "failed",
        "severity": "permanent",
        "reason": "bounce",
        "recipient": ANN,
        "envelope": {"sender": sender(house, run_id), "targets": ANN},
        "message": {"headers": {"message-id": message_id(house, run_id).strip("<>")}},
        "delivery-status": {"code": 550, "message": "5.1.1 no such user"},
        "id": "one",
        **changed,
    }


def post(house: Installation, posted: Post) -> TestResponse:
    return house.app.test_client().post(posted.path, data=posted.body, headers=posted.headers)


def history(house: Installation) -> SubscriberHistory:
    local, _, domain = ANN.partition("@")
    with house.wiring.reading() as session:
        return show_subscriber(session, EmailAddress(local=local, domain=domain))


def kinds(house: Installation) -> list[FeedbackKind]:
    with house.wiring.reading() as session:
        return list(session.scalars(select(FeedbackRow.kind)))


def assert_untouched(house: Installation) -> None:
    assert kinds(house) == []
    assert history(house).suppression is None
    assert history(house).status is SubscriptionStatus.CONFIRMED


@on_both_databases
def test_bounces_of_both_close_the_address_however_often_they_are_posted(
    house: Installation, run_id: RunId
) -> None:
    now = house.clock()
    posts = (
        sendgrid(now, sendgrid_bounce(house, run_id), sendgrid_bounce(house, run_id)),
        sendgrid(now + timedelta(seconds=9), sendgrid_bounce(house, run_id)),
        mailgun(now, mailgun_failure(house, run_id)),
    )

    assert [post(house, each).status_code for each in posts] == [200, 200, 200]
    assert history(house).suppression is SuppressionReason.HARD_BOUNCE
    assert kinds(house) == [FeedbackKind.HARD]


def test_complaints_of_both_end_the_subscription(house: Installation, run_id: RunId) -> None:
    now = house.clock()
    complaint = sendgrid_bounce(house, run_id, event="spamreport", type=None, reason=None)
    told_before = mailgun_failure(house, run_id, reason="suppress-complaint")

    for posted in (sendgrid(now, complaint), mailgun(now, told_before)):
        assert post(house, posted).status_code == 200
        assert history(house).status is SubscriptionStatus.ENDED
        assert history(house).suppression is SuppressionReason.COMPLAINT
    assert kinds(house) == [FeedbackKind.COMPLAINT]


def test_a_batch_with_one_bounce_among_many_deliveries_is_about_one_person(
    house: Installation, run_id: RunId
) -> None:
    delivered = sendgrid_bounce(house, run_id, event="delivered")
    odd: list[object] = [7, None, [], "event", {"event": {}}, {"event": "bounce"}]

    answer = post(house, sendgrid(house.clock(), delivered, *odd, sendgrid_bounce(house, run_id)))

    assert answer.status_code == 200
    assert kinds(house) == [FeedbackKind.HARD]


def test_a_message_id_counts_only_with_the_address_that_it_was_made_for(
    house: Installation, run_id: RunId
) -> None:
    of_another = message_id(house, run_id, "bob@school.example")
    events = (
        sendgrid_bounce(house, run_id, **{"smtp-id": of_another}),
        sendgrid_bounce(house, run_id, **{"smtp-id": "<made-up@letters.example>"}),
        sendgrid_bounce(house, run_id, email="nobody@school.example"),
        sendgrid_bounce(house, run_id, **{"smtp-id": None}),
    )

    assert post(house, sendgrid(house.clock(), *events)).status_code == 200

    assert_untouched(house)


@on_both_databases
def test_what_no_database_keeps_is_left_out_of_what_a_server_said(
    house: Installation, run_id: RunId
) -> None:
    event = sendgrid_bounce(house, run_id, reason="550 5.1.1 gone\0 \ud800 for good")

    assert post(house, sendgrid(house.clock(), event)).status_code == 200

    with house.wiring.reading() as session:
        assert session.scalar(select(FeedbackRow.said)) == "550 5.1.1 gone    for good"


def test_what_was_signed_long_ago_or_in_the_future_is_refused(
    house: Installation, run_id: RunId
) -> None:
    for late in (timedelta(days=-1, minutes=-1), timedelta(minutes=16)):
        at = house.clock() + late
        posts = (
            sendgrid(at, sendgrid_bounce(house, run_id)),
            mailgun(at, mailgun_failure(house, run_id)),
        )
        assert [post(house, each).status_code for each in posts] == [403, 403]
    assert_untouched(house)


def test_what_another_key_signed_changes_nothing(house: Installation, run_id: RunId) -> None:
    now, another = house.clock(), ec.generate_private_key(ec.SECP256R1())
    posts = (
        sendgrid(now, sendgrid_bounce(house, run_id), key=another),
        mailgun(now, mailgun_failure(house, run_id), key="another"),
    )

    answers = [post(house, each) for each in posts]

    assert [each.status_code for each in answers] == [403, 403]
    assert {each.text for each in answers} == {"This is not a report for us.\n"}
    assert_untouched(house)


def test_no_byte_of_what_sendgrid_signed_can_be_another(house: Installation, run_id: RunId) -> None:
    signed = sendgrid(house.clock(), sendgrid_bounce(house, run_id))

    for place in range(0, len(signed.body), 7):
        flipped = signed.body[:place] + bytes([signed.body[place] ^ 1]) + signed.body[place + 1 :]
        changed = Post(path=signed.path, body=flipped, headers=signed.headers)
        assert post(house, changed).status_code == 403
    assert_untouched(house)


def test_without_a_signature_that_can_be_read_sendgrid_is_refused(
    house: Installation, run_id: RunId
) -> None:
    signed = sendgrid(house.clock(), sendgrid_bounce(house, run_id))

    for key, value in product(signed.headers, [None, "", "*", "1e9", "9" * 30, "ü"]):
        headers = {**signed.headers, key: value}
        kept = {name: value for name, value in headers.items() if value is not None}
        answer = post(house, Post(path=signed.path, body=signed.body, headers=kept))
        assert (key, value, answer.status_code) == (key, value, 403)
    assert_untouched(house)


def test_whatever_is_posted_as_mailguns_without_its_signature_is_refused(
    house: Installation,
) -> None:
    bodies = (
        b"",
        b"[]",
        b"{}",
        b'{"signature": 7}',
        b'{"signature": {"timestamp": "soon", "token": "x", "signature": "\xc3\xbc"}}',
        b"[" * 100_000,
    )

    answers = [post(house, Post(path="/hooks/mailgun", body=body, headers={})) for body in bodies]

    assert {answer.status_code for answer in answers} == {403}


def test_a_time_that_is_none_is_refused_though_it_is_signed(
    house: Installation, run_id: RunId
) -> None:
    signature = hmac.digest(MAILGUN_KEY.encode(), b"soontoken", "sha256").hex()
    signed = {"timestamp": "soon", "token": "token", "signature": signature}
    event = mailgun_failure(house, run_id)
    body = json.dumps({"signature": signed, "event-data": event}).encode()

    assert post(house, Post(path="/hooks/mailgun", body=body, headers={})).status_code == 403
    assert_untouched(house)


def test_a_provider_whose_key_is_not_set_has_no_address_here(
    database_url: str, tmp_path: Path
) -> None:
    installation = install(tmp_path / "instance", database_url)

    for provider in ("sendgrid", "mailgun", "amazon-sns", "postmark", "%00"):
        posted = Post(path=f"/hooks/{provider}", body=b"[]", headers={})
        assert post(installation, posted).status_code == 404
    dismantle(installation)


@pytest.mark.parametrize(
    "key",
    [
        "letters",
        "TUZrdw==",
        # A key of the right form, and of another kind (RFC 8410).
        "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=",
    ],
)
def test_a_key_of_sendgrid_that_is_none_keeps_the_service_from_starting(
    database_url: str, tmp_path: Path, key: str
) -> None:
    with pytest.raises(SettingsError, match="TOPTHREE_SENDGRID_KEY is not the verification key"):
        install(tmp_path / "instance", database_url, TOPTHREE_SENDGRID_KEY=key)


def test_more_than_a_batch_of_a_provider_is_not_read(house: Installation) -> None:
    posted = Post(path="/hooks/sendgrid", body=b"x" * 2_000_000, headers={})

    assert post(house, posted).status_code == 413
