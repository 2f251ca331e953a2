"""Subscribing and leaving leave a history; limits hold; nothing else may stand in for consent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.support.installation import Installation
from topthree.domain.refusal import NotFound
from topthree.domain.subscribers.address import EmailAddress
from topthree.domain.subscribers.subscription import (
    ConsentKind,
    SubscriptionStatus,
    SuppressionReason,
)
from topthree.services.installation.clean_up import clean_up
from topthree.services.subscribers.confirm_subscription import (
    LinkState,
    TypedCode,
    confirm_by_code,
    confirm_by_link,
    disown,
    look_at_confirmation,
)
from topthree.services.subscribers.report_subscribers import show_subscriber
from topthree.services.subscribers.subscribe import SignUp, subscribe
from topthree.services.subscribers.unsubscribe import undo_leaving, unsubscribe
from topthree.store.subscribers.subscribers import (
    SuppressionRow,
    find_subscriber_by_key,
    newest_subscription,
)
from topthree.tokens import Purpose

ANN = EmailAddress(local="Ann", domain="school.example")


def ask(installation: Installation, address: EmailAddress = ANN, ip: str = "192.0.2.7") -> None:
    with installation.wiring.writing() as session:
        sign_up = SignUp(address=address, source="form on the first page", ip=ip)
        subscribe(session, sign_up, installation.clock())


def ids(installation: Installation) -> tuple[int, int]:
    """Ann's subscriber and newest subscription."""
    with installation.wiring.reading() as session:
        subscriber = find_subscriber_by_key(session, ANN.key)
        assert subscriber is not None
        subscription = newest_subscription(session, subscriber.id)
        assert subscription is not None
        return subscriber.id, subscription.id


def token(installation: Installation, purpose: Purpose, subject: int) -> str:
    return installation.wiring.tokens.sign(purpose, subject, installation.clock())


def confirm(installation: Installation) -> LinkState:
    link = token(installation, Purpose.CONFIRM, ids(installation)[1])
    with installation.wiring.writing() as session:
        now = installation.clock()
        return confirm_by_link(session, installation.wiring.tokens, link, now).state


def type_code(installation: Installation, code: str) -> bool:
    with installation.wiring.writing() as session:
        now = installation.clock()
        typed = TypedCode(address=ANN, code=code, ip="192.0.2.7")
        return confirm_by_code(session, installation.wiring.tokens, typed, now)


def leave(installation: Installation, *, by_one_click: bool = False) -> str:
    link = token(installation, Purpose.UNSUBSCRIBE, ids(installation)[0])
    with installation.wiring.writing() as session:
        tokens, now = installation.wiring.tokens, installation.clock()
        return unsubscribe(session, tokens, link, by_one_click=by_one_click, now=now).undo_token


def come_back(installation: Installation, undo_token: str) -> bool:
    with installation.wiring.writing() as session:
        now = installation.clock()
        return undo_leaving(session, installation.wiring.tokens, undo_token, now).is_subscribed


def status(installation: Installation) -> SubscriptionStatus:
    with installation.wiring.reading() as session:
        return show_subscriber(session, ANN).status


def history(installation: Installation) -> list[ConsentKind]:
    with installation.wiring.reading() as session:
        return [step.kind for step in show_subscriber(session, ANN).consent]


def test_each_step_is_recorded_once_in_order(installation: Installation) -> None:
    ask(installation)
    confirm(installation)
    confirm(installation)
    undo = leave(installation)
    leave(installation, by_one_click=True)
    come_back(installation, undo)
    leave(installation, by_one_click=True)

    assert history(installation) == [
        ConsentKind.REQUESTED,
        ConsentKind.CONFIRMED_BY_LINK,
        ConsentKind.LEFT,
        ConsentKind.CAME_BACK,
        ConsentKind.LEFT_BY_ONE_CLICK,
    ]


@pytest.mark.parametrize(
    "statement", ["UPDATE consent_records SET source = ''", "DELETE FROM consent_records"]
)
def test_the_database_refuses_to_rewrite_the_record(
    installation: Installation, statement: str
) -> None:
    ask(installation)

    with (
        pytest.raises(DBAPIError, match="only ever added to"),
        installation.wiring.writing() as session,
    ):
        session.execute(text(statement))
    assert history(installation) == [ConsentKind.REQUESTED]


def test_an_old_confirmation_does_not_bring_back_who_left(installation: Installation) -> None:
    ask(installation)
    old = token(installation, Purpose.CONFIRM, ids(installation)[1])
    confirm(installation)
    leave(installation)

    with installation.wiring.writing() as session:
        view = confirm_by_link(session, installation.wiring.tokens, old, installation.clock())

    assert view.state is LinkState.UNKNOWN
    assert status(installation) is SubscriptionStatus.ENDED


def test_subscribing_again_after_leaving_takes_a_new_confirmation(
    installation: Installation,
) -> None:
    ask(installation)
    confirm(installation)
    leave(installation)
    installation.clock.advance(timedelta(days=1))

    ask(installation)
    before = status(installation)
    confirm(installation)

    assert before is SubscriptionStatus.PENDING
    assert status(installation) is SubscriptionStatus.CONFIRMED


def test_a_confirmation_link_expires_after_seven_days(installation: Installation) -> None:
    ask(installation)
    link = token(installation, Purpose.CONFIRM, ids(installation)[1])
    installation.clock.advance(timedelta(days=7, seconds=1))

    with installation.wiring.reading() as session:
        view = look_at_confirmation(session, installation.wiring.tokens, link, installation.clock())

    assert view.state is LinkState.EXPIRED


