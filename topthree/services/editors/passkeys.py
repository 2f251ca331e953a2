"""Passkeys: adding one, signing in with one, and taking one away.

What is signed is checked elsewhere; here is who may, with which challenge, and that each is used
once.
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from topthree.domain.audit.act import Act
from topthree.domain.ids import EditorId
from topthree.domain.plain_text import line_problems, normalise_line
from topthree.domain.refusal import Conflict, Invalid, NotFound
from topthree.services.audit.entries import about_editor
from topthree.services.audit.log import record
from topthree.services.editors.desk_sessions import Admitted, Method
from topthree.services.identity.ceremonies import CHALLENGE_VALID, Ceremonies, PasskeyRefused
from topthree.services.identity.editor_view import EditorView, editor_view
from topthree.store.editors.editors import find_editor_at_desk
from topthree.store.editors.passkeys import (
    ChallengeRow,
    PasskeyRow,
    forget_challenges,
    lock_passkey,
    passkeys_of,
    take_challenge,
)

_log = logging.getLogger(__name__)

#: Whoever adds a passkey has shown not longer ago than this who they are.
RECENT = timedelta(minutes=15)
_CHALLENGE_BYTES = 32
_NAME_LIMIT = 60
_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPasskey:
    """What the browser has sent to add a passkey."""

    #: How its owner calls it; may be empty.
    name: str
    #: What the device made of our question.
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyView:
    """A passkey as its owner sees it."""

    id: int
    name: str
    added_at: datetime
    last_used_at: datetime | None


def ask_to_add(session: Session, ceremonies: Ceremonies, editor: EditorView, now: datetime) -> str:
    """Return the question to make a key, which is good for a few minutes."""
    known = passkeys_of(session, editor.id)
    if len(known) >= _MOST:
        raise Conflict(f"You have {_MOST} passkeys. Remove one that you do not use.")
    challenge = _new_challenge(session, editor.id, now)
    return ceremonies.adding(editor, tuple(row.credential_id for row in known), challenge)


def add_passkey(
    session: Session,
    ceremonies: Ceremonies,
    editor: EditorView,
    sent: NewPasskey,
    now: datetime,
) -> PasskeyView:
    """Keep a new key.

    :raises PasskeyRefused: if the answer is not right, or too late.
    :raises Conflict: if somebody has it already.
    """
    name = _checked(sent.name)
    read = ceremonies.read(sent.answer)
    if not take_challenge(session, read.challenge, editor.id, now - CHALLENGE_VALID):
        raise PasskeyRefused
    key = ceremonies.new_key(sent.answer, read.challenge)
    row = PasskeyRow(
        editor_id=editor.id,
        credential_id=key.credential_id,
        public_key=key.public_key,
        sign_count=key.sign_count,
        name=name,
        added_at=now,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise Conflict("This passkey is in use already.") from error
    record(session, about_editor(editor.who, Act.PASSKEY_ADDED, editor, {"name": name}), now)
    return _view(row)


def ask_to_sign_in_by_passkey(session: Session, ceremonies: Ceremonies, now: datetime) -> str:
    """Return the question to use a key; the same whoever asks."""
    forget_challenges(session, now - CHALLENGE_VALID)
    return ceremonies.signing_in(_new_challenge(session, None, now))


def sign_in_by_passkey(
    session: Session, ceremonies: Ceremonies, answer: str, now: datetime
) -> Admitted:
    """Let in whose key has signed our challenge.

    The challenge is used up whatever comes of it, if the caller commits.

    :raises PasskeyRefused: if the answer is not right, too late, or the key is not known.
    """
    read = ceremonies.read(answer)
    is_ours = take_challenge(session, read.challenge, None, now - CHALLENGE_VALID)
    passkey = lock_passkey(session, read.credential_id)
    if not is_ours or passkey is None:
        raise PasskeyRefused
    editor = find_editor_at_desk(session, passkey.editor_id)
    if editor is None:
        raise PasskeyRefused
    if read.user_handle and not ceremonies.is_user(editor.id, read.user_handle):
        raise PasskeyRefused
    count = ceremonies.sign_count(answer, read.challenge, passkey.public_key)
    if (count or passkey.sign_count) and count <= passkey.sign_count:
        # Two devices count for the same key: one of them is a copy.
        _log.warning("a passkey of editor %d counts backwards; it may have been copied", editor.id)
        raise PasskeyRefused
    passkey.sign_count, passkey.last_used_at = count, now
    return Admitted(editor=editor_view(editor), method=Method.PASSKEY)


def list_passkeys(session: Session, editor: EditorView) -> tuple[PasskeyView, ...]:
    """Return the editor's passkeys, oldest first."""
    return tuple(_view(row) for row in passkeys_of(session, editor.id))


def rename_passkey(
    session: Session, editor: EditorView, passkey_id: int, name: str, now: datetime
) -> None:
    """Call a passkey something else.

    :raises NotFound: if it is not theirs.
    """
    row = _own(session, editor, passkey_id)
    before, row.name = row.name, _checked(name)
    changed = {"before": before, "after": row.name}
    record(session, about_editor(editor.who, Act.PASSKEY_RENAMED, editor, changed), now)


def remove_passkey(session: Session, editor: EditorView, passkey_id: int, now: datetime) -> None:
    """Let a passkey sign nobody in any more.

    :raises NotFound: if it is not theirs, or not any more.
    """
    row = _own(session, editor, passkey_id)
    session.delete(row)
    record(session, about_editor(editor.who, Act.PASSKEY_REMOVED, editor, {"name": row.name}), now)


def _new_challenge(session: Session, editor_id: EditorId | None, now: datetime) -> bytes:
    challenge = secrets.token_bytes(_CHALLENGE_BYTES)
    session.add(ChallengeRow(challenge=challenge, editor_id=editor_id, made_at=now))
    session.flush()
    return challenge


def _checked(typed: str) -> str:
    name = normalise_line(typed) or "Passkey"
    problems = line_problems("name", "The name", name, _NAME_LIMIT)
    if problems:
        raise Invalid(*problems)
    return name


def _own(session: Session, editor: EditorView, passkey_id: int) -> PasskeyRow:
    # Two windows may rename and remove it at once.
    row = session.get(PasskeyRow, passkey_id, with_for_update=True)
    if row is None or row.editor_id != editor.id:
        raise NotFound("You have no such passkey any more. Look at the list again.")
    return row


def _view(row: PasskeyRow) -> PasskeyView:
    return PasskeyView(
        id=row.id, name=row.name, added_at=row.added_at, last_used_at=row.last_used_at
    )
