"""Editors, at the terminal."""

from __future__ import annotations

from tests.integration.cli.conftest import Terminal
from topthree.services.editors.sign_in import sign_in_by_link


def test_who_was_added_is_listed_and_can_sign_in_once(terminal: Terminal) -> None:
    wiring = terminal.launcher.wiring()
    terminal.output("editors", "add", "Maria@desk.example", "--name", "Maria", "--role", "editor")

    link = terminal.output("editors", "sign-in-link", "maria@desk.example").strip()

    assert terminal.json("editors", "list") == [
        {
            "id": 1,
            "name": "Maria",
            "address": "Maria@desk.example",
            "role": "editor",
            "last_seen_at": None,
        }
    ]
    token = link.removeprefix(wiring.newsletter.sign_in_url("")[:-1]).strip("/")
    with wiring.writing() as session:
        signed_in = sign_in_by_link(session, wiring.tokens, token, wiring.clock())
    assert signed_in.editor.name == "Maria"


def test_who_is_an_editor_already_is_not_added_again(terminal: Terminal) -> None:
    terminal.output("editors", "add", "maria@desk.example", "--name", "Maria")

    said = terminal.refusal("editors", "add", "MARIA@desk.example", "--name", "Another")

    assert "Maria, an administrator, already" in said


def test_there_is_no_link_for_who_is_no_editor(terminal: Terminal) -> None:
    assert "nobody at the desk" in terminal.refusal("editors", "sign-in-link", "x@desk.example")


def test_without_editors_the_list_says_how_to_add_the_first(terminal: Terminal) -> None:
    assert "topthree editors add" in terminal.output("editors", "list")


def test_who_was_removed_is_not_listed_any_more_and_can_be_added_again(terminal: Terminal) -> None:
    terminal.output("editors", "add", "pat@desk.example", "--name", "Pat")
    terminal.output("editors", "add", "maria@desk.example", "--name", "Maria")

    said = terminal.output("editors", "remove", "MARIA@desk.example")

    assert "Maria is not at the desk any more" in said
    assert [each["name"] for each in listed(terminal)] == ["Pat"]
    assert "nobody at the desk" in terminal.refusal("editors", "remove", "maria@desk.example")
    terminal.output("editors", "add", "maria@desk.example", "--name", "Maria")


def listed(terminal: Terminal) -> list[dict[str, object]]:
    found = terminal.json("editors", "list")
    assert isinstance(found, list)
    return found


def test_the_first_who_is_added_is_an_administrator_and_the_next_a_writer(
    terminal: Terminal,
) -> None:
    first = terminal.output("editors", "add", "pat@desk.example", "--name", "Pat")
    second = terminal.output("editors", "add", "wes@desk.example", "--name", "Wes")

    assert "Pat is at the desk now, as an administrator." in first
    assert "Wes is at the desk now, as a writer." in second


def test_a_role_is_changed_at_the_terminal(terminal: Terminal) -> None:
    terminal.output("editors", "add", "pat@desk.example", "--name", "Pat")
    terminal.output("editors", "add", "wes@desk.example", "--name", "Wes")

    said = terminal.output("editors", "role", "wes@desk.example", "publisher")

    assert said == "Wes is a publisher now.\n"
    assert [each["role"] for each in listed(terminal)] == ["administrator", "publisher"]


def test_whoever_is_added_may_be_invited_by_mail(terminal: Terminal) -> None:
    said = terminal.output("editors", "add", "pat@desk.example", "--name", "Pat", "--invite")

    (message,) = terminal.launcher.installation.outbox()
    assert "A message to pat@desk.example is on its way." in said
    assert "You are asked to work on" in message.text


def test_the_last_administrator_is_not_removed(terminal: Terminal) -> None:
    terminal.output("editors", "add", "pat@desk.example", "--name", "Pat")

    said = terminal.refusal("editors", "remove", "pat@desk.example")

    assert "Pat is the last administrator. Make another one first." in said
