"""Headers that every answer carries, and how long an answer may be kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from flask import Flask, Response, current_app, request

from topthree.web.access import Audience

P = ParamSpec("P")
R = TypeVar("R")

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:;"
    " form-action 'self'; frame-src 'self'; connect-src 'self';"
    " frame-ancestors 'none'; base-uri 'none'"
)
# A page of ours in a frame of ours: it shows, and can do nothing.
_FRAMED_PAGE = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:;"
    " base-uri 'none'; form-action 'none'; sandbox"
)
_PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
#: What a visitor sends is an address or six digits; an issue takes more (see the app's settings,
#: and, for who is signed in, :mod:`topthree.web.access`).
_VISITORS_BYTES = 64_000
_YEAR_SECONDS = 365 * 24 * 3600
_FOR_EVER = f"public, max-age={_YEAR_SECONDS}, immutable"


def prepare(app: Flask, *, is_https: bool) -> None:
    """Limit what is taken in, and make every answer carry the headers a view did not set itself."""

    @app.before_request
    def _limit() -> None:
        view = app.view_functions.get(request.endpoint or "")
        if view is not None and vars(view).get("audience") is not Audience.DESK:
            request.max_content_length = _VISITORS_BYTES

    @app.after_request
    def _finish(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", _POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", _PERMISSIONS)
        if is_https:
            headers.setdefault("Strict-Transport-Security", f"max-age={_YEAR_SECONDS}")
        if request.endpoint == "static" and response.status_code < 400:  # noqa: PLR2004
            # A script asks for another by its bare name; only a name with the mark of the content
            # stands for the same content for ever.
            is_marked = "v" in request.args
            headers["Cache-Control"] = _FOR_EVER if is_marked else "public, no-cache"
        else:
            headers.setdefault("Cache-Control", "no-store")
        return response


def cached(response: Response, seconds: int) -> Response:
    """Let anyone keep the answer this long, and ask only whether it has changed afterwards."""
    response.headers["Cache-Control"] = f"public, max-age={seconds}"
    response.add_etag()
    response.make_conditional(request)
    return response


def kept_for_ever(response: Response, mark: str) -> Response:
    """Let anyone keep the answer for good: what is at this address never changes.

    :param mark: its ETag.
    """
    response.headers["Cache-Control"] = _FOR_EVER
    response.set_etag(mark)
    return response


def unlisted(response: Response) -> Response:
    """Keep a page that a token leads to out of caches, indexes and referrers (standards R-117)."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def unlisted_with_token(response: Response) -> Response:
    """Keep every answer of a path that holds a token out of sight, its refusals among them."""
    return unlisted(response) if "token" in (request.view_args or {}) else response


def in_frame(view: Callable[P, R]) -> Callable[P, R]:
    """Declare a view whose answers stand in frames of our own pages, its refusals among them."""
    vars(view)["is_framed"] = True
    return view


def framed_if_declared(response: Response) -> Response:
    """Let our own pages frame the answer if its view is declared so."""
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or "is_framed" not in vars(view):
        return response
    return framed(response, _FRAMED_PAGE)


def framed(response: Response, policy: str) -> Response:
    """Let only our own pages frame the answer, under a policy of its own."""
    response.headers["Content-Security-Policy"] = f"{policy}; frame-ancestors 'self'"
    return response
