"""Unsubscribing by RFC 8058's POST, which mail programs send on a person's behalf."""

from __future__ import annotations

from http import HTTPStatus

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as Answer

from topthree.services.subscribers.unsubscribe import unsubscribe
from topthree.web.access import one_click
from topthree.web.database import transaction
from topthree.web.hooks.answers import words
from topthree.web.site import site


@one_click
def leave_by_one_click(token: str) -> Response:
    """End the subscription; the token is all it takes, whatever the body says or does not."""
    wiring = site()
    with transaction() as session:
        unsubscribe(session, wiring.tokens, token, by_one_click=True, now=wiring.clock())
    return words("Unsubscribed.\n", HTTPStatus.OK)


@one_click
def send_to_the_page(token: str) -> Answer:
    """Lead a person, who got here by opening the header's address, to the page with the button."""
    return redirect(url_for("public.show_leaving", token=token), HTTPStatus.SEE_OTHER)
