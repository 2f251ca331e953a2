"""Subscribing on the web: the form, and the six digits that come back from the inbox."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from flask import render_template, request
from flask.typing import ResponseReturnValue

from topthree.domain.refusal import Invalid
from topthree.domain.subscribers.address import masked
from topthree.domain.subscribers.wording import CONFIRM_BY_CODE
from topthree.mail.address_syntax import parse_address
from topthree.services.subscribers.confirm_subscription import TypedCode, confirm_by_code
from topthree.services.subscribers.subscribe import SignUp, subscribe
from topthree.web.access import public
from topthree.web.database import transaction
from topthree.web.public.join_form import TRAP, JoinForm
from topthree.web.public.welcome import welcome
from topthree.web.site import site
from topthree.web.typed_text import shown_again

_WRONG_CODE = (
    "These digits do not fit. Look for the newest message from us, or ask for a new one below."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeForm:
    """The form for the six digits, with what was typed and what is wrong with it."""

    address: str
    code: str = ""
    problem: str = ""
    button: str = CONFIRM_BY_CODE


@public
def show_joining() -> str:
    """Show the form on a page of its own."""
    return render_template("public/subscribe.html", join=JoinForm())


@public
def join() -> ResponseReturnValue:
    """Take an address; the answer is the same for every address (standards R-119)."""
    typed = request.form.get("address", "")
    try:
        address = parse_address(typed)
    except Invalid as invalid:
        form = JoinForm(address=shown_again(typed), problem=str(invalid))
        page = render_template("public/subscribe.html", join=form)
        return page, HTTPStatus.UNPROCESSABLE_ENTITY
    if not request.form.get(TRAP):
        sign_up = SignUp(
            address=address, source="form on the first page", ip=request.remote_addr or ""
        )
        with transaction() as session:
            subscribe(session, sign_up, site().clock())
    return _check_inbox(CodeForm(address=str(address)))


@public
def confirm_code() -> ResponseReturnValue:
    """Confirm the address whose six digits these are."""
    typed, code = request.form.get("address", ""), request.form.get("code", "")
    if not _confirm(typed, code):
        form = CodeForm(address=shown_again(typed), code=shown_again(code), problem=_WRONG_CODE)
        return _check_inbox(form), HTTPStatus.UNPROCESSABLE_ENTITY
    return welcome(masked(str(parse_address(typed))))


def _confirm(typed: str, code: str) -> bool:
    try:
        address = parse_address(typed)
    except Invalid:
        return False
    wiring = site()
    with transaction() as session:
        typed_code = TypedCode(address=address, code=code, ip=request.remote_addr or "")
        return confirm_by_code(session, wiring.tokens, typed_code, wiring.clock())


def _check_inbox(form: CodeForm) -> str:
    return render_template(
        "public/check_inbox.html",
        form=form,
        join=JoinForm(address=form.address),
        has_outbox=site().outbox is not None,
    )
