"""Commands about the people at the desk."""

from __future__ import annotations

from dataclasses import replace

import click

from topthree.cli.launcher import Launcher
from topthree.cli.parameters import address, json_option
from topthree.cli.printing import local, print_listing
from topthree.domain.editors.permission import Role
from topthree.domain.refusal import NotFound
from topthree.domain.subscribers.address import EmailAddress
from topthree.mail.address_syntax import parse_address
from topthree.services.editors.invite_editor import invite_editor
from topthree.services.editors.manage_editors import (
    Newcomer,
    add_editor,
    change_role,
    list_editors,
    remove_editor,
)
from topthree.services.editors.sign_in import make_sign_in_token
from topthree.services.identity.editor_view import EditorView

_COLUMNS = {"name": "Name", "address": "Address", "role": "Role", "last_seen_at": "Last seen"}
_roles = click.Choice([role.value for role in Role])


@click.group()
def editors() -> None:
    """Look after who works at the desk."""


@editors.command()
@click.argument("who", metavar="ADDRESS", type=address)
@click.option("--name", required=True, help="How the editor is called.")
@click.option(
    "--role",
    type=_roles,
    help="A writer writes; an editor also approves; a publisher also plans and sends; an"
    " administrator also looks after the editors. The first is an administrator, others are"
    " writers unless you say otherwise.",
)
@click.option("--invite", is_flag=True, help="Send them a message with a link that lets them in.")
@click.pass_obj
def add(
    launcher: Launcher, who: EmailAddress, name: str, role: str | None, *, invite: bool
) -> None:
    """Add an editor, or bring back one who was removed."""
    wiring = launcher.wiring()
    now = wiring.clock()
    with wiring.writing() as session:
        usual = Role.WRITER if list_editors(session) else Role.ADMINISTRATOR
        newcomer = Newcomer(address=who, name=name, role=Role(role) if role else usual)
        editor = add_editor(session, newcomer, None, now)
        if invite:
            invite_editor(session, editor.id, None, now)
    click.echo(f"{editor.name} is at the desk now, as {editor.role.with_article}.")
    if invite:
        click.echo(f"A message to {editor.address} is on its way.")
        return
    click.echo(f"For a link to sign in: topthree editors sign-in-link {editor.address}")


@editors.command(name="role")
@click.argument("who", metavar="ADDRESS", type=address)
@click.argument("role", metavar="ROLE", type=_roles)
@click.pass_obj
def role_(launcher: Launcher, who: EmailAddress, role: str) -> None:
    """Change what an editor may do; they are signed out everywhere, and sign in again."""
    wiring = launcher.wiring()
    with wiring.writing() as session:
        editor = editor_at(list_editors(session), who)
        changed = change_role(session, editor.id, Role(role), None, wiring.clock())
    click.echo(f"{changed.name} is {changed.role.with_article} now.")


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
    wiring = launcher.wiring()
    with wiring.reading() as session:
        rows = [
            {
                "id": editor.id,
                "name": editor.name,
                "address": editor.address,
                "role": editor.role,
                "last_seen_at": local(editor.last_seen_at, wiring.cadence.zone),
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
            return replace(editor, at_terminal=True)
    message = f"{who} is nobody at the desk. See “topthree editors list”."
    raise NotFound(message)
