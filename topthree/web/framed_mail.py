"""Mail inside a page of the desk: shown as it is, and locked in so that it can do nothing."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, make_response

from topthree.web.security import framed
from topthree.web.site import site

# No script, no form, no request but for pictures, and a frame of an origin of its own.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data: https:;"
    " base-uri 'none'; form-action 'none'; sandbox"
)


def framed_mail(html: str) -> Response:
    """Return the HTML part of a message as the content of a frame."""
    # Our pictures come from here, by whatever address the desk is reached: the letter's own may be
    # one that does not answer yet.
    ours = site().newsletter.media_url("")
    response = make_response(html.replace(f'src="{ours}', f'src="{urlsplit(ours).path}'))
    response.content_type = "text/html; charset=utf-8"
    response.headers["Referrer-Policy"] = "no-referrer"
    return framed(response, _POLICY)
