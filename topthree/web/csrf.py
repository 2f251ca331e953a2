"""Cross-site request forgery: forms of the desk carry a mark of the browser's own session."""

from __future__ import annotations

import hashlib
import hmac

from flask import request
from markupsafe import Markup

from topthree.domain.refusal import NotAllowed

FIELD = "csrf"


def csrf_token(secret: str) -> str:
    """Return the mark of this session; only a page of ours can know it."""
    return hmac.new(secret.encode(), b"topthree.csrf", hashlib.sha256).hexdigest()


def csrf_field(secret: str) -> Markup:
    """Return the hidden field for a form."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, csrf_token(secret))


def require_csrf(secret: str) -> None:
    """Let the request pass if its form is one that we gave to this session.

    :raises NotAllowed: otherwise.
    """
    given = request.form.get(FIELD, "")
    if not hmac.compare_digest(given.encode(), csrf_token(secret).encode()):
        message = "This form has grown old. Go back, load the page again and send it once more."
        raise NotAllowed(message)
