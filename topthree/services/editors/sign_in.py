"""Signing in to the desk by a link or six digits, without passwords."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from topthree.domain.audit.act import Act
from topthree.domain.audit.entry import TERMINAL
from topthree.domain.ids import EditorId
from topthree.domain.network import network_of
from topthree.domain.notice import NoticeKind
from topthree.domain.refusal import NotFound
from topthree.domain.subscribers.address import EmailAddress
from topthree.services.audit.entries import about_editor
from topthree.services.audit.log import record
from topthree.services.editors.desk_sessions import Admitted, Method
from topthree.services.identity.editor_view import EditorView, editor_view
from topthree.store.editors.editors import (
    EditorRow,
    SignInRow,
    count_tries_since,
    find_editor_at_desk,
    find_editor_at_desk_by_key,
    lead_waiting_link,
    lock_sign_in,
    newest_sign_in,
)
from topthree.store.notices.notices import queue_notice
from topthree.store.subscribers.subscribers import SignUpRow, count_sign_ups
from topthree.tokens import (
    INVITATION_VALID,
    SIGN_IN_VALID,
    Purpose,
    TokenExpired,
    TokenRefused,
    Tokens,
)

_MOST_TRIES = 5
#: Over all codes of the hour: asking for more of them buys nobody more guesses. Links go on.
_MOST_TRIES_PER_HOUR = 25
_BETWEEN_LINKS = timedelta(minutes=2)
_MOST_ASKS_PER_HOUR = 20
#: Keeps these asks apart from the sign-ups of teachers behind the same network.
_ASKED_FROM = "desk "
#: Rows of before this are forgotten at the next cleaning, and count for no limit meanwhile.
_LONG_AGO = timedelta(days=2)


class LinkUsed(NotFound):
    """The sign-in link or code is wrong, used or too old."""

    def __init__(self, follow: str = "") -> None:
        super().__init__(
            "This does not sign you in any more: a link or code works once, for fifteen minutes."
            " Type your address and we send a fresh one."
        )
        #: The page that was wanted, where the link was good once.
        self.follow = follow


def ask_to_sign_in(
    session: Session, address: EmailAddress, ip: str, now: datetime, *, follow: str = ""
) -> None:
    """Queue a message with a link and a code, if the address is an editor's.

    The caller learns nothing from it: the answer is the same whoever asks, and so is the work. A
    stranger who types an editor's address again and again keeps no link from them: while one of
    the last minutes waits in their inbox no other is sent, and then the next ask sends one. That
    one link leads to the page that was asked for last.

    :param follow: the page of the desk that the link is to lead to, in whichever browser.
    """
    if not _is_within_limit(session, ip, now):
        return
    editor = find_editor_at_desk_by_key(session, address.key)
    editor_id = editor.id if editor else EditorId(0)
    has_link = lead_waiting_link(session, editor_id, now - _BETWEEN_LINKS, follow)
    if editor is None or has_link:
        _write_as_much(session, now)
        return
    sign_in = _new_sign_in(session, editor, now, follow)
    queue_notice(session, NoticeKind.SIGN_IN, sign_in.id, editor.address, now)


def make_sign_in_token(
    session: Session, tokens: Tokens, address: EmailAddress, now: datetime
) -> str:
    """Return a token that signs this editor in once; for the terminal.

    :raises NotFound: if there is no such editor.
    """
    editor = find_editor_at_desk_by_key(session, address.key)
    if editor is None:
        message = f"{address} is nobody at the desk. See “topthree editors list”."
        raise NotFound(message)
    record(session, about_editor(TERMINAL, Act.SIGN_IN_LINK_PRINTED, editor), now)
    return tokens.sign(Purpose.SIGN_IN, _new_sign_in(session, editor, now).id, now)


def look_at_sign_in(session: Session, tokens: Tokens, token: str, now: datetime) -> EditorView:
    """Say whom the link would sign in; changes nothing, so that a scanner uses nothing up.

    :raises LinkUsed: if it is of no use.
    """
    return editor_view(_editor_of(session, _usable(session, tokens, token, now)))


def sign_in_by_link(session: Session, tokens: Tokens, token: str, now: datetime) -> Admitted:
    """Use the link up and let its owner in.

    :raises LinkUsed: if it is of no use.
    """
    sign_in = _still_open(session, _usable(session, tokens, token, now), now)
    method = Method.INVITATION if sign_in.is_invitation else Method.LINK
    return _admit(session, sign_in, method, now)


def sign_in_by_code(
    session: Session, tokens: Tokens, address: EmailAddress, code: str, now: datetime
) -> Admitted | None:
    """Use the code up and let its owner in; None if it is not this editor's newest code."""
    editor = find_editor_at_desk_by_key(session, address.key)
    sign_in = None if editor is None else newest_sign_in(session, editor.id)
    is_right = tokens.is_code(Purpose.SIGN_IN, sign_in.id if sign_in else 0, code)
    if sign_in is None or editor is None:
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
    return _admit(session, sign_in, Method.CODE, now)


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


def _new_sign_in(session: Session, editor: EditorRow, now: datetime, follow: str = "") -> SignInRow:
    sign_in = SignInRow(editor_id=editor.id, asked_at=now, follow=follow)
    session.add(sign_in)
    session.flush()
    return sign_in


def _usable(session: Session, tokens: Tokens, token: str, now: datetime) -> SignInRow:
    for purpose in (Purpose.SIGN_IN, Purpose.INVITATION):
        is_too_old = False
        try:
            number = tokens.read(purpose, token, now)
        except TokenExpired as expired:
            number, is_too_old = expired.subject, True
        except TokenRefused:
            continue
        sign_in = session.get(SignInRow, number)
        if sign_in is not None and sign_in.is_invitation == (purpose is Purpose.INVITATION):
            if is_too_old:
                raise LinkUsed(sign_in.follow)
            return _while_open(sign_in, now)
    raise LinkUsed


def _while_open(sign_in: SignInRow, now: datetime) -> SignInRow:
    if not _is_open(sign_in, now):
        raise LinkUsed(sign_in.follow)
    return sign_in


def _still_open(session: Session, sign_in: SignInRow, now: datetime) -> SignInRow:
    """Return the way in if it is unused at this moment; nobody else can use it from here on."""
    locked = lock_sign_in(session, sign_in.id)
    if locked is None:
        raise LinkUsed
    return _while_open(locked, now)


def _is_open(sign_in: SignInRow, now: datetime) -> bool:
    valid = INVITATION_VALID if sign_in.is_invitation else SIGN_IN_VALID
    return sign_in.used_at is None and now - sign_in.asked_at <= valid


def _editor_of(session: Session, sign_in: SignInRow) -> EditorRow:
    editor = find_editor_at_desk(session, sign_in.editor_id)
    if editor is None:
        raise LinkUsed
    return editor


def _admit(session: Session, sign_in: SignInRow, method: Method, now: datetime) -> Admitted:
    editor = _editor_of(session, sign_in)
    sign_in.used_at = now
    return Admitted(editor=editor_view(editor), method=method, follow=sign_in.follow)
