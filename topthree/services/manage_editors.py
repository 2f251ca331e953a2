"""Editors come and go: adding one, bringing one back, removing one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from topthree.domain.address import EmailAddress
from topthree.domain.ids import EditorId
from topthree.domain.permission import Permission, Role, require
from topthree.domain.plain_text import line_problems, normalise_line
from topthree.domain.refusal import Conflict, Invalid, NotAllowed, NotFound, Problem
from topthree.services.sign_in import EditorView, editor_view
from topthree.store.editors import (
    EditorRow,
    all_editors,
    end_sessions,
    end_sign_ins,
    find_editor,
    find_editor_by_key,
    lock_publishers,
)

_NAME_LIMIT = 80


def add_editor(
    session: Session, address: EmailAddress, name: str, role: Role, now: datetime
) -> EditorView:
    """Add an editor, or bring back one who was removed.

    :raises Conflict: if the address is an editor's already.
    """
    name = normalise_line(name)
    problems = line_problems("name", "The name", name, _NAME_LIMIT)
    if not name:
        problems.append(Problem(field="name", message="Say how the editor is called."))
    if problems:
        raise Invalid(*problems)
    known = find_editor_by_key(session, address.key)
    if known is None:
        return _add(session, address, name, role, now)
    _require_removed(known)
    known.name, known.role, known.removed_at = name, role, None
    session.flush()
    return editor_view(known)


def remove_editor(
    session: Session, editor_id: EditorId, remover: EditorView | None, now: datetime
) -> EditorView:
    """Take an editor from the desk at once, sessions and links included; what they wrote stays.

    :param remover: None at the terminal, where nobody is known to be any editor.
    :raises NotFound: if there is no such editor, or not any more.
    :raises Conflict: if it is oneself, or the last publisher.
    """
    # Two publishers who remove each other come one after the other.
    publishers = lock_publishers(session)
    if remover is not None:
        require(remover.role, Permission.MANAGE_EDITORS)
        if remover.id not in {publisher.id for publisher in publishers}:
            message = "You have been removed from the desk yourself."
            raise NotAllowed(message)
    editor = _at_the_desk(session, editor_id)
    if remover is not None and editor.id == remover.id:
        message = "Nobody removes themselves. Ask another publisher to do it."
        raise Conflict(message)
    if [publisher.id for publisher in publishers] == [editor.id]:
        message = f"{editor.name} is the last publisher. Add another one first."
        raise Conflict(message)
    editor.removed_at = now
    end_sessions(session, editor.id, now)
    end_sign_ins(session, editor.id, now)
    session.flush()
    return editor_view(editor)


def list_editors(session: Session) -> tuple[EditorView, ...]:
    """Return those who work at the desk, by name."""
    return tuple(editor_view(editor) for editor in all_editors(session))


def read_editor(session: Session, editor_id: EditorId) -> EditorView:
    """Return someone who works at the desk.

    :raises NotFound: if there is no such editor, or not any more.
    """
    return editor_view(_at_the_desk(session, editor_id))


def _at_the_desk(session: Session, editor_id: EditorId) -> EditorRow:
    editor = find_editor(session, editor_id)
    if editor is None or editor.removed_at is not None:
        message = "This editor is not at the desk any more."
        raise NotFound(message)
    return editor


def _add(
    session: Session, address: EmailAddress, name: str, role: Role, now: datetime
) -> EditorView:
    editor = EditorRow(
        address=str(address), address_key=address.key, name=name, role=role, created_at=now
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
    return editor_view(editor)


def _require_removed(editor: EditorRow) -> None:
    if editor.removed_at is None:
        message = f"{editor.address} is {editor.name}, {editor.role.with_article}, already."
        raise Conflict(message)
