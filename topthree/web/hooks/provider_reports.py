"""Where providers post what became of our mail."""

from __future__ import annotations

import logging
from http import HTTPStatus

from flask import Response, abort, request

from topthree.services.feedback.heed_reports import heed_reports
from topthree.services.reporters.reporter import Posted, PostRefused
from topthree.web.access import signed
from topthree.web.hooks.answers import words
from topthree.web.site import site

_log = logging.getLogger(__name__)

#: SendGrid posts up to 768 kB at a time, and SNS 256 kB, which JSON may double.
_MOST_BYTES = 1_000_000


@signed
def heed_provider(provider: str) -> Response:
    """Heed what is reported; whatever does not come from the provider changes nothing."""
    wiring = site()
    reporter = wiring.reporters.get(provider)
    if reporter is None:
        abort(HTTPStatus.NOT_FOUND)
    request.max_content_length = _MOST_BYTES
    headers = {name.lower(): value for name, value in request.headers}
    posted = Posted(raw=request.get_data(cache=False), headers=headers)
    try:
        heeded = heed_reports(wiring, reporter, posted)
    except PostRefused as refused:
        _log.warning("what was posted to %s was refused: %s", request.path, refused)
        return words("This is not a report for us.\n", HTTPStatus.FORBIDDEN)
    for what, count in heeded.items():
        _log.info("reported by %s: %s, %d", provider, what, count)
    return words("Thank you.\n", HTTPStatus.OK)
