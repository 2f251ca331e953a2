"""Notices: sent soon, never twice without need, and closed when they are of no use any more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.support.faults import Fault, Phase
from tests.support.installation import Installation, dismantle, install
from tests.support.relay import Relay
from topthree.domain.editors.permission import Role
from topthree.domain.notice import NoticeStatus
from topthree.domain.subscribers.address import EmailAddress, without_addresses
from topthree.services.editors.sign_in import ask_to_sign_in
from topthree.services.installation.clean_up import clean_up
from topthree.services.notices.send_notices import send_notices
from topthree.services.subscribers.confirm_subscription import disown
from topthree.services.subscribers.subscribe import SignUp, subscribe
from topthree.store.notices.notices import NoticeRow
from topthree.store.subscribers.subscribers import find_subscriber_by_key, newest_subscription
from topthree.tokens import Purpose

ANN = EmailAddress(local="ann", domain="school.example")


@pytest.fixture
def house(database_url: str, tmp_path: Path, relay: Relay) -> Iterator[Installation]:
    installation = install(tmp_path / "instance", database_url, TOPTHREE_SMTP_URL=relay.url)
    yield installation
    dismantle(installation)


def ask(house: Installation, address: EmailAddress = ANN) -> None:
    with house.wiring.writing() as session:
        subscribe(session, SignUp(address=address, source="a test", ip="192.0.2.1"), house.clock())


def notices(house: Installation) -> list[tuple[NoticeStatus, str, str]]:
    with house.wiring.reading() as session:
        rows = session.scalars(select(NoticeRow).order_by(NoticeRow.id))
        return [(row.status, row.recipient, row.reply) for row in rows]


def test_a_notice_is_sent_once_and_its_address_forgotten(house: Installation, relay: Relay) -> None:
    ask(house)
    send_notices(house.wiring)
    send_notices(house.wiring)

    assert len(relay.accepted) == 1
    assert notices(house)[0][:2] == (NoticeStatus.SENT, "")


def test_what_the_relay_says_is_kept_without_the_address(house: Installation, relay: Relay) -> None:
    relay.add_fault(Fault(phase=Phase.RCPT, refuse="550 5.1.1 <ann@school.example>: no such user"))
    ask(house)

    send_notices(house.wiring)

    ((status, recipient, reply),) = notices(house)
    assert (status, recipient) == (NoticeStatus.FAILED, "")
    assert "5.1.1" in reply
    assert "ann@" not in reply


def test_an_address_in_any_words_is_masked() -> None:
    said = "550 <ann@school.example>: Recipient address rejected: (ben@x.example)"

    assert without_addresses(said) == (
        "550 <a•••@school.example>: Recipient address rejected: (b•••@x.example)"
    )


def test_a_confirmation_that_waits_is_not_sent_after_it_was_not_me(
    house: Installation, relay: Relay
) -> None:
    ask(house)
    with house.wiring.writing() as session:
        subscriber = find_subscriber_by_key(session, ANN.key)
        assert subscriber is not None
        subscription = newest_subscription(session, subscriber.id)
        assert subscription is not None
        token = house.wiring.tokens.sign(Purpose.DISOWN, subscription.id, house.clock())
        disown(session, house.wiring.tokens, token, house.clock())

    send_notices(house.wiring)

    assert not relay.accepted
    assert notices(house)[0][0] is NoticeStatus.FAILED


def test_a_notice_that_nobody_waits_for_any_more_is_closed(
    house: Installation, relay: Relay
) -> None:
    ask(house)
    relay.stop()
    send_notices(house.wiring)
    house.clock.advance(timedelta(hours=25))
    relay.start()

    send_notices(house.wiring)

    assert not relay.accepted
    assert notices(house)[0][0] is NoticeStatus.FAILED


def test_a_sign_in_link_is_not_sent_after_it_has_expired(house: Installation, relay: Relay) -> None:
    house.add_editor("Eve", Role.EDITOR)
    with house.wiring.writing() as session:
        address = EmailAddress(local="eve", domain="desk.example")
        ask_to_sign_in(session, address, "127.0.0.1", house.clock())
    house.clock.advance(timedelta(minutes=16))

    send_notices(house.wiring)

    assert not relay.accepted


def test_a_relay_that_was_away_gets_every_notice_when_it_is_back(
    house: Installation, relay: Relay
) -> None:
    others = [EmailAddress(local=f"teacher-{n}", domain="school.example") for n in range(5)]
    for address in others:
        ask(house, address)
    relay.stop()
    send_notices(house.wiring)
    assert send_notices(house.wiring) == 0, "The relay is left alone for a while."
    relay.start()
    house.clock.advance(timedelta(seconds=31))

    send_notices(house.wiring)

    assert len(relay.accepted) == len(others)


def test_a_notice_that_cannot_be_made_holds_no_other(house: Installation, relay: Relay) -> None:
    ask(house)
    ask(house, EmailAddress(local="ben", domain="school.example"))
    with house.wiring.writing() as session:
        first = session.scalars(select(NoticeRow).order_by(NoticeRow.id).limit(1)).one()
        first.recipient = "two@school.example, others@school.example"

    send_notices(house.wiring)

    assert [message.recipients for message in relay.accepted] == [("ben@school.example",)]
    assert notices(house)[0][0] is NoticeStatus.FAILED


def test_notices_are_forgotten_after_a_month(house: Installation) -> None:
    ask(house)
    send_notices(house.wiring)
    house.clock.advance(timedelta(days=32))

    clean_up(house.wiring)

    assert notices(house) == []
