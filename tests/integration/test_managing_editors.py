"""Editors come and go: at once, and never so that the desk is left without an administrator."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import timedelta

import pytest

from tests.support.desk_session import let_in
from tests.support.installation import Installation
from topthree.domain.editors.permission import Role
from topthree.domain.refusal import Conflict, NotAllowed, NotFound, Refusal
from topthree.domain.subscribers.address import EmailAddress
from topthree.services.editors.desk_sessions import find_signed_in
from topthree.services.editors.invite_editor import invite_editor
from topthree.services.editors.manage_editors import (
    Newcomer,
    add_editor,
    change_role,
    list_editors,
    remove_editor,
)
from topthree.services.editors.sign_in import (
    LinkUsed,
    look_at_sign_in,
    make_sign_in_token,
    sign_in_by_code,
    sign_in_by_link,
)
from topthree.services.identity.editor_view import EditorView
from topthree.tokens import Purpose

WANDA = EmailAddress(local="wanda", domain="desk.example")


@pytest.fixture
def administrator(installation: Installation) -> EditorView:
    return installation.add_editor("Pat", Role.ADMINISTRATOR)


@pytest.fixture
def writer(installation: Installation) -> EditorView:
    return installation.add_editor("Wanda", Role.WRITER)


def remove(installation: Installation, editor: EditorView, remover: EditorView | None) -> None:
    with installation.wiring.writing() as session:
        remove_editor(session, editor.id, remover, installation.clock())


def names(installation: Installation) -> list[str]:
    with installation.wiring.reading() as session:
        return [editor.name for editor in list_editors(session)]


def token_for_wanda(installation: Installation) -> str:
    wiring = installation.wiring
    with wiring.writing() as session:
        return make_sign_in_token(session, wiring.tokens, WANDA, installation.clock())


def is_signed_in(installation: Installation, secret: str) -> bool:
    with installation.wiring.reading() as session:
        return find_signed_in(session, secret, installation.clock()) is not None


def owner_of(installation: Installation, link: str) -> str:
    """Whom the link would sign in; empty if it is of no use any more."""
    tokens = installation.wiring.tokens
    with installation.wiring.reading() as session, suppress(LinkUsed):
        return look_at_sign_in(session, tokens, link, installation.clock()).name
    return ""


def test_who_is_removed_is_signed_out_and_cannot_come_in_again(
    installation: Installation, administrator: EditorView, writer: EditorView
) -> None:
    secret, link = let_in(installation, writer), token_for_wanda(installation)

    remove(installation, writer, administrator)

    assert names(installation) == ["Pat"]
    assert not is_signed_in(installation, secret)
    assert owner_of(installation, link) == ""


def test_who_is_brought_back_starts_without_the_sessions_and_links_of_before(
    installation: Installation, administrator: EditorView, writer: EditorView
) -> None:
    secret, link = let_in(installation, writer), token_for_wanda(installation)
    remove(installation, writer, administrator)

    with installation.wiring.writing() as session:
        newcomer = Newcomer(address=WANDA, name="Wanda", role=Role.EDITOR)
        back = add_editor(session, newcomer, administrator, installation.clock())

    assert (back.id, back.role) == (writer.id, Role.EDITOR)
    assert not is_signed_in(installation, secret)
    assert owner_of(installation, link) == ""


def test_nobody_removes_themselves(installation: Installation, administrator: EditorView) -> None:
    installation.add_editor("Second", Role.ADMINISTRATOR)

    with pytest.raises(Conflict, match="Nobody removes themselves"):
        remove(installation, administrator, administrator)


def test_the_last_administrator_stays(
    installation: Installation, administrator: EditorView, writer: EditorView
) -> None:
    with pytest.raises(Conflict, match="Pat is the last administrator"):
        remove(installation, administrator, None)
    assert writer.name in names(installation)


@pytest.mark.parametrize("role", [Role.WRITER, Role.EDITOR, Role.PUBLISHER])
def test_only_an_administrator_removes_anybody(
    installation: Installation, administrator: EditorView, role: Role
) -> None:
    other = installation.add_editor("Other", role)

    with pytest.raises(NotAllowed, match="Ask an administrator"):
        remove(installation, administrator, other)


def test_who_is_gone_cannot_be_removed_again(
    installation: Installation, administrator: EditorView, writer: EditorView
) -> None:
    remove(installation, writer, administrator)

    with pytest.raises(NotFound, match="not at the desk any more"):
        remove(installation, writer, administrator)


def test_of_two_administrators_who_remove_each_other_one_stays(
    installation: Installation, administrator: EditorView
) -> None:
    second = installation.add_editor("Second", Role.ADMINISTRATOR)
    together = threading.Barrier(2)
    refused: list[Refusal] = []

    def act(editor: EditorView, remover: EditorView) -> None:
        together.wait()
        try:
            remove(installation, editor, remover)
        except Refusal as error:
            refused.append(error)

    threads = [
        threading.Thread(target=act, args=pair)
        for pair in ((administrator, second), (second, administrator))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(names(installation)) == 1
    assert [type(error) for error in refused] == [NotAllowed]


def give_role(
    installation: Installation, editor: EditorView, role: Role, changer: EditorView | None
) -> None:
    with installation.wiring.writing() as session:
        change_role(session, editor.id, role, changer, installation.clock())


def test_another_role_ends_the_sessions_and_links_of_that_person(
    installation: Installation, administrator: EditorView, writer: EditorView
) -> None:
    secret, link = let_in(installation, writer), token_for_wanda(installation)

    give_role(installation, writer, Role.EDITOR, administrator)

    assert not is_signed_in(installation, secret)
    assert owner_of(installation, link) == ""


def test_the_role_that_one_has_already_ends_nothing(
    installation: Installation, administrator: EditorView, writer: EditorView
) -> None:
    secret, link = let_in(installation, writer), token_for_wanda(installation)

    give_role(installation, writer, Role.WRITER, administrator)

    assert is_signed_in(installation, secret)
    assert owner_of(installation, link) == "Wanda"


def test_the_last_administrator_keeps_that_role(
    installation: Installation, administrator: EditorView, writer: EditorView
) -> None:
    with pytest.raises(Conflict, match="Pat is the last administrator"):
        give_role(installation, administrator, Role.PUBLISHER, None)
    give_role(installation, writer, Role.ADMINISTRATOR, administrator)
    give_role(installation, administrator, Role.PUBLISHER, None)


def test_nobody_changes_their_own_role(
    installation: Installation, administrator: EditorView
) -> None:
    installation.add_editor("Second", Role.ADMINISTRATOR)

    with pytest.raises(Conflict, match="Nobody changes what they may do themselves"):
        give_role(installation, administrator, Role.PUBLISHER, administrator)


def test_of_two_administrators_who_demote_each_other_one_stays(
    installation: Installation, administrator: EditorView
) -> None:
    second = installation.add_editor("Second", Role.ADMINISTRATOR)
    give_role(installation, second, Role.WRITER, administrator)

    # The value in hand is of before: the database says what holds.
    with pytest.raises(NotAllowed, match="not an administrator any more"):
        give_role(installation, administrator, Role.WRITER, second)


def test_an_invitation_lets_in_once_within_a_week_and_has_no_code(
    installation: Installation, administrator: EditorView, writer: EditorView
) -> None:
    with installation.wiring.writing() as session:
        invite_editor(session, writer.id, administrator, installation.clock())
    (message,) = installation.outbox()
    token = message.text.partition("/desk/sign-in/")[2].partition("/")[0]
    tokens = installation.wiring.tokens
    installation.clock.advance(timedelta(days=6, hours=23))

    with installation.wiring.writing() as session:
        by_code = sign_in_by_code(
            session, tokens, WANDA, tokens.code(Purpose.SIGN_IN, 1), installation.clock()
        )
        admitted = sign_in_by_link(session, tokens, token, installation.clock())

    assert "Pat asks you to work on" in message.text
    assert (by_code, admitted.editor.name) == (None, "Wanda")
    with installation.wiring.writing() as session, pytest.raises(LinkUsed):
        sign_in_by_link(session, tokens, token, installation.clock())


def test_a_second_invitation_voids_the_first_and_a_week_ends_both(
    installation: Installation, administrator: EditorView, writer: EditorView
) -> None:
    links = []
    for _ in range(2):
        with installation.wiring.writing() as session:
            invite_editor(session, writer.id, administrator, installation.clock())
        text = installation.outbox()[0].text
        links.append(text.partition("/desk/sign-in/")[2].partition("/")[0])
        installation.clock.advance(timedelta(minutes=1))

    soon = [owner_of(installation, link) for link in links]
    installation.clock.advance(timedelta(days=7))
    later = [owner_of(installation, link) for link in links]

    assert (soon, later) == (["", "Wanda"], ["", ""])


def test_who_has_come_in_is_not_invited_again(
    installation: Installation, administrator: EditorView, writer: EditorView
) -> None:
    let_in(installation, writer)

    with (
        installation.wiring.writing() as session,
        pytest.raises(Conflict, match="has been here already"),
    ):
        invite_editor(session, writer.id, administrator, installation.clock())
