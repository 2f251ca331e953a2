"""Signed-in browsers: kept here and not in the cookie, so that each can be ended at once."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from topthree.domain.audit.act import Act
from topthree.domain.audit.entry import Details
from topthree.domain.editors.browser_words import browser_words
from topthree.domain.editors.session_limits import SEEN_TO_THE, SessionLimits
from topthree.domain.ids import EditorId
from topthree.domain.refusal import NotFound
from topthree.services.audit.entries import about_editor
from topthree.services.audit.log import record
from topthree.services.identity.editor_view import EditorView, editor_view
from topthree.store.editors.editors import (
    EditorSessionRow,
    find_editor,
    find_editor_at_desk,
    find_session,
    sessions_since,
)

_USUAL = SessionLimits()


class Method(StrEnum):
    """How somebody has shown who they are."""

    LINK = "a link by mail"
    CODE = "a code by mail"
    INVITATION = "an invitation"
    PASSKEY = "a passkey"
    SINGLE_SIGN_ON = "single sign-on"


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """Somebody who has shown who they are, and how."""

    editor: EditorView
    method: Method
    #: The page of the desk that they wanted, where the way in remembers it.
    follow: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """An editor, and the secret that their browser keeps to be known again."""

    editor: EditorView
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """One browser in which an editor is signed in."""

    id: int
    browser: str
    method: str
    began_at: datetime
    last_seen_at: datetime
    #: Whether it is the one that asks.
    is_this: bool


def begin_session(session: Session, admitted: Admitted, user_agent: str, now: datetime) -> SignedIn:
    """Sign a browser in, with a secret that nobody had before."""
    secret = secrets.token_urlsafe(32)
    editor = admitted.editor
    browser = browser_words(user_agent)
    row = EditorSessionRow(
        secret_hash=_hash(secret),
        editor_id=editor.id,
        began_at=now,
        last_seen_at=now,
        method=admitted.method,
        browser=browser,
    )
    session.add(row)
    _see(session, editor.id, now)
    session.flush()
    details = {"by": admitted.method.value, "browser": browser}
    record(session, about_editor(editor.who, Act.SIGNED_IN, editor, details), now)
    return SignedIn(editor=editor, secret=secret)


def find_signed_in(
    session: Session, secret: str, now: datetime, limits: SessionLimits = _USUAL
) -> EditorView | None:
    """Return whose browser this is, while the session lasts."""
    row = _find_open(session, secret, now, limits)
    editor = None if row is None else find_editor_at_desk(session, row.editor_id)
    return None if editor is None else editor_view(editor)


def is_to_be_seen(
    session: Session, secret: str, now: datetime, limits: SessionLimits = _USUAL
) -> bool:
    """Tell whether the session is open and the time at which it was seen last is an old one."""
    row = _find_open(session, secret, now, limits)
    return row is not None and now - row.last_seen_at >= SEEN_TO_THE


def see(session: Session, secret: str, now: datetime) -> None:
    """Note that somebody is at work in this browser."""
    row = find_session(session, _hash(secret))
    if row is not None and row.ended_at is None:
        row.last_seen_at = max(row.last_seen_at, now)
        _see(session, row.editor_id, now)


def began_at(session: Session, secret: str) -> datetime | None:
    """Return when the browser was signed in, if it is."""
    row = find_session(session, _hash(secret))
    return None if row is None or row.ended_at is not None else row.began_at


def sign_out(session: Session, secret: str, now: datetime) -> None:
    """End the session; twice is harmless."""
    row = find_session(session, _hash(secret))
    if row is None or row.ended_at is not None:
        return
    row.ended_at = now
    editor = find_editor(session, row.editor_id)
    if editor is not None:
        who, details = editor_view(editor).who, {"browser": row.browser}
        record(session, about_editor(who, Act.SIGNED_OUT, editor, details), now)


def list_sessions(
    session: Session,
    editor: EditorView,
    secret: str,
    now: datetime,
    limits: SessionLimits = _USUAL,
) -> tuple[SessionView, ...]:
    """Return every browser in which the editor is signed in, this one first."""
    rows = sessions_since(session, editor.id, began=now - limits.lasts, seen=now - limits.idle)
    this = _hash(secret)
    views = [
        SessionView(
            id=row.id,
            browser=row.browser,
            method=row.method,
            began_at=row.began_at,
            last_seen_at=row.last_seen_at,
            is_this=row.secret_hash == this,
        )
        for row in rows
    ]
    return tuple(sorted(views, key=lambda view: not view.is_this))


def end_session(session: Session, editor: EditorView, session_id: int, now: datetime) -> None:
    """Sign one browser of the editor out; twice is harmless.

    :raises NotFound: if it is not theirs.
    """
    row = session.get(EditorSessionRow, session_id)
    if row is None or row.editor_id != editor.id:
        message = "You are not signed in there any more. Look at the list again."
        raise NotFound(message)
    if row.ended_at is None:
        row.ended_at = now
        details: Details = {"browser": row.browser, "count": 1}
        record(session, about_editor(editor.who, Act.SESSIONS_ENDED, editor, details), now)


def end_other_sessions(session: Session, editor: EditorView, secret: str, now: datetime) -> int:
    """Sign the editor out of every browser but this one; return how many those were."""
    long_ago = now - _USUAL.lasts * 1_000
    this = _hash(secret)
    rows = sessions_since(session, editor.id, began=long_ago, seen=long_ago)
    others = [row for row in rows if row.secret_hash != this]
    for row in others:
        row.ended_at = now
    if others:
        details = {"count": len(others)}
        record(session, about_editor(editor.who, Act.SESSIONS_ENDED, editor, details), now)
    return len(others)


def _find_open(
    session: Session, secret: str, now: datetime, limits: SessionLimits
) -> EditorSessionRow | None:
    row = find_session(session, _hash(secret))
    if row is None or row.ended_at is not None:
        return None
    over = limits.is_over(began_at=row.began_at, last_seen_at=row.last_seen_at, now=now)
    return None if over else row


def _see(session: Session, editor_id: EditorId, now: datetime) -> None:
    editor = find_editor(session, editor_id)
    if editor is not None:
        editor.last_seen_at = now


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
