"""One editor: what they may do, inviting them again, and removing them."""

from __future__ import annotations

from http import HTTPStatus

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from topthree.domain.editors.permission import Permission
from topthree.domain.ids import EditorId
from topthree.domain.refusal import Conflict, Invalid
from topthree.services.editors.invite_editor import invite_editor
from topthree.services.editors.manage_editors import change_role, read_editor, remove_editor
from topthree.web.access import current_editor, desk
from topthree.web.database import read_only, transaction
from topthree.web.desk.editors.editors import parse_role, role_choices
from topthree.web.desk.forms.going import gone_to
from topthree.web.site import site


@desk(Permission.MANAGE_EDITORS)
def editor(editor_id: int) -> ResponseReturnValue:
    """Show one editor, and what can be done about them."""
    return _page("desk/editors/editor.html", editor_id, "")


@desk(Permission.MANAGE_EDITORS)
def give_role(editor_id: int) -> ResponseReturnValue:
    """Change what an editor may do, and end their sessions."""
    try:
        role = parse_role(request.form.get("role", ""))
        with transaction() as session:
            change_role(session, EditorId(editor_id), role, current_editor(), site().clock())
    except Invalid as invalid:
        return _page(
            "desk/editors/editor.html", editor_id, str(invalid)
        ), HTTPStatus.UNPROCESSABLE_ENTITY
    except Conflict as conflict:
        return _page("desk/editors/editor.html", editor_id, str(conflict)), HTTPStatus.CONFLICT
    return gone_to(url_for("desk.editors", said="role-changed"))


@desk(Permission.MANAGE_EDITORS)
def invite_again(editor_id: int) -> ResponseReturnValue:
    """Send the message once more; the link of the first one is void."""
    try:
        with transaction() as session:
            invite_editor(session, EditorId(editor_id), current_editor(), site().clock())
    except Conflict as conflict:
        return _page("desk/editors/editor.html", editor_id, str(conflict)), HTTPStatus.CONFLICT
    return gone_to(url_for("desk.editors", said="invited-again"))


@desk(Permission.MANAGE_EDITORS)
def show_removing(editor_id: int) -> ResponseReturnValue:
    """Ask once more before an editor is removed."""
    return _page("desk/editors/remove_editor.html", editor_id, "")


@desk(Permission.MANAGE_EDITORS)
def remove(editor_id: int) -> ResponseReturnValue:
    """Remove an editor, and end their sessions."""
    try:
        with transaction() as session:
            remove_editor(session, EditorId(editor_id), current_editor(), site().clock())
    except Conflict as conflict:
        return _page(
            "desk/editors/remove_editor.html", editor_id, str(conflict)
        ), HTTPStatus.CONFLICT
    return gone_to(url_for("desk.editors", said="removed"))


def _page(template: str, editor_id: int, problem: str) -> str:
    with read_only() as session:
        shown = read_editor(session, EditorId(editor_id))
    return render_template(
        template,
        shown=shown,
        is_oneself=shown.id == current_editor().id,
        problem=problem,
        roles=role_choices(),
    )
