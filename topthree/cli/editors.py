"""Commands about the people at the desk."""

from __future__ import annotations

import click

from topthree.cli.launcher import Launcher
from topthree.cli.parameters import address, json_option
from topthree.cli.printing import print_listing
from topthree.domain.address import EmailAddress
from topthree.domain.permission import Role
from topthree.domain.refusal import NotFound
from topthree.mail.address_syntax import parse_address
from topthree.services.manage_editors import add_editor, list_editors, remove_editor
from topthree.services.sign_in import EditorView, make_sign_in_token

_COLUMNS = {"name": "Name", "address": "Address", "role": "Role"}


@click.group()
def editors() -> None:
    """Look after who works at the desk."""


@editors.command()
@click.argument("who", metavar="ADDRESS", type=address)
@click.option("--name", required=True, help="How the editor is called.")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.WRITER.value,
    show_default=True,
    help="A writer writes; an editor also approves; a publisher also plans and adds editors.",
)
@click.pass_obj
def add(launcher: Launcher, who: EmailAddress, name: str, role: str) -> None:
    """Add an editor, or bring back one who was removed."""
    wiring = launcher.wiring()
    with wiring.writing() as session:
        editor = add_editor(session, who, name, Role(role), wiring.clock())
    click.echo(f"{editor.name} is at the desk now, as {editor.role.with_article}.")
    click.echo(f"For a link to sign in: topthree editors sign-in-link {editor.address}")


@editors.command()
@click.argument("who", metavar="ADDRESS", type=address)
@click.pass_obj
def remove(launcher: Launcher, who: EmailAddress) -> None:
    """Remove an editor from the desk, at once; what they wrote stays."""
    wiring = launcher.wiring()
    with wiring.writing() as session:
        editor = editor_at(list_editors(session), who)
        # Who works at the terminal is not known to be any editor.
        remove_editor(session, editor.id, None, wiring.clock())
    click.echo(f"{editor.name} is not at the desk any more, and is signed out everywhere.")


@editors.command(name="list")
@json_option
@click.pass_obj
def list_(launcher: Launcher, *, as_json: bool) -> None:
    """List who works at the desk."""
    with launcher.wiring().reading() as session:
        rows = [
            {
                "id": editor.id,
                "name": editor.name,
                "address": editor.address,
                "role": editor.role,
            }
            for editor in list_editors(session)
        ]
    empty = "Nobody works at the desk yet. Add the first: topthree editors add ADDRESS --name NAME"
    print_listing(rows, _COLUMNS, as_json=as_json, empty=empty)


@editors.command()
@click.argument("who", metavar="ADDRESS", type=address)
@click.pass_obj
def sign_in_link(launcher: Launcher, who: EmailAddress) -> None:
    """Print a link that signs an editor in, once and within fifteen minutes."""
    wiring = launcher.wiring()
    with wiring.writing() as session:
        token = make_sign_in_token(session, wiring.tokens, who, wiring.clock())
    click.echo(wiring.newsletter.sign_in_url(token))


def editor_at(known: tuple[EditorView, ...], who: EmailAddress) -> EditorView:
    """Return the one of these editors who has this address.

    :raises NotFound: if nobody has.
    """
    for editor in known:
        if parse_address(editor.address).key == who.key:
            return editor
    message = f"{who} is nobody at the desk. See “topthree editors list”."
    raise NotFound(message)