def test_the_six_digits_confirm(installation: Installation) -> None:
    ask(installation)
    code = installation.wiring.tokens.code(Purpose.CONFIRM, ids(installation)[1])

    assert type_code(installation, f"{code[:3]} {code[3:]}")
    assert history(installation)[-1] is ConsentKind.CONFIRMED_BY_CODE


def test_after_ten_wrong_codes_the_right_one_is_refused_and_the_link_still_works(
    installation: Installation,
) -> None:
    ask(installation)
    code = installation.wiring.tokens.code(Purpose.CONFIRM, ids(installation)[1])
    wrong = str((int(code) + 1) % 1_000_000).zfill(6)

    for _ in range(10):
        assert not type_code(installation, wrong)

    assert not type_code(installation, code)
    assert confirm(installation) is LinkState.DONE


def test_asking_again_makes_a_fresh_code_and_a_fresh_month(installation: Installation) -> None:
    ask(installation)
    installation.clock.advance(timedelta(days=29))
    ask(installation)
    code = installation.wiring.tokens.code(Purpose.CONFIRM, ids(installation)[1])
    installation.clock.advance(timedelta(days=2))

    assert clean_up(installation.wiring) == 0
    assert type_code(installation, code)
    assert history(installation) == [
        ConsentKind.REQUESTED,
        ConsentKind.REQUESTED,
        ConsentKind.CONFIRMED_BY_CODE,
    ]


def test_leaving_can_be_undone_for_thirty_days_and_not_by_an_older_letter(
    installation: Installation,
) -> None:
    ask(installation)
    confirm(installation)
    leave(installation)
    installation.clock.advance(timedelta(days=29))
    within = leave(installation)
    installation.clock.advance(timedelta(days=2))

    assert within
    assert leave(installation) == ""
    assert not come_back(installation, within)
    assert status(installation) is SubscriptionStatus.ENDED


def test_one_network_may_guess_sixty_codes_an_hour(installation: Installation) -> None:
    ask(installation)
    code = installation.wiring.tokens.code(Purpose.CONFIRM, ids(installation)[1])
    other = EmailAddress(local="someone", domain="school.example")
    for _ in range(60):
        with installation.wiring.writing() as session:
            typed = TypedCode(address=other, code="000000", ip="192.0.2.7")
            confirm_by_code(session, installation.wiring.tokens, typed, installation.clock())

    assert not type_code(installation, code)
    installation.clock.advance(timedelta(hours=1, seconds=1))
    assert type_code(installation, code)


def test_two_hundred_uses_of_the_form_send_one_victim_at_most_three_messages_a_day(
    installation: Installation,
) -> None:
    for number in range(200):
        ask(installation, ip=f"198.51.{number}.1")
        installation.clock.advance(timedelta(minutes=7))

    assert len(installation.outbox()) == 3


def test_one_network_gets_at_most_twenty_messages_sent_in_an_hour(
    installation: Installation,
) -> None:
    for number in range(40):
        address = EmailAddress(local=f"teacher-{number}", domain="school.example")
        ask(installation, address, ip=f"198.51.100.{number}")

    assert len(installation.outbox()) == 20


def test_a_confirmed_teacher_who_asks_again_is_told_that_all_is_well(
    installation: Installation,
) -> None:
    ask(installation)
    confirm(installation)
    installation.clock.advance(timedelta(hours=1))

    ask(installation)

    newest = installation.outbox()[0]
    assert "/c/" not in newest.text
    assert status(installation) is SubscriptionStatus.CONFIRMED


def test_who_says_it_was_not_them_is_never_written_to_again(installation: Installation) -> None:
    ask(installation)
    link = token(installation, Purpose.DISOWN, ids(installation)[1])
    with installation.wiring.writing() as session:
        disown(session, installation.wiring.tokens, link, installation.clock())
    sent = len(installation.outbox())
    installation.clock.advance(timedelta(days=2))

    ask(installation)

    assert len(installation.outbox()) == sent
    assert history(installation)[-1] is ConsentKind.DISOWNED


def test_a_fresh_confirmation_lifts_a_hard_bounce(installation: Installation) -> None:
    ask(installation)
    with installation.wiring.writing() as session:
        subscriber = find_subscriber_by_key(session, ANN.key)
        assert subscriber is not None
        reason = SuppressionReason.HARD_BOUNCE
        session.add(
            SuppressionRow(
                address_hash=subscriber.address_hash, reason=reason, at=installation.clock()
            )
        )

    confirm(installation)

    with installation.wiring.reading() as session:
        assert show_subscriber(session, ANN).suppression is None


def test_an_address_that_was_never_confirmed_is_erased_after_thirty_days(
    installation: Installation,
) -> None:
    ask(installation)
    installation.clock.advance(timedelta(days=30, seconds=1))

    assert clean_up(installation.wiring) == 1

    with installation.wiring.reading() as session, pytest.raises(NotFound):
        show_subscriber(session, ANN)
    assert clean_up(installation.wiring) == 0


def test_who_once_was_a_subscriber_keeps_a_history_when_a_new_request_expires(
    installation: Installation,
) -> None:
    ask(installation)
    confirm(installation)
    leave(installation)
    installation.clock.advance(timedelta(days=1))
    ask(installation)
    installation.clock.advance(timedelta(days=31))

    clean_up(installation.wiring)

    assert history(installation)[-1] is ConsentKind.EXPIRED
    assert status(installation) is SubscriptionStatus.ENDED
