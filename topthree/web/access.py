"""Who may use a route: each view declares it, and a test walks the URL map to see that it does."""

from __future__ import annotations

import functools
from collections.abc import Callable
from enum import StrEnum
from typing import ParamSpec, TypeVar

from flask import Response, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from topthree.domain.editors.permission import Permission, require
from topthree.domain.refusal import NotAllowed
from topthree.services.editors.desk_sessions import find_signed_in, is_to_be_seen, see
from topthree.services.identity.editor_view import EditorView
from topthree.web.csrf import require_csrf
from topthree.web.database import read_only, transaction
from topthree.web.secret_cookie import SecretCookie
from topthree.web.site import site

P = ParamSpec("P")
R = TypeVar("R")

#: What a form of the desk may bring once it is known who sends it; static/autosave.js lets nobody
#: leave a page that holds more text.
_LONGEST_FORM_BYTES = 8_000_000
_LARGEST_FILE_BYTES = 25_000_000


_SESSION = SecretCookie("desk")


class SignedOut(NotAllowed):
    """A form was sent after its session had ended."""

    def __init__(self) -> None:
        super().__init__(
            "You are not signed in any more. Sign in in another tab, then send this again."
        )


class Audience(StrEnum):
    """Whom a route is for."""

    PUBLIC = "anyone, without a cookie"
    ONE_CLICK = "mail programs, without a cookie or a form"
    SIGNED = "machines that sign what they send, without a cookie or a form"
    SIGNING_IN = "editors who are not signed in yet"
    DESK = "signed-in editors"


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Declare a page for anyone."""
    return _declared(view, Audience.PUBLIC)


def one_click(view: Callable[P, R]) -> Callable[P, R]:
    """Declare a path that mail programs post to (RFC 8058)."""
    return _declared(view, Audience.ONE_CLICK)


def signed(view: Callable[P, R]) -> Callable[P, R]:
    """Declare a path that heeds nothing unless its sender has signed it."""
    return _declared(view, Audience.SIGNED)


def signed_out(view: Callable[P, R]) -> Callable[P, R]:
    """Declare a page of the way in to the desk."""
    return _declared(view, Audience.SIGNING_IN)


def desk(
    permission: Permission, *, by_itself: bool = False
) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """Declare a page for signed-in editors whose role has the permission.

    :param by_itself: whether scripts ask for it without anybody doing anything; then it does not
        keep an idle session alive.
    """

    def declare(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
        @functools.wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            editor = signed_in_editor()
            if editor is None:
                return _send_to_the_door()
            require(editor.role, permission)
            # What is too long, or too large a file, is refused in better words, and kept.
            request.max_content_length = _LARGEST_FILE_BYTES
            request.max_form_memory_size = _LONGEST_FORM_BYTES
            if request.method not in ("GET", "HEAD", "OPTIONS"):
                require_csrf(editor.id)
            if not by_itself:
                _note_presence()
            return view(*args, **kwargs)

        vars(guarded)["permission"] = permission
        return _declared(guarded, Audience.DESK)

    return declare


def current_editor() -> EditorView:
    """Return who is signed in; only views declared with :func:`desk` may ask."""
    editor = signed_in_editor()
    if editor is None:
        message = "Sign in to go on."
        raise NotAllowed(message)
    return editor


def signed_in_editor() -> EditorView | None:
    """Return who is signed in, if anybody; read once a request."""
    if "editor" not in g:
        secret = session_secret()
        g.editor = None
        if secret:
            with read_only() as session:
                g.editor = find_signed_in(session, secret, site().clock(), site().session_limits)
    editor: EditorView | None = g.editor
    return editor


def session_secret() -> str:
    """Return the secret that the browser keeps; empty for visitors."""
    return _SESSION.read()


def keep_signed_in(response: Response, secret: str) -> Response:
    """Let the browser keep the secret for as long as the session lasts."""
    return _SESSION.keep(response, secret, site().session_limits.lasts)


def forget_signed_in(response: Response) -> Response:
    """Let the browser forget the secret."""
    return _SESSION.forget(response)


def _declared(view: Callable[P, R], audience: Audience) -> Callable[P, R]:
    vars(view)["audience"] = audience
    return view


def _note_presence() -> None:
    """Write down, at most once a minute, that somebody is at work in this browser.

    That is the one thing that looking at a page of the desk may change: without it, reading for
    half an hour would sign a person out.
    """
    wiring, secret = site(), session_secret()
    now = wiring.clock()
    with read_only() as session:
        is_due = is_to_be_seen(session, secret, now, wiring.session_limits)
    if is_due:
        with transaction() as session:
            see(session, secret, now)


def _send_to_the_door() -> ResponseReturnValue:
    """Send a reader to sign in and back; a form that was sent without a session is refused."""
    if request.method not in ("GET", "HEAD"):
        raise SignedOut
    return redirect(url_for("desk.sign_in", next=request.full_path))
