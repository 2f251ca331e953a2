"""The door: asking for a link, using it or the six digits, and leaving."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from topthree.domain.editors.permission import Permission
from topthree.domain.refusal import Invalid
from topthree.mail.address_syntax import parse_address
from topthree.services.editors.desk_sessions import Admitted
from topthree.services.editors.desk_sessions import sign_out as end_session
from topthree.services.editors.sign_in import (
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
from topthree.web.desk.editors.letting_in import let_in
from topthree.web.desk.editors.next_path import safe_next
from topthree.web.desk.editors.our_own_form import require_our_own_form
from topthree.web.desk.forms.going import gone_to
from topthree.web.security import unlisted
from topthree.web.site import site
from topthree.web.typed_text import shown_again

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
    return _page("desk/editors/sign_in.html", door)


@signed_out
def ask() -> ResponseReturnValue:
    """Take an address; the answer is the same for every address (standards R-119)."""
    typed, follow = request.form.get("address", ""), safe_next(request.form.get("next", ""))
    try:
        address = parse_address(typed)
    except Invalid as invalid:
        door = Door(next=follow, address=shown_again(typed), address_problem=str(invalid))
        return _page("desk/editors/sign_in.html", door), HTTPStatus.UNPROCESSABLE_ENTITY
    with transaction() as session:
        ip, now = request.remote_addr or "", site().clock()
        ask_to_sign_in(session, address, ip, now, follow=follow)
    return _page("desk/editors/check_inbox.html", Door(next=follow, address=str(address)))


@signed_out
def use_code() -> ResponseReturnValue:
    """Sign in with the six digits of the newest message."""
    require_our_own_form()
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
        return _page("desk/editors/check_inbox.html", door), HTTPStatus.UNPROCESSABLE_ENTITY
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
        "desk/editors/sign_in_link.html", who=editor, token=token, lasts=wiring.session_limits.lasts
    )
    return unlisted(make_response(page))


@signed_out
def use_link(token: str) -> ResponseReturnValue:
    """Sign in, because the button was pressed; the link is used up."""
    require_our_own_form()
    wiring = site()
    try:
        with transaction() as session:
            admitted = sign_in_by_link(session, wiring.tokens, token, wiring.clock())
    except LinkUsed as used:
        return _useless_link(used)
    return unlisted(let_in(admitted, safe_next(admitted.follow)))


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


def door_refusing(problem: str, follow: str) -> str:
    """Return the page with the form that asks for an address, and why another way in failed."""
    return _page("desk/editors/sign_in.html", Door(next=follow), problem)


def _useless_link(used: LinkUsed) -> ResponseReturnValue:
    """Send on whoever is in already, as after pressing twice; others may ask for a fresh link."""
    follow = safe_next(used.follow)
    if signed_in_editor() is not None:
        return gone_to(follow)
    return unlisted(make_response(door_refusing(str(used), follow), HTTPStatus.NOT_FOUND))


def _page(template: str, door: Door, refused: str = "") -> str:
    provider = site().provider
    return render_template(
        template,
        door=door,
        refused=refused,
        has_outbox=site().outbox is not None,
        has_passkeys=site().passkeys is not None,
        single_sign_on="" if provider is None else provider.name,
    )
