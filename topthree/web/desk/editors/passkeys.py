"""Passkeys: signing in with one at the door, and looking after one's own.

The browser asks for a question, lets the device answer it, and sends the answer as a form; without
a script, and on devices without passkeys, there is the link by mail.
"""

from __future__ import annotations

from http import HTTPStatus

from flask import Response, current_app, request, url_for
from flask.typing import ResponseReturnValue

from topthree.domain.editors.permission import Permission
from topthree.domain.refusal import Conflict, NotFound, Refusal
from topthree.services.editors.desk_sessions import Admitted, began_at
from topthree.services.editors.passkeys import (
    RECENT,
    NewPasskey,
    add_passkey,
    ask_to_add,
    ask_to_sign_in_by_passkey,
    remove_passkey,
    rename_passkey,
    sign_in_by_passkey,
)
from topthree.services.identity.ceremonies import Ceremonies, PasskeyRefused
from topthree.services.subscribers.form_limits import Form, may_use
from topthree.web.access import current_editor, desk, session_secret, signed_out
from topthree.web.database import read_only, transaction
from topthree.web.desk.editors.letting_in import let_in
from topthree.web.desk.editors.next_path import safe_next
from topthree.web.desk.editors.our_own_form import require_our_own_form
from topthree.web.desk.editors.sign_in import door_refusing
from topthree.web.desk.forms.going import gone_to
from topthree.web.site import site


@signed_out
def ask_for_key() -> ResponseReturnValue:
    """Give the question that any passkey of this site can answer."""
    require_our_own_form()
    now = site().clock()
    with transaction() as session:
        if not may_use(session, Form.PASSKEY, request.remote_addr or "", now):
            raise Refusal("Passkeys were asked for too often from here. Use the link by mail.")
        question = ask_to_sign_in_by_passkey(session, _ceremonies(), now)
    return _json(question)


@signed_out
def use_key() -> ResponseReturnValue:
    """Sign in whose passkey has answered."""
    require_our_own_form()
    answer, follow = request.form.get("answer", ""), safe_next(request.form.get("next", ""))
    admitted = _admitted(answer)
    if isinstance(admitted, PasskeyRefused):
        return door_refusing(str(admitted), follow), HTTPStatus.UNPROCESSABLE_ENTITY
    return let_in(admitted, follow)


@desk(Permission.READ_DESK)
def ask_for_new_key() -> ResponseReturnValue:
    """Give the question that makes a passkey, to who has signed in a short while ago."""
    _require_recent()
    with transaction() as session:
        question = ask_to_add(session, _ceremonies(), current_editor(), site().clock())
    return _json(question)


@desk(Permission.READ_DESK)
def add_key() -> ResponseReturnValue:
    """Keep the passkey that the device has made."""
    _require_recent()
    sent = NewPasskey(name=request.form.get("name", ""), answer=request.form.get("answer", ""))
    with transaction() as session:
        add_passkey(session, _ceremonies(), current_editor(), sent, site().clock())
    return gone_to(url_for("desk.me", said="passkey-added"))


@desk(Permission.READ_DESK)
def rename_key(passkey_id: int) -> ResponseReturnValue:
    """Call a passkey something else."""
    name = request.form.get("name", "")
    with transaction() as session:
        rename_passkey(session, current_editor(), passkey_id, name, site().clock())
    return gone_to(url_for("desk.me", said="passkey-named"))


@desk(Permission.READ_DESK)
def remove_key(passkey_id: int) -> ResponseReturnValue:
    """Let a passkey sign nobody in any more."""
    with transaction() as session:
        remove_passkey(session, current_editor(), passkey_id, site().clock())
    return gone_to(url_for("desk.me", said="passkey-removed"))


def _admitted(answer: str) -> Admitted | PasskeyRefused:
    """Return whom the answer lets in; a wrong one uses its question up as well."""
    with transaction() as session:
        try:
            return sign_in_by_passkey(session, _ceremonies(), answer, site().clock())
        except PasskeyRefused as refused:
            return refused


def _ceremonies() -> Ceremonies:
    ceremonies = site().passkeys
    if ceremonies is None:
        raise NotFound("Passkeys are not switched on here. Use the link by mail.")
    return ceremonies


def _require_recent() -> None:
    """Refuse whoever found a browser that was left signed in.

    :raises Conflict: if the sign-in is not of the last minutes.
    """
    with read_only() as session:
        began = began_at(session, session_secret())
    if began is None or site().clock() - began > RECENT:
        raise Conflict("Sign out and in again first: a passkey is added right after signing in.")


def _json(question: str) -> Response:
    return current_app.response_class(question, mimetype="application/json")
