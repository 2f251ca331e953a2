"""Where a browser goes after a form was sent: to a page, so that loading it again is harmless."""

from __future__ import annotations

from http import HTTPStatus

from flask import Response, make_response, redirect


def gone_to(path: str) -> Response:
    """Return the answer that leads to the path with a GET."""
    return make_response(redirect(path, HTTPStatus.SEE_OTHER))
