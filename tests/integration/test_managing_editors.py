"""Editors come and go: at once, and never so that the desk is left without a publisher."""

from __future__ import annotations

import threading

import pytest

from tests.support.installation import Installation
from topthree.domain.address import EmailAddress
from topthree.domain.permission import Role
from topthree.domain.refusal import Conflict, NotAllowed, NotFound, Refusal
from topthree.services.manage_editors import add_editor, list_editors, remove_editor
from topthree.services.sign_in import (
    EditorView,
    LinkUsed,
    find_signed_in,
    look_at_sign_in,
    make_sign_in_token,
    sign_in_by_link,
)

WANDA = EmailAddress(local="wanda", domain="desk.example")


@pytest.fixture
def publisher(installation: Installation) -> EditorView:
    return installation.add_editor("Pat", Role.PUBLISHER)


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


def test_who_is_removed_is_signed_out_and_cannot_come_in_again(
    installation: Installation, publisher: EditorView, writer: EditorView
) -> None:
    tokens, now = installation.wiring.tokens, installation.clock()
    used, unused = token_for_wanda(installation), token_for_wanda(installation)
    with installation.wiring.writing() as session:
        secret = sign_in_by_link(session, tokens, used, now).secret

    remove(installation, writer, publisher)

    assert names(installation) == ["Pat"]
    with installation.wiring.reading() as session:
        assert find_signed_in(session, secret, now) is None
        with pytest.raises(LinkUsed):
            look_at_sign_in(session, tokens, unused, now)


def test_who_is_brought_back_starts_without_the_sessions_and_links_of_before(
    installation: Installation, publisher: EditorView, writer: EditorView
) -> None:
    tokens, now = installation.wiring.tokens, installation.clock()
    used, unused = token_for_wanda(installation), token_for_wanda(installation)
    with installation.wiring.writing() as session:
        secret = sign_in_by_link(session, tokens, used, now).secret
    remove(installation, writer, publisher)

    with installation.wiring.writing() as session:
        back = add_editor(session, WANDA, "Wanda", Role.EDITOR, now)

    assert (back.id, back.role) == (writer.id, Role.EDITOR)
    with installation.wiring.reading() as session:
        assert find_signed_in(session, secret, now) is None
        with pytest.raises(LinkUsed):
            look_at_sign_in(session, tokens, unused, now)


def test_nobody_removes_themselves(installation: Installation, publisher: EditorView) -> None:
    installation.add_editor("Second", Role.PUBLISHER)

    with pytest.raises(Conflict, match="Nobody removes themselves"):
        remove(installation, publisher, publisher)


def test_the_last_publisher_stays(
    installation: Installation, publisher: EditorView, writer: EditorView
) -> None:
    with pytest.raises(Conflict, match="Pat is the last publisher"):
        remove(installation, publisher, None)
    assert writer.name in names(installation)


@pytest.mark.parametrize("role", [Role.WRITER, Role.EDITOR])
def test_only_a_publisher_removes_anybody(
    installation: Installation, publisher: EditorView, role: Role
) -> None:
    other = installation.add_editor("Other", role)

    with pytest.raises(NotAllowed, match="Ask a publisher"):
        remove(installation, publisher, other)


def test_who_is_gone_cannot_be_removed_again(
    installation: Installation, publisher: EditorView, writer: EditorView
) -> None:
    remove(installation, writer, publisher)

    with pytest.raises(NotFound, match="not at the desk any more"):
        remove(installation, writer, publisher)


def test_of_two_publishers_who_remove_each_other_one_stays(
    installation: Installation, publisher: EditorView
) -> None:
    second = installation.add_editor("Second", Role.PUBLISHER)
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
        for pair in ((publisher, second), (second, publisher))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(names(installation)) == 1
    assert [type(error) for error in refused] == [NotAllowed]
