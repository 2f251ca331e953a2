"""The links of a confirmation message: "yes, it was me" and "no, it was not"."""

from __future__ import annotations

from http import HTTPStatus

from flask import render_template
from flask.typing import ResponseReturnValue

from topthree.domain.subscribers.wording import CONFIRM_BY_LINK, DISOWN
from topthree.services.subscribers.confirm_subscription import (
    LinkState,
    LinkView,
    confirm_by_link,
    look_at_confirmation,
    look_at_disowning,
)
from topthree.services.subscribers.confirm_subscription import disown as disown_subscription
from topthree.web.access import public
from topthree.web.database import read_only, transaction
from topthree.web.public.join_form import JoinForm
from topthree.web.public.token_pages import useless_link
from topthree.web.public.welcome import welcome
from topthree.web.site import site

_EXPIRED = "This link no longer works"
_CONFIRMING_EXPIRED = (
    "Links to confirm an address last seven days, and this one is older."
    " Nothing is lost: type your address and we send a fresh one."
)
_CONFIRMING_UNKNOWN = (
    "It may be cut short, or it was used and then undone. Copy it whole from the message,"
    " or type your address and we send a fresh one."
)
_DISOWNING_EXPIRED = (
    "Nothing is left to stop: without an answer we do not write to an address again."
    " If letters come all the same, write to us."
)
_DISOWNING_UNKNOWN = (
    "It may be cut short. Copy it whole from the message, or write to us and we stop by hand."
)


@public
def show_confirming(token: str) -> ResponseReturnValue:
    """Show whose address it is and the button that confirms it."""
    wiring = site()
    with read_only() as session:
        link = look_at_confirmation(session, wiring.tokens, token, wiring.clock())
    return _confirming_page(link)


@public
def confirm(token: str) -> ResponseReturnValue:
    """Confirm the address, because the button was pressed."""
    wiring = site()
    with transaction() as session:
        link = confirm_by_link(session, wiring.tokens, token, wiring.clock())
    return _confirming_page(link)


@public
def show_disowning(token: str) -> ResponseReturnValue:
    """Show the button for someone whose address a stranger typed."""
    wiring = site()
    with read_only() as session:
        link = look_at_disowning(session, wiring.tokens, token, wiring.clock())
    return _disowning_page(link)


@public
def disown(token: str) -> ResponseReturnValue:
    """Never write to the address again, because the button was pressed."""
    wiring = site()
    with transaction() as session:
        link = disown_subscription(session, wiring.tokens, token, wiring.clock())
    return _disowning_page(link)


def _confirming_page(link: LinkView) -> ResponseReturnValue:
    if link.state is LinkState.READY:
        return render_template("public/confirm.html", link=link, button=CONFIRM_BY_LINK)
    if link.state is LinkState.DONE:
        return welcome(link.masked_address)
    if link.state is LinkState.EXPIRED:
        return useless_link(_CONFIRMING_EXPIRED, HTTPStatus.GONE, title=_EXPIRED, join=JoinForm())
    return useless_link(_CONFIRMING_UNKNOWN, HTTPStatus.NOT_FOUND, join=JoinForm())


def _disowning_page(link: LinkView) -> ResponseReturnValue:
    if link.state is LinkState.READY:
        return render_template("public/disown.html", link=link, button=DISOWN)
    if link.state is LinkState.DONE:
        return render_template("public/disowned.html", link=link)
    if link.state is LinkState.EXPIRED:
        return useless_link(_DISOWNING_EXPIRED, HTTPStatus.GONE, title=_EXPIRED)
    return useless_link(_DISOWNING_UNKNOWN, HTTPStatus.NOT_FOUND)
