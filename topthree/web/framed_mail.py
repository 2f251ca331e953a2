"""Mail inside a page of the desk: shown as it is, and locked in so that it can do nothing."""

from __future__ import annotations

from flask import Response, make_response

from topthree.web.security import framed

# No script, no form, no request but for pictures, and a frame of an origin of its own.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data: https:;"
    " base-uri 'none'; form-action 'none'; sandbox"
)


def framed_mail(html: str) -> Response:
    """Return the HTML part of a message as the content of a frame."""
    response = make_response(html)
    response.content_type = "text/html; charset=utf-8"
    response.headers["Referrer-Policy"] = "no-referrer"
    return framed(response, _POLICY)
