"""Forms of the way in, sent before there is a session that a mark could be bound to."""

from __future__ import annotations

from flask import request

from topthree.domain.refusal import NotAllowed
from topthree.web.csrf import is_our_origin


def require_our_own_form() -> None:
    """Refuse a form on another site that would sign the visitor in as somebody else.

    :raises NotAllowed: if the browser says that the form is not ours.
    """
    fetched_from = request.headers.get("Sec-Fetch-Site")
    if fetched_from is not None:
        is_ours = fetched_from in {"same-origin", "none"}
    else:
        # Pages with a token send no referrer, and so the origin “null”.
        origin = request.headers.get("Origin", "null")
        is_ours = origin == "null" or is_our_origin(origin)
    if not is_ours:
        message = "Sign in on the page of the desk itself: open the link of the message again."
        raise NotAllowed(message)
