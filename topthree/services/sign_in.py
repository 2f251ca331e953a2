"""Signing in to the desk by a link or six digits, without passwords."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from topthree.domain.address import EmailAddress
from topthree.domain.audit import Who, WhoKind
from topthree.domain.ids import EditorId
from topthree.domain.network import network_of
from topthree.domain.notice import NoticeKind
from topthree.domain.permission import Role
from topthree.domain.refusal import NotFound
from topthree.store.editors import (
    EditorRow,
    EditorSessionRow,
    SignInRow,
    count_tries_since,
    find_editor,
    find_editor_by_key,
    is_link_waiting,
    lock_sign_in,
    newest_sign_in,
)
from topthree.store.notices import NoticeRow
from topthree.store.subscribers import SignUpRow, count_sign_ups
from topthree.tokens import SIGN_IN_VALID, Purpose, TokenRefused, Tokens

#: However busy the desk is, it is signed in to again each morning.
SESSION_LASTS = timedelta(hours=12)
_MOST_TRIES = 5
#: Over all codes of the hour: asking for more of them buys nobody more guesses. Links go on.
_MOST_TRIES_PER_HOUR = 25
_BETWEEN_LINKS = timedelta(minutes=2)
_MOST_ASKS_PER_HOUR = 20
#: Keeps these asks apart from the sign-ups of teachers behind the same network.
_ASKED_FROM = "desk "
#: Rows of before this are forgotten at the next cleaning, and count for no limit meanwhile.
_LONG_AGO = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorView:
    """Someone who works at the desk."""

    id: EditorId
    name: str
    address: str
    role: Role
    #: Whether they type commands at a terminal, where anybody may use their name.
    at_terminal: bool = False

    @property
    def who(self) -> Who:
        """The editor as the audit log names them."""
        name = f"{self.name}, at the terminal" if self.at_terminal else self.name
        return Who(kind=WhoKind.EDITOR, name=name, editor_id=self.id)


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


def ask_to_sign_in(session: Session, address: EmailAddress, ip: str, now: datetime) -> None:
    """Queue a message with a link and a code, if the address is an editor's.

    The caller learns nothing from it: the answer is the same whoever asks, and so is the work. A
    stranger who types an editor's address again and again keeps no link from them: while one of
    the last minutes waits in their inbox no other is sent, and then the next ask sends one.
    """
    if not _is_within_limit(session, ip, now):
        return
    editor = find_editor_by_key(session, address.key)
    editor_id = editor.id if editor else EditorId(0)
    has_link = is_link_waiting(session, editor_id, now - _BETWEEN_LINKS)
    if editor is None or editor.removed_at is not None or has_link:
        _write_as_much(session, now)
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
    session.flush()


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
    return editor_view(_editor_of(session, _usable(session, tokens, token, now)))


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
    if sign_in.tries >= _MOST_TRIES or _is_guessed_at(session, editor, now):
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
    return editor_view(editor) if editor is not None and editor.removed_at is None else None


def sign_out(session: Session, secret: str, now: datetime) -> None:
    """End the session; twice is harmless."""
    row = session.get(EditorSessionRow, _hash(secret))
    if row is not None and row.ended_at is None:
        row.ended_at = now


def editor_view(editor: EditorRow) -> EditorView:
    """Return the editor as everyone but the store knows them."""
    return EditorView(id=editor.id, name=editor.name, address=editor.address, role=editor.role)


def _is_within_limit(session: Session, ip: str, now: datetime) -> bool:
    network = f"{_ASKED_FROM}{network_of(ip)}"
    if count_sign_ups(session, now - timedelta(hours=1), network) >= _MOST_ASKS_PER_HOUR:
        return False
    session.add(SignUpRow(at=now, network=network))
    session.flush()
    return True


def _write_as_much(session: Session, now: datetime) -> None:
    """Write two rows of no meaning, as many as an invitation and its message take."""
    for _ in range(2):
        session.add(SignUpRow(at=now - _LONG_AGO, network=_ASKED_FROM))
        session.flush()


def _is_guessed_at(session: Session, editor: EditorRow, now: datetime) -> bool:
    tries = count_tries_since(session, editor.id, now - timedelta(hours=1))
    return tries >= _MOST_TRIES_PER_HOUR


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
    return SignedIn(editor=editor_view(editor), secret=secret)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
