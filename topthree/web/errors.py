"""What a refusal or a failure looks like as a page: one table, one template."""

from __future__ import annotations

import logging
from http import HTTPStatus

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from topthree.domain.refusal import Conflict, Invalid, NotAllowed, NotFound, Refusal
from topthree.store.engine import is_away
from topthree.web.access import SignedOut
from topthree.web.csrf import FormGrownOld
from topthree.web.kept_form import can_be_sent_again, kept_page
from topthree.web.security import framed_if_declared

_log = logging.getLogger(__name__)

#: The most particular first.
_PAGES: tuple[tuple[type[Refusal], int, str], ...] = (
    (NotFound, 404, "This is not here"),
    (NotAllowed, 403, "This is not for you to do"),
    (Conflict, 409, "This cannot be done now"),
    (Invalid, 422, "Something has to be put right"),
    (Refusal, 400, "This cannot be done"),
)
_HTTP_PAGES = {
    400: ("We did not understand that", "Go back, load the page again and try once more."),
    404: (
        "This page is not here",
        "The address may be cut short. Past issues are all in the list.",
    ),
    405: ("This is not how the page works", "Go back and use its button."),
    413: (
        "That is too much at once",
        "Nothing of it was taken in. Go back, and send less text or a smaller file.",
    ),
    429: ("Too many at once", "Wait a minute, then try again."),
}
_FAILED = (
    "Something went wrong here",
    "It is not your doing, and we have a note of it. Try again.",
)
_BUSY = ("We are busy for a moment", "Nothing was changed. Wait a minute, then try again.")
_GROWN_OLD = "The page you sent this from was opened by somebody else, or long ago."


def prepare(app: Flask) -> None:
    """Answer every refusal and failure with a page that says what to do."""
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _busy_or_failed)


def _refused(refusal: Exception) -> Response:
    is_framed = request.headers.get("Sec-Fetch-Dest") == "iframe"
    if is_framed and isinstance(refusal, SignedOut):
        # A preview stays as it is; the page around it says that its reader is signed out.
        return make_response("", 204)
    for kind, status, title in _PAGES:
        if isinstance(refusal, kind):
            is_late = isinstance(refusal, (SignedOut, FormGrownOld))
            if is_late and can_be_sent_again(refusal):
                return kept_page(refusal, status, _GROWN_OLD)
            return _page(status, title, str(refusal), is_signed_out=isinstance(refusal, SignedOut))
    raise refusal


def _http_error(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:  # noqa: PLR2004 - redirects are exceptions too
        return make_response(error.get_response())
    title, message = _HTTP_PAGES.get(error.code, _FAILED)
    return _page(error.code, title, message)


def _busy_or_failed(error: Exception) -> Response:
    return _busy(error) if is_away(error) else _failed(error)


def _busy(error: Exception) -> Response:
    _log.warning("the database did not answer: %s", type(error).__name__)
    response = _kept_or_said(error, 503, *_BUSY)
    response.headers["Retry-After"] = "60"
    return response


def _failed(error: Exception) -> Response:
    _log.error("failed at %s %s", request.method, request.endpoint, exc_info=error)
    return _kept_or_said(error, 500, *_FAILED)


def _kept_or_said(failure: Exception, status: int, title: str, message: str) -> Response:
    if can_be_sent_again(failure):
        return kept_page(failure, status, f"{title}. {message}")
    return _page(status, title, message)


def _page(status: int, title: str, message: str, *, is_signed_out: bool = False) -> Response:
    if request.accept_mimetypes.best == "application/json":
        reason = "signed-out" if is_signed_out else "refused"
        response = make_response(jsonify(reason=reason, message=message), status)
    else:
        response = make_response(_words(status, title, message), status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return framed_if_declared(response)


def _words(status: int, title: str, message: str) -> str:
    # Who it is has been asked before, so that nothing here waits for a database that is away.
    is_at_desk = request.blueprint == "desk" and g.get("editor") is not None
    if not is_at_desk:
        return render_template("error.html", title=title, message=message, status=status)
    is_there = status != HTTPStatus.NOT_FOUND
    issue_id = (request.view_args or {}).get("issue_id") if is_there else None
    return render_template(
        "desk/frame/refused.html", title=title, message=message, issue_id=issue_id
    )
