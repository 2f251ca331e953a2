"""Editors: inviting them, and signing in by a link or six digits, without passwords."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from topthree.domain.address import EmailAddress
from topthree.domain.ids import EditorId
from topthree.domain.notice import NoticeKind
from topthree.domain.permission import Role
from topthree.domain.plain_text import line_problems, normalise_line
from topthree.domain.refusal import Conflict, Invalid, NotFound, Problem
from topthree.store.editors import (
    EditorRow,
    EditorSessionRow,
    SignInRow,
    all_editors,
    count_sign_ins_since,
    find_editor,
    find_editor_by_key,
    lock_sign_in,
    newest_sign_in,
)
from topthree.store.notices import NoticeRow
from topthree.tokens import SIGN_IN_VALID, Purpose, TokenRefused, Tokens

#: However busy the desk is, it is signed in to again each morning.
SESSION_LASTS = timedelta(hours=12)
_MOST_TRIES = 5
_MOST_LINKS_PER_HOUR = 5
_NAME_LIMIT = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorView:
    """Someone who works at the desk."""

    id: EditorId
    name: str
    address: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """An editor, and the secret that their browser keeps to be known again."""

    editor: EditorView
    secret: str


class LinkUsed(NotFound):
    """The sign-in link or code is wrong, used or too old."""

    def __init__(self) -> None:
        super().__init__(
            "This does not sign you in any more: a link or code works once, for fifteen minutes."
            " Type your address and we send a fresh one."
        )


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
    if known is not None and known.removed_at is None:
        message = f"{address} is {known.name}, a {known.role}, already."
        raise Conflict(message)
    if known is None:
        known = EditorRow(
            address=str(address), address_key=address.key, name=name, role=role, created_at=now
        )
        session.add(known)
    known.name, known.role, known.removed_at = name, role, None
    session.flush()
    return _view(known)


def list_editors(session: Session) -> tuple[EditorView, ...]:
    """Return those who work at the desk, by name."""
    return tuple(_view(editor) for editor in all_editors(session))


def ask_to_sign_in(session: Session, address: EmailAddress, now: datetime) -> None:
    """Queue a message with a link and a code, if the address is an editor's.

    The caller learns nothing from it: the answer is the same whoever asks.
    """
    editor = find_editor_by_key(session, address.key)
    if editor is None or editor.removed_at is not None:
        return
    hour_ago = now - timedelta(hours=1)
    if count_sign_ins_since(session, editor.id, hour_ago) >= _MOST_LINKS_PER_HOUR:
        return
    sign_in = _new_sign_in(session, editor, now)
    notice = NoticeRow(
        kind=NoticeKind.SIGN_IN,
        about=sign_in.id,
        recipient=editor.address,
        queued_at=now,
        due_at=now,
    )
    session.add(notice)


def make_sign_in_token(
    session: Session, tokens: Tokens, address: EmailAddress, now: datetime
) -> str:
    """Return a token that signs this editor in once; for the terminal.

    :raises NotFound: if there is no such editor.
    """
    editor = find_editor_by_key(session, address.key)
    if editor is None or editor.removed_at is not None:
        message = f"{address} is nobody at the desk. See “topthree editors list”."
        raise NotFound(message)
    return tokens.sign(Purpose.SIGN_IN, _new_sign_in(session, editor, now).id, now)


def look_at_sign_in(session: Session, tokens: Tokens, token: str, now: datetime) -> EditorView:
    """Say whom the link would sign in; changes nothing, so that a scanner uses nothing up.

    :raises LinkUsed: if it is of no use.
    """
    return _view(_editor_of(session, _usable(session, tokens, token, now)))


def sign_in_by_link(session: Session, tokens: Tokens, token: str, now: datetime) -> SignedIn:
    """Use the link up and begin a session.

    :raises LinkUsed: if it is of no use.
    """
    return _begin(session, _still_open(session, _usable(session, tokens, token, now), now), now)


def sign_in_by_code(
    session: Session, tokens: Tokens, address: EmailAddress, code: str, now: datetime
) -> SignedIn | None:
    """Use the code up and begin a session; None if it is not this editor's newest code."""
    editor = find_editor_by_key(session, address.key)
    sign_in = None if editor is None else newest_sign_in(session, editor.id)
    is_right = tokens.is_code(Purpose.SIGN_IN, sign_in.id if sign_in else 0, code)
    if sign_in is None or editor is None or editor.removed_at is not None:
        return None
    try:
        sign_in = _still_open(session, sign_in, now)
    except LinkUsed:
        return None
    if sign_in.tries >= _MOST_TRIES:
        return None
    if not is_right:
        sign_in.tries += 1
        return None
    return _begin(session, sign_in, now)


def find_signed_in(session: Session, secret: str, now: datetime) -> EditorView | None:
    """Return whose browser this is, while the session lasts."""
    row = session.get(EditorSessionRow, _hash(secret))
    if row is None or row.ended_at is not None or now - row.began_at > SESSION_LASTS:
        return None
    editor = find_editor(session, row.editor_id)
    return _view(editor) if editor is not None and editor.removed_at is None else None


def sign_out(session: Session, secret: str, now: datetime) -> None:
    """End the session; twice is harmless."""
    row = session.get(EditorSessionRow, _hash(secret))
    if row is not None and row.ended_at is None:
        row.ended_at = now


def _new_sign_in(session: Session, editor: EditorRow, now: datetime) -> SignInRow:
    sign_in = SignInRow(editor_id=editor.id, asked_at=now)
    session.add(sign_in)
    session.flush()
    return sign_in


def _usable(session: Session, tokens: Tokens, token: str, now: datetime) -> SignInRow:
    try:
        sign_in = session.get(SignInRow, tokens.read(Purpose.SIGN_IN, token, now))
    except TokenRefused as error:
        raise LinkUsed from error
    if sign_in is None or not _is_open(sign_in, now):
        raise LinkUsed
    return sign_in


def _still_open(session: Session, sign_in: SignInRow, now: datetime) -> SignInRow:
    """Return the invitation if it is unused at this moment; nobody else can use it from here on."""
    locked = lock_sign_in(session, sign_in.id)
    if locked is None or not _is_open(locked, now):
        raise LinkUsed
    return locked


def _is_open(sign_in: SignInRow, now: datetime) -> bool:
    return sign_in.used_at is None and now - sign_in.asked_at <= SIGN_IN_VALID


def _editor_of(session: Session, sign_in: SignInRow) -> EditorRow:
    editor = find_editor(session, sign_in.editor_id)
    if editor is None or editor.removed_at is not None:
        raise LinkUsed
    return editor


def _begin(session: Session, sign_in: SignInRow, now: datetime) -> SignedIn:
    editor = _editor_of(session, sign_in)
    sign_in.used_at = now
    secret = secrets.token_urlsafe(32)
    session.add(EditorSessionRow(secret_hash=_hash(secret), editor_id=editor.id, began_at=now))
    return SignedIn(editor=_view(editor), secret=secret)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _view(editor: EditorRow) -> EditorView:
    return EditorView(id=editor.id, name=editor.name, address=editor.address, role=editor.role)
