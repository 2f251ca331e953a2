"""For machines that act on their own: mail programs that unsubscribe, and the watchman."""

from __future__ import annotations

from flask import Blueprint

from topthree.domain.refusal import NotFound
from topthree.web.hooks.health import healthz
from topthree.web.hooks.one_click import (
    failed,
    leave_by_one_click,
    send_to_the_page,
    unknown,
)
from topthree.web.security import unlisted_with_token

__all__ = ["blueprint"]

blueprint = Blueprint("hooks", __name__)
blueprint.after_request(unlisted_with_token)
blueprint.register_error_handler(NotFound, unknown)
blueprint.register_error_handler(Exception, failed)

blueprint.add_url_rule("/healthz", view_func=healthz, methods=["GET"])
# RFC 8058 §3.1: no redirect, so both spellings answer.
blueprint.add_url_rule(
    "/o/<token>/", view_func=leave_by_one_click, methods=["POST"], strict_slashes=False
)
blueprint.add_url_rule(
    "/o/<token>/", view_func=send_to_the_page, methods=["GET"], strict_slashes=False
)
