"""Two people, or two clicks, at the same moment: one is first, and nothing is lost or doubled."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from tests.support.installation import Installation, complete_content
from topthree.domain.address import EmailAddress
from topthree.domain.permission import Role
from topthree.domain.subscription import ConsentKind
from topthree.services.compose_issue import ChangedMeanwhile, Save, create_issue, save_issue
from topthree.services.confirm_subscription import confirm_by_link
from topthree.services.read_desk import read_issue
from topthree.services.report_subscribers import show_subscriber
from topthree.services.sign_in import LinkUsed, make_sign_in_token, sign_in_by_link
from topthree.services.subscribe import SignUp, subscribe
from topthree.store.subscribers import find_subscriber_by_key, newest_subscription
from topthree.tokens import Purpose

ANN = EmailAddress(local="ann", domain="school.example")
HANDS = 6


def at_once(act: Callable[[int], None]) -> list[BaseException]:
    """Do it with several hands together and return what went wrong."""
    together = threading.Barrier(HANDS)
    errors: list[BaseException] = []

    def hand(number: int) -> None:
        together.wait()
        try:
            act(number)
        except Exception as error:  # noqa: BLE001 - the test looks at each
            errors.append(error)

    threads = [threading.Thread(target=hand, args=(number,)) for number in range(HANDS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_the_same_new_address_typed_six_times_together_is_one_subscriber_and_one_message(
    installation: Installation,
) -> None:
    def ask(number: int) -> None:
        with installation.wiring.writing() as session:
            sign_up = SignUp(address=ANN, source="a test", ip=f"198.51.{number}.1")
            subscribe(session, sign_up, installation.clock())

    assert at_once(ask) == []
    assert len(installation.outbox()) == 1
    with installation.wiring.reading() as session:
        assert len(show_subscriber(session, ANN).consent) == 1


def test_confirming_six_times_together_is_recorded_once(installation: Installation) -> None:
    now = installation.clock()
    with installation.wiring.writing() as session:
        subscribe(session, SignUp(address=ANN, source="a test", ip="127.0.0.1"), now)
    with installation.wiring.reading() as session:
        subscriber = find_subscriber_by_key(session, ANN.key)
        assert subscriber is not None
        subscription = newest_subscription(session, subscriber.id)
        assert subscription is not None
        token = installation.wiring.tokens.sign(Purpose.CONFIRM, subscription.id, now)

    def confirm(_number: int) -> None:
        with installation.wiring.writing() as session:
            confirm_by_link(session, installation.wiring.tokens, token, now)

    assert at_once(confirm) == []
    with installation.wiring.reading() as session:
        steps = [step.kind for step in show_subscriber(session, ANN).consent]
    assert steps == [ConsentKind.REQUESTED, ConsentKind.CONFIRMED_BY_LINK]


def test_a_sign_in_link_used_six_times_together_lets_one_in(installation: Installation) -> None:
    editor = installation.add_editor("Eve", Role.EDITOR)
    address = EmailAddress(local="eve", domain="desk.example")
    tokens = installation.wiring.tokens
    with installation.wiring.writing() as session:
        token = make_sign_in_token(session, tokens, address, installation.clock())
    let_in: list[str] = []

    def sign_in(_number: int) -> None:
        with installation.wiring.writing() as session:
            let_in.append(sign_in_by_link(session, tokens, token, installation.clock()).editor.name)

    errors = at_once(sign_in)
    assert let_in == [editor.name]
    assert {type(error) for error in errors} == {LinkUsed}


def test_of_six_editors_who_save_together_one_is_first_and_the_others_are_told(
    installation: Installation,
) -> None:
    editor = installation.add_editor("Eve", Role.EDITOR)
    with installation.wiring.writing() as session:
        issue = create_issue(session, complete_content(), editor, installation.clock())

    def save(number: int) -> None:
        content = replace(complete_content(), subject=f"Version of hand {number}")
        with installation.wiring.writing() as session:
            mine = Save(issue_id=issue.id, version=issue.version, content=content)
            save_issue(session, mine, editor, installation.clock())

    errors = at_once(save)
    with installation.wiring.reading() as session:
        kept = read_issue(session, issue.id)
    assert [type(error) for error in errors] == [ChangedMeanwhile] * (HANDS - 1)
    assert kept.version == 2
    assert kept.content.subject.startswith("Version of hand")
