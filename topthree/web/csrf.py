"""Cross-site request forgery: forms of the desk carry a mark that only its pages can know."""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from flask import request
from markupsafe import Markup

from topthree.domain.ids import EditorId
from topthree.domain.refusal import NotAllowed
from topthree.web.site import site

FIELD = "csrf"
_ELSEWHERE = frozenset({"cross-site", "same-site"})


class FormGrownOld(NotAllowed):
    """The form was not given to whoever sends it, or by nobody of ours."""

    def __init__(self) -> None:
        super().__init__(
            "This form has grown old. Go back, load the page again and send it once more."
        )


def csrf_token(editor_id: EditorId) -> str:
    """Return the mark of this editor's forms.

    It is bound to the editor and not to the session, so that a form which was open when the
    session ended is still good after signing in again in another tab (standards R-90).
    """
    return site().tokens.seal(f"form of editor {editor_id}")


def csrf_field(editor_id: EditorId) -> Markup:
    """Return the hidden field for a form."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, csrf_token(editor_id))


def require_csrf(editor_id: EditorId) -> None:
    """Let the request pass if its form is one that a page of ours gave to this editor.

    The mark alone would do. A site beside ours, for whom ``SameSite`` does not count, is refused
    even with a mark that has got into its hands.

    :raises FormGrownOld: otherwise.
    """
    given = request.form.get(FIELD, "")
    is_ours = hmac.compare_digest(given.encode(), csrf_token(editor_id).encode())
    if not is_ours or request.headers.get("Sec-Fetch-Site") in _ELSEWHERE:
        raise FormGrownOld


def is_from_our_page(*, unless_said: bool) -> bool:
    """Tell whether the browser says that a page of ours sent the form.

    :param unless_said: what holds for a browser that says nothing.
    """
    fetched_from, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if fetched_from is not None:
        return fetched_from == "same-origin"
    return unless_said if origin is None else is_our_origin(origin)


def is_our_origin(origin: str) -> bool:
    """Tell whether this is the origin that the request was sent to."""
    try:
        return urlsplit(origin).netloc == request.host
    except ValueError:
        return False
