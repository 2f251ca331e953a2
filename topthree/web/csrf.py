"""Cross-site request forgery: forms of the desk carry a mark that only its pages can know."""

from __future__ import annotations

import hmac

from flask import request
from markupsafe import Markup

from topthree.domain.ids import EditorId
from topthree.domain.refusal import NotAllowed
from topthree.web.site import site

FIELD = "csrf"


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

    :raises NotAllowed: otherwise.
    """
    given = request.form.get(FIELD, "")
    if not hmac.compare_digest(given.encode(), csrf_token(editor_id).encode()):
        message = "This form has grown old. Go back, load the page again and send it once more."
        raise NotAllowed(message)
