"""Editors come and go: inviting one, bringing one back, changing what they may do, removing one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from topthree.domain.audit.act import Act
from topthree.domain.audit.entry import Details
from topthree.domain.editors.permission import Permission, Role, require
from topthree.domain.ids import EditorId
from topthree.domain.plain_text import line_problems, normalise_line
from topthree.domain.refusal import Conflict, Invalid, NotAllowed, NotFound, Problem
from topthree.domain.subscribers.address import EmailAddress
from topthree.services.audit.entries import about_editor
from topthree.services.audit.log import record
from topthree.services.identity.editor_view import EditorView, editor_view, who_of
from topthree.store.editors.editors import (
    EditorRow,
    all_editors,
    end_sessions,
    end_sign_ins,
    find_editor_at_desk,
    find_editor_by_key,
    lock_administrators,
)
from topthree.store.editors.identities import forget_identities
from topthree.store.editors.passkeys import forget_passkeys

_NAME_LIMIT = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """Somebody who is to work at the desk."""

    address: EmailAddress
    name: str
    role: Role


def add_editor(
    session: Session, newcomer: Newcomer, adder: EditorView | None, now: datetime
) -> EditorView:
    """Add an editor, or bring back one who was removed.

    :param adder: None at the terminal, where nobody is known to be any editor.
    :raises Conflict: if the address is an editor's already.
    """
    if adder is not None:
        require(adder.role, Permission.MANAGE_EDITORS)
    name = normalise_line(newcomer.name)
    problems = line_problems("name", "The name", name, _NAME_LIMIT)
    if not name:
        problems.append(Problem(field="name", message="Say how the editor is called."))
    if problems:
        raise Invalid(*problems)
    editor = find_editor_by_key(session, newcomer.address.key)
    if editor is None:
        editor = _add(session, newcomer, name, now)
    else:
        _require_removed(editor)
        editor.name, editor.role, editor.removed_at = name, newcomer.role, None
        editor.invited_at = editor.last_seen_at = None
    session.flush()
    details: Details = {"role": newcomer.role}
    record(session, about_editor(who_of(adder), Act.EDITOR_ADDED, editor, details), now)
    return editor_view(editor)


def change_role(
    session: Session, editor_id: EditorId, role: Role, changer: EditorView | None, now: datetime
) -> EditorView:
    """Let an editor do more or less from now on; their sessions end, so that it holds at once.

    :param changer: None at the terminal.
    :raises NotFound: if there is no such editor, or not any more.
    :raises Conflict: if it is oneself, or the last administrator.
    """
    editor = _to_change(session, editor_id, changer, "changes what they may do themselves")
    before = editor.role
    if before is role:
        return editor_view(editor)
    editor.role = role
    _end_ways_in(session, editor, now)
    session.flush()
    details: Details = {"before": before, "after": role}
    record(session, about_editor(who_of(changer), Act.EDITOR_ROLE_CHANGED, editor, details), now)
    return editor_view(editor)


def remove_editor(
    session: Session, editor_id: EditorId, remover: EditorView | None, now: datetime
) -> EditorView:
    """Take an editor from the desk at once, sessions and links included; what they wrote stays.

    :param remover: None at the terminal.
    :raises NotFound: if there is no such editor, or not any more.
    :raises Conflict: if it is oneself, or the last administrator.
    """
    editor = _to_change(session, editor_id, remover, "removes themselves")
    editor.removed_at = now
    _end_ways_in(session, editor, now)
    forget_passkeys(session, editor.id)
    forget_identities(session, editor.id)
    session.flush()
    details: Details = {"role": editor.role}
    record(session, about_editor(who_of(remover), Act.EDITOR_REMOVED, editor, details), now)
    return editor_view(editor)


def list_editors(session: Session) -> tuple[EditorView, ...]:
    """Return those who work at the desk, by name."""
    return tuple(editor_view(editor) for editor in all_editors(session))


def everybody_ever(session: Session) -> tuple[EditorView, ...]:
    """Return those who work at the desk or ever did, by name."""
    return tuple(editor_view(editor) for editor in all_editors(session, with_removed=True))


def read_editor(session: Session, editor_id: EditorId) -> EditorView:
    """Return someone who works at the desk.

    :raises NotFound: if there is no such editor, or not any more.
    """
    return editor_view(editor_at_the_desk(session, editor_id))


def editor_at_the_desk(session: Session, editor_id: EditorId) -> EditorRow:
    """Return the row of someone who works at the desk.

    :raises NotFound: if there is no such editor, or not any more.
    """
    editor = find_editor_at_desk(session, editor_id)
    if editor is None:
        message = "This editor is not at the desk any more."
        raise NotFound(message)
    return editor


def _to_change(
    session: Session, editor_id: EditorId, changer: EditorView | None, what: str
) -> EditorRow:
    """Return an editor who may be changed so that an administrator is left."""
    # Two administrators who remove each other come one after the other.
    administrators = {editor.id for editor in lock_administrators(session)}
    if changer is not None:
        require(changer.role, Permission.MANAGE_EDITORS)
        if changer.id not in administrators:
            raise NotAllowed("You are not an administrator any more yourself.")
    editor = editor_at_the_desk(session, editor_id)
    if changer is not None and editor.id == changer.id:
        raise Conflict(f"Nobody {what}. Ask another administrator to do it.")
    if administrators == {editor.id}:
        raise Conflict(f"{editor.name} is the last administrator. Make another one first.")
    return editor


def _end_ways_in(session: Session, editor: EditorRow, now: datetime) -> None:
    end_sessions(session, editor.id, now)
    end_sign_ins(session, editor.id, now)


def _add(session: Session, newcomer: Newcomer, name: str, now: datetime) -> EditorRow:
    address = newcomer.address
    editor = EditorRow(
        address=str(address),
        address_key=address.key,
        name=name,
        role=newcomer.role,
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(editor)
    except IntegrityError:
        # Somebody added the same address at the same moment, and was first.
        first = find_editor_by_key(session, address.key)
        if first is not None:
            _require_removed(first)
        raise
    return editor


def _require_removed(editor: EditorRow) -> None:
    if editor.removed_at is None:
        message = f"{editor.address} is {editor.name}, {editor.role.with_article}, already."
        raise Conflict(message)
