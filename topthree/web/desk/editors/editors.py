"""Who works at the desk, and inviting one more."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from topthree.domain.editors.permission import Permission, Role
from topthree.domain.refusal import Conflict, Invalid, Problem
from topthree.mail.address_syntax import parse_address
from topthree.services.editors.invite_editor import invite_editor
from topthree.services.editors.manage_editors import Newcomer, add_editor, list_editors
from topthree.web.access import current_editor, desk
from topthree.web.database import read_only, transaction
from topthree.web.desk.forms.going import gone_to
from topthree.web.desk.forms.trouble import NO_TROUBLE, Trouble
from topthree.web.site import site
from topthree.web.typed_text import shown_again

#: What each role may do, as the page says it.
DUTIES = {
    Role.WRITER: "writes issues and asks for approval",
    Role.EDITOR: "writes, and approves what others wrote",
    Role.PUBLISHER: "does all that, plans slots, sends, and reads who did what",
    Role.ADMINISTRATOR: "does all that, and looks after the people of the desk",
}
NO_SUCH_ROLE = Problem(field="role", message="Choose one of the four roles.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """What was typed."""

    name: str = ""
    address: str = ""
    role: str = Role.WRITER.value


@desk(Permission.READ_DESK)
def editors() -> ResponseReturnValue:
    """List who works at the desk."""
    return _page(Invitation(), NO_TROUBLE)


@desk(Permission.MANAGE_EDITORS)
def invite() -> ResponseReturnValue:
    """Add an editor, and send them a message with a way in."""
    name, typed = request.form.get("name", ""), request.form.get("address", "")
    role = request.form.get("role", "")
    invitation = Invitation(name=shown_again(name), address=shown_again(typed), role=role)
    try:
        _add(name, typed, role)
    except Invalid as invalid:
        return _page(invitation, _slips(*invalid.problems)), HTTPStatus.UNPROCESSABLE_ENTITY
    except Conflict as conflict:
        taken = Problem(field="address", message=str(conflict))
        return _page(invitation, _slips(taken)), HTTPStatus.CONFLICT
    return gone_to(url_for("desk.editors", said="invited"))


def role_choices() -> list[tuple[str, str]]:
    """Return each role with what it may do, for a list to choose from."""
    return [(role.value, f"{role.value.capitalize()}: {DUTIES[role]}") for role in Role]


def parse_role(typed: str) -> Role:
    """Return the role that was chosen.

    :raises Invalid: if there is no such role.
    """
    if typed not in {each.value for each in Role}:
        raise Invalid(NO_SUCH_ROLE)
    return Role(typed)


def _add(name: str, typed: str, role: str) -> None:
    newcomer = Newcomer(role=parse_role(role), address=parse_address(typed), name=name)
    now, adder = site().clock(), current_editor()
    with transaction() as session:
        editor = add_editor(session, newcomer, adder, now)
        invite_editor(session, editor.id, adder, now)


def _slips(*problems: Problem) -> Trouble:
    return Trouble(title="Nobody was invited", problems=problems)


def _page(invitation: Invitation, trouble: Trouble) -> str:
    with read_only() as session:
        everyone = list_editors(session)
    return render_template(
        "desk/editors/editors.html",
        everyone=everyone,
        myself=current_editor(),
        invitation=invitation,
        trouble=trouble,
        duties=DUTIES,
        roles=role_choices(),
    )
