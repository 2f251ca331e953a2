"""The door: asking for a link, using it or the six digits, and leaving."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from topthree.domain.permission import Permission
from topthree.domain.refusal import Invalid, NotAllowed
from topthree.mail.address_syntax import parse_address
from topthree.services.desk_sessions import Admitted
from topthree.services.desk_sessions import sign_out as end_session
from topthree.services.sign_in import (
    LinkUsed,
    ask_to_sign_in,
    look_at_sign_in,
    sign_in_by_code,
    sign_in_by_link,
)
from topthree.web.access import (
    desk,
    forget_signed_in,
    session_secret,
    signed_in_editor,
    signed_out,
)
from topthree.web.database import read_only, transaction
from topthree.web.desk.going import gone_to
from topthree.web.desk.letting_in import let_in
from topthree.web.desk.next_path import safe_next
from topthree.web.desk.typed_text import shown_again
from topthree.web.security import unlisted
from topthree.web.site import site

_WRONG_CODE = (
    "These digits do not sign you in. Look for the newest message from us;"
    " its code works once, for fifteen minutes. Or ask for a new one below."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What was typed at the door, and what is wrong with it."""

    next: str
    address: str = ""
    address_problem: str = ""
    code: str = ""
    code_problem: str = ""


@signed_out
def sign_in() -> ResponseReturnValue:
    """Show the form that asks for an address."""
    door = Door(next=safe_next(request.args.get("next", "")))
    if signed_in_editor() is not None:
        return redirect(door.next)
    return _page("sign_in", door)


@signed_out
def ask() -> ResponseReturnValue:
    """Take an address; the answer is the same for every address (standards R-119)."""
    typed, follow = request.form.get("address", ""), safe_next(request.form.get("next", ""))
    try:
        address = parse_address(typed)
    except Invalid as invalid:
        door = Door(next=follow, address=shown_again(typed), address_problem=str(invalid))
        return _page("sign_in", door), HTTPStatus.UNPROCESSABLE_ENTITY
    with transaction() as session:
        ask_to_sign_in(session, address, request.remote_addr or "", site().clock())
    return _page("check_inbox", Door(next=follow, address=str(address)))


@signed_out
def use_code() -> ResponseReturnValue:
    """Sign in with the six digits of the newest message."""
    _require_our_own_form()
    typed, code = request.form.get("address", ""), request.form.get("code", "")
    follow = safe_next(request.form.get("next", ""))
    admitted = _try_code(typed, code)
    if admitted is None:
        door = Door(
            next=follow,
            address=shown_again(typed),
            code=shown_again(code),
            code_problem=_WRONG_CODE,
        )
        return _page("check_inbox", door), HTTPStatus.UNPROCESSABLE_ENTITY
    return let_in(admitted, follow)


@signed_out
def show_link(token: str) -> ResponseReturnValue:
    """Show whom the link signs in, and the button; looking uses nothing up."""
    wiring = site()
    try:
        with read_only() as session:
            editor = look_at_sign_in(session, wiring.tokens, token, wiring.clock())
    except LinkUsed as used:
        return _useless_link(used)
    page = render_template(
        "desk/sign_in_link.html", who=editor, token=token, lasts=wiring.session_limits.lasts
    )
    return unlisted(make_response(page))


@signed_out
def use_link(token: str) -> ResponseReturnValue:
    """Sign in, because the button was pressed; the link is used up."""
    _require_our_own_form()
    wiring = site()
    try:
        with transaction() as session:
            admitted = sign_in_by_link(session, wiring.tokens, token, wiring.clock())
    except LinkUsed as used:
        return _useless_link(used)
    return unlisted(let_in(admitted, safe_next("")))


@desk(Permission.READ_DESK)
def sign_out() -> ResponseReturnValue:
    """End the session of this browser."""
    with transaction() as session:
        end_session(session, session_secret(), site().clock())
    return forget_signed_in(gone_to(url_for("desk.sign_in", said="signed-out")))


def _try_code(typed: str, code: str) -> Admitted | None:
    try:
        address = parse_address(typed)
    except Invalid:
        return None
    wiring = site()
    with transaction() as session:
        return sign_in_by_code(session, wiring.tokens, address, code, wiring.clock())


def _useless_link(used: LinkUsed) -> ResponseReturnValue:
    door = Door(next=safe_next(""))
    page = render_template("desk/sign_in.html", door=door, refused=str(used))
    return unlisted(make_response(page, HTTPStatus.NOT_FOUND))


def _page(name: str, door: Door) -> str:
    has_outbox = site().outbox is not None
    return render_template(f"desk/{name}.html", door=door, refused="", has_outbox=has_outbox)


def _require_our_own_form() -> None:
    """Refuse a form on another site that would sign the visitor in as somebody else.

    :raises NotAllowed: if the browser says that the form is not ours.
    """
    fetched_from = request.headers.get("Sec-Fetch-Site")
    if fetched_from is not None:
        is_ours = fetched_from in {"same-origin", "none"}
    else:
        # Pages with a token send no referrer, and so the origin “null”.
        origin = request.headers.get("Origin", "null")
        is_ours = origin == "null" or urlsplit(origin).netloc == request.host
    if not is_ours:
        message = "Sign in on the page of the desk itself: open the link of the message again."
        raise NotAllowed(message)
