"""What machines are answered: a few words, and a status by which they know what to do."""

from __future__ import annotations

import logging
from http import HTTPStatus

from flask import Response, request
from werkzeug.exceptions import HTTPException

_log = logging.getLogger(__name__)


def words(text: str, status: int) -> Response:
    """Answer with these words."""
    return Response(text, status, content_type="text/plain; charset=utf-8")


def unknown(_error: Exception) -> Response:
    """Answer for a token that is not one of ours, whatever is wrong with it."""
    return words("This is not a link of ours.\n", HTTPStatus.NOT_FOUND)


def refused(error: HTTPException) -> Response:
    """Answer what no second try would make better."""
    return words(f"{error.name}.\n", error.code or HTTPStatus.BAD_REQUEST)


def failed(error: Exception) -> Response:
    """Answer any failure so that whoever asked tries again."""
    _log.error("failed at %s %s", request.method, request.endpoint, exc_info=error)
    response = words("We are busy. Try again in a minute.\n", HTTPStatus.SERVICE_UNAVAILABLE)
    response.headers["Retry-After"] = "60"
    return response
