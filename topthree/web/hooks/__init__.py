"""For machines that act on their own: mail programs, providers that report, and the watchman."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.exceptions import HTTPException

from topthree.domain.refusal import NotFound
from topthree.web.hooks.answers import failed, refused, unknown
from topthree.web.hooks.health import healthz
from topthree.web.hooks.one_click import leave_by_one_click, send_to_the_page
from topthree.web.hooks.provider_reports import heed_provider
from topthree.web.security import unlisted_with_token

__all__ = ["blueprint"]

blueprint = Blueprint("hooks", __name__)
blueprint.after_request(unlisted_with_token)
blueprint.register_error_handler(NotFound, unknown)
blueprint.register_error_handler(HTTPException, refused)
blueprint.register_error_handler(Exception, failed)

blueprint.add_url_rule("/healthz", view_func=healthz, methods=["GET"])
blueprint.add_url_rule("/hooks/<provider>", view_func=heed_provider, methods=["POST"])
# RFC 8058 §3.1: no redirect, so both spellings answer.
blueprint.add_url_rule(
    "/o/<token>/", view_func=leave_by_one_click, methods=["POST"], strict_slashes=False
)
blueprint.add_url_rule(
    "/o/<token>/", view_func=send_to_the_page, methods=["GET"], strict_slashes=False
)
