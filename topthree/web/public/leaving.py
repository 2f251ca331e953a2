"""The link at the end of every issue: leaving with one button, and coming back with another."""

from __future__ import annotations

from http import HTTPStatus

from flask import render_template
from flask.typing import ResponseReturnValue

from topthree.domain.refusal import NotFound
from topthree.domain.subscribers.wording import LEAVE, UNDO_LEAVING
from topthree.services.subscribers.unsubscribe import (
    LeavingView,
    look_at_leaving,
    undo_leaving,
    unsubscribe,
)
from topthree.web.access import public
from topthree.web.database import read_only, transaction
from topthree.web.public.join_form import JoinForm
from topthree.web.public.token_pages import useless_link
from topthree.web.site import site

_NOT_UNDONE = (
    "This address cannot get the letter back by a link."
    " Type it here, and we write once to check that it is yours."
)


@public
def show_leaving(token: str) -> ResponseReturnValue:
    """Show whose address it is and the button that ends the subscription."""
    wiring = site()
    try:
        with read_only() as session:
            leaving = look_at_leaving(session, wiring.tokens, token, wiring.clock())
    except NotFound as unknown:
        return useless_link(str(unknown), HTTPStatus.NOT_FOUND)
    if not leaving.is_subscribed:
        return _left(leaving, is_new=False)
    return render_template("public/leave.html", leaving=leaving, button=LEAVE)


@public
def leave(token: str) -> ResponseReturnValue:
    """End the subscription, because the button was pressed."""
    wiring = site()
    try:
        with transaction() as session:
            leaving = unsubscribe(
                session, wiring.tokens, token, by_one_click=False, now=wiring.clock()
            )
    except NotFound as unknown:
        return useless_link(str(unknown), HTTPStatus.NOT_FOUND)
    return _left(leaving, is_new=True)


@public
def show_keeping(token: str) -> ResponseReturnValue:
    """Show the button that takes the leaving back; whether it can be is found when it is used."""
    return render_template("public/keep.html", token=token, button=UNDO_LEAVING)


@public
def keep(token: str) -> ResponseReturnValue:
    """Take the leaving back, because the button was pressed."""
    wiring = site()
    try:
        with transaction() as session:
            leaving = undo_leaving(session, wiring.tokens, token, wiring.clock())
    except NotFound as unknown:
        return useless_link(str(unknown), HTTPStatus.NOT_FOUND, join=JoinForm())
    if not leaving.is_subscribed:
        return useless_link(
            _NOT_UNDONE, HTTPStatus.CONFLICT, title="This cannot be undone", join=JoinForm()
        )
    return render_template("public/kept.html", leaving=leaving)


def _left(leaving: LeavingView, *, is_new: bool) -> str:
    return render_template("public/left.html", leaving=leaving, is_new=is_new, button=UNDO_LEAVING)
