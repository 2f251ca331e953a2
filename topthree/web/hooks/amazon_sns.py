"""Where Amazon SNS posts what Amazon SES has to report."""

from __future__ import annotations

import logging
from http import HTTPStatus

from flask import Response, abort, request

from topthree.services.feedback.heed_sns import heed_sns
from topthree.services.sns.sns_message import SnsRefused, parse_sns_message
from topthree.web.access import signed
from topthree.web.hooks.answers import words
from topthree.web.site import site

_log = logging.getLogger(__name__)

#: What SNS sends at most, and what JSON makes of it.
_MOST_BYTES = 600_000
#: Parts of the message that SNS repeats in headers.
_KIND, _ID = "x-amz-sns-message-type", "x-amz-sns-message-id"


@signed
def heed_report() -> Response:
    """Heed a report; whatever is not signed for one of our topics changes nothing."""
    wiring = site()
    if wiring.sns_topics is None:
        abort(HTTPStatus.NOT_FOUND)
    request.max_content_length = _MOST_BYTES
    raw = request.get_data(cache=False)
    try:
        message = parse_sns_message(raw)
        if (request.headers.get(_KIND), request.headers.get(_ID)) != (message.kind, message.id):
            raise SnsRefused("its headers are of another message")  # noqa: TRY301 - as all others
        heeded = heed_sns(wiring, wiring.sns_topics, message)
    except SnsRefused as refused:
        _log.warning("a message to %s was refused: %s", request.path, refused)
        return words("This is not a report for us.\n", HTTPStatus.FORBIDDEN)
    _log.info("a report of Amazon SES: %s", heeded)
    return words("Thank you.\n", HTTPStatus.OK)
