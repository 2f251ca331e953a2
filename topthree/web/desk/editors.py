"""Who works at the desk, inviting one more, and removing one."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from topthree.domain.ids import EditorId
from topthree.domain.permission import Permission, Role
from topthree.domain.refusal import Conflict, Invalid, Problem
from topthree.mail.address_syntax import parse_address
from topthree.services.manage_editors import (
    add_editor,
    list_editors,
    read_editor,
    remove_editor,
)
from topthree.web.access import current_editor, desk
from topthree.web.database import read_only, transaction
from topthree.web.desk.going import gone_to
from topthree.web.desk.typed_text import shown_again
from topthree.web.site import site

#: What each role may do, as the page says it.
DUTIES = {
    Role.WRITER: "writes issues and asks for approval",
    Role.EDITOR: "writes, and approves what others wrote",
    Role.PUBLISHER: "does all that, plans slots, changes the calendar, adds and removes editors",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """What was typed, and what is wrong with it."""

    name: str = ""
    address: str = ""
    role: str = Role.WRITER.value
    problems: tuple[Problem, ...] = ()
    status: HTTPStatus = HTTPStatus.OK

    def of(self, field: str) -> tuple[str, ...]:
        """Return what is wrong with this field."""
        return tuple(problem.message for problem in self.problems if problem.field == field)

    def links(self) -> list[tuple[str, str]]:
        """Return each problem as the field it leads to and its words."""
        return [(problem.field, problem.message) for problem in self.problems]


@desk(Permission.READ_DESK)
def editors() -> ResponseReturnValue:
    """List who works at the desk."""
    return _page(Invitation())


@desk(Permission.MANAGE_EDITORS)
def invite() -> ResponseReturnValue:
    """Add an editor."""
    name, typed = request.form.get("name", ""), request.form.get("address", "")
    role = request.form.get("role", "")
    try:
        _add(name, typed, role)
    except Invalid as invalid:
        problems, status = invalid.problems, HTTPStatus.UNPROCESSABLE_ENTITY
    except Conflict as conflict:
        problems = (Problem(field="address", message=str(conflict)),)
        status = HTTPStatus.CONFLICT
    else:
        return gone_to(url_for("desk.editors", said="invited"))
    invitation = Invitation(
        name=shown_again(name),
        address=shown_again(typed),
        role=role,
        problems=problems,
        status=status,
    )
    return _page(invitation)


@desk(Permission.MANAGE_EDITORS)
def show_removing(editor_id: int) -> ResponseReturnValue:
    """Ask once more before an editor is removed."""
    return _removal_page(editor_id, "")


@desk(Permission.MANAGE_EDITORS)
def remove(editor_id: int) -> ResponseReturnValue:
    """Remove an editor, and end their sessions."""
    try:
        with transaction() as session:
            remove_editor(session, EditorId(editor_id), current_editor(), site().clock())
    except Conflict as conflict:
        return _removal_page(editor_id, str(conflict)), HTTPStatus.CONFLICT
    return gone_to(url_for("desk.editors", said="removed"))


def _removal_page(editor_id: int, problem: str) -> str:
    with read_only() as session:
        editor = read_editor(session, EditorId(editor_id))
    return render_template("desk/remove_editor.html", leaving=editor, problem=problem)


def _add(name: str, typed: str, role: str) -> None:
    if role not in {each.value for each in Role}:
        raise Invalid(Problem(field="role", message="Choose one of the three roles."))
    address = parse_address(typed)
    with transaction() as session:
        add_editor(session, address, name, Role(role), site().clock())


def _page(invitation: Invitation) -> ResponseReturnValue:
    with read_only() as session:
        everyone = list_editors(session)
    page = render_template(
        "desk/editors.html",
        everyone=everyone,
        myself=current_editor(),
        invitation=invitation,
        duties=DUTIES,
        roles=[(role.value, f"{role.value.capitalize()}: {DUTIES[role]}") for role in Role],
    )
    return page, invitation.status
