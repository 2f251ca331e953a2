"""Unsubscribing by RFC 8058's POST, which mail programs send on a person's behalf."""

from __future__ import annotations

import logging
from http import HTTPStatus

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from topthree.services.subscribers.unsubscribe import unsubscribe
from topthree.web.access import one_click
from topthree.web.database import transaction
from topthree.web.site import site

_log = logging.getLogger(__name__)


@one_click
def leave_by_one_click(token: str) -> Response:
    """End the subscription; the token is all it takes, whatever the body says or does not."""
    wiring = site()
    with transaction() as session:
        unsubscribe(session, wiring.tokens, token, by_one_click=True, now=wiring.clock())
    return _words("Unsubscribed.\n", HTTPStatus.OK)


@one_click
def send_to_the_page(token: str) -> Answer:
    """Lead a person, who got here by opening the header's address, to the page with the button."""
    return redirect(url_for("public.show_leaving", token=token), HTTPStatus.SEE_OTHER)


def unknown(_error: Exception) -> Response:
    """Answer for a token that is not one of ours, whatever is wrong with it."""
    return _words("This is not a link of ours.\n", HTTPStatus.NOT_FOUND)


def failed(error: Exception) -> Response:
    """Answer any failure so that the mail program tries again."""
    _log.error("failed at %s %s", request.method, request.endpoint, exc_info=error)
    response = _words("We are busy. Try again in a minute.\n", HTTPStatus.SERVICE_UNAVAILABLE)
    response.headers["Retry-After"] = "60"
    return response


def _words(text: str, status: int) -> Response:
    return Response(text, status, content_type="text/plain; charset=utf-8")
