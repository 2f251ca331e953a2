"""Answers that anyone may keep for a while and then ask about again (standards R-148)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from flask import Response, make_response

from topthree.domain.writing.item import Item
from topthree.render.amended import Amendments
from topthree.services.archive.browse_archive import ArchivedIssue
from topthree.web.security import cached
from topthree.web.site import site, today

SECONDS = 300


def fresh(body: str, modified: datetime | None = None, *, kind: str = "text/html") -> Response:
    """Return the answer with its ETag and, if known, when it last changed; or 304 if it did not."""
    response = make_response(body)
    response.content_type = f"{kind}; charset=utf-8"
    if modified is not None:
        response.last_modified = modified
    return cached(response, SECONDS)


def page_modified(archived: ArchivedIssue) -> datetime:
    """Return when the page of this issue last changed.

    It changes when a later issue comes, and each night while one of its deadlines is ahead.
    """
    moments = [archived.modified_at, *_nights(archived.edition.content.items)]
    if archived.following is not None:
        moments.append(archived.following.modified_at)
    return max(moments)


def amendments_of(archived: ArchivedIssue) -> Amendments:
    """Return what ties the issue to its corrections."""
    return Amendments(
        corrections=archived.corrections,
        sent=archived.sent_corrections,
        corrects=archived.edition.content.corrects,
    )


def _nights(items: Iterable[Item]) -> list[datetime]:
    zone = site().cadence.zone
    days = (item.participation.closes_on for item in items)
    return [
        datetime.combine(min(today(), day + timedelta(days=1)), time.min, tzinfo=zone)
        for day in days
        if day is not None
    ]
