"""For machines: the Atom feed, the sitemap, and what crawlers may read."""

from __future__ import annotations

import re

from flask import Response, render_template

from topthree.domain.planning.cadence import instant_of
from topthree.render.amended import amended_words
from topthree.render.page import IssuePage, issue_page
from topthree.services.archive.browse_archive import ArchivedIssue, list_archive, newest_archived
from topthree.web.access import public
from topthree.web.database import read_only
from topthree.web.public.freshness import amendments_of, fresh
from topthree.web.site import site

_FEED_ENTRIES = 20
# XML 1.0 §2.2: what no document may hold, escaped or not.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@public
def feed() -> Response:
    """Give the newest issues, whole, to feed readers (RFC 4287)."""
    wiring = site()
    with read_only() as session:
        archived = newest_archived(session, wiring.cadence, _FEED_ENTRIES)
    updated = max(
        (issue.modified_at for issue in archived),
        default=instant_of(wiring.cadence, wiring.cadence.anchor),
    )
    body = render_template(
        "public/feed.xml",
        entries=[(_on_its_day(issue), issue, _notes(issue)) for issue in archived],
        updated=updated,
    )
    return fresh(_NOT_XML.sub("", body), updated, kind="application/atom+xml")


@public
def sitemap() -> Response:
    """Give the addresses of all pages that are worth finding."""
    with read_only() as session:
        entries = list_archive(session)
    newest = max((entry.modified_at for entry in entries), default=None)
    body = render_template("public/sitemap.xml", entries=entries, newest=newest)
    return fresh(body, newest, kind="application/xml")


@public
def robots() -> Response:
    """Let crawlers read all that is public."""
    body = f"User-agent: *\nDisallow: /desk/\n\nSitemap: {_sitemap_url()}\n"
    return fresh(body, kind="text/plain")


def _notes(archived: ArchivedIssue) -> tuple[str, ...]:
    edition, zone = archived.edition, site().cadence.zone
    return amended_words(
        edition.content.language, edition.day, amendments_of(archived), time_zone=zone
    ).notes


def _on_its_day(archived: ArchivedIssue) -> IssuePage:
    """View the issue as on its own day: readers keep an entry, so it must not grow old."""
    wiring = site()
    edition = archived.edition
    return issue_page(edition, wiring.newsletter, time_zone=wiring.cadence.zone, today=edition.day)


def _sitemap_url() -> str:
    return f"{site().newsletter.public_url}/sitemap.xml"
