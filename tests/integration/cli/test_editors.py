"""Editors, at the terminal."""

from __future__ import annotations

from tests.integration.cli.conftest import Terminal
from topthree.services.sign_in import sign_in_by_link


def test_who_was_added_is_listed_and_can_sign_in_once(terminal: Terminal) -> None:
    wiring = terminal.launcher.wiring()
    terminal.output("editors", "add", "Maria@desk.example", "--name", "Maria", "--role", "editor")

    link = terminal.output("editors", "sign-in-link", "maria@desk.example").strip()

    assert terminal.json("editors", "list") == [
        {"id": 1, "name": "Maria", "address": "Maria@desk.example", "role": "editor"}
    ]
    token = link.removeprefix(wiring.newsletter.sign_in_url("")[:-1]).strip("/")
    with wiring.writing() as session:
        signed_in = sign_in_by_link(session, wiring.tokens, token, wiring.clock())
    assert signed_in.editor.name == "Maria"


def test_who_is_an_editor_already_is_not_added_again(terminal: Terminal) -> None:
    terminal.output("editors", "add", "maria@desk.example", "--name", "Maria")

    said = terminal.refusal("editors", "add", "MARIA@desk.example", "--name", "Another")

    assert "Maria, a writer, already" in said


def test_there_is_no_link_for_who_is_no_editor(terminal: Terminal) -> None:
    assert "nobody at the desk" in terminal.refusal("editors", "sign-in-link", "x@desk.example")


def test_without_editors_the_list_says_how_to_add_the_first(terminal: Terminal) -> None:
    assert "topthree editors add" in terminal.output("editors", "list")


def test_who_was_removed_is_not_listed_any_more_and_can_be_added_again(terminal: Terminal) -> None:
    terminal.output("editors", "add", "maria@desk.example", "--name", "Maria")

    said = terminal.output("editors", "remove", "MARIA@desk.example")

    assert "Maria is not at the desk any more" in said
    assert terminal.json("editors", "list") == []
    assert "nobody at the desk" in terminal.refusal("editors", "remove", "maria@desk.example")
    terminal.output("editors", "add", "maria@desk.example", "--name", "Maria")


def test_the_last_publisher_is_not_removed(terminal: Terminal) -> None:
    terminal.output("editors", "add", "pat@desk.example", "--name", "Pat", "--role", "publisher")

    said = terminal.refusal("editors", "remove", "pat@desk.example")

    assert "Pat is the last publisher. Add another one first." in said
