"""Past issues: the list of all, and each on a page of its own."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from flask import Response, render_template

from topthree.domain.archive.issue_key import IssueKey, parse_key
from topthree.domain.planning.school_calendar import school_year, school_year_words
from topthree.domain.refusal import NotFound
from topthree.render.amended import amended_words
from topthree.render.page import issue_page
from topthree.services.archive.browse_archive import (
    ArchivedIssue,
    ArchiveEntry,
    list_archive,
    read_archived,
    read_as_sent,
)
from topthree.services.planning.slots_ahead import next_slot_day
from topthree.web.access import public
from topthree.web.database import read_only
from topthree.web.item_notes import notes_on
from topthree.web.public.freshness import amendments_of, fresh, page_modified
from topthree.web.site import site, today


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolYear:
    """A school year and its issues, newest first."""

    #: The year it begins in.
    start: int
    entries: tuple[ArchiveEntry, ...]

    @property
    def name(self) -> str:
        """The year as schools call it."""
        return school_year_words(self.start)


@public
def archive() -> Response:
    """List every published issue, newest first."""
    wiring = site()
    with read_only() as session:
        entries = list_archive(session)
        next_day = next_slot_day(session, wiring.cadence, wiring.clock())
    page = render_template(
        "public/archive.html",
        years=[
            SchoolYear(start=start, entries=tuple(issues))
            for start, issues in groupby(entries, key=lambda entry: school_year(entry.day))
        ],
        next_day=next_day,
        is_sample=any(entry.is_sample for entry in entries),
    )
    return fresh(page, max((entry.modified_at for entry in entries), default=None))


@public
def issue(key: str) -> Response:
    """Show the issue with this key, which is its date."""
    wiring = site()
    with read_only() as session:
        archived = read_archived(session, wiring.cadence, _read_key(key))
    return fresh(_page(archived, is_record=False), page_modified(archived))


@public
def issue_as_sent(key: str) -> Response:
    """Show the issue with this key as it was sent, whatever was corrected since."""
    wiring = site()
    with read_only() as session:
        archived = read_as_sent(session, wiring.cadence, _read_key(key))
    response = fresh(_page(archived, is_record=True), page_modified(archived))
    # What is looked for is the corrected page.
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _page(archived: ArchivedIssue, *, is_record: bool) -> str:
    wiring = site()
    edition, zone = archived.edition, wiring.cadence.zone
    view = issue_page(edition, wiring.newsletter, time_zone=zone, today=today())
    return render_template(
        "public/issue.html",
        issue=view,
        is_record=is_record,
        amended=amended_words(
            edition.content.language, edition.day, amendments_of(archived), time_zone=zone
        ),
        notes=notes_on(edition.content, view.items),
        archived=archived,
        is_sample=view.is_sample,
    )


def _read_key(text: str) -> IssueKey:
    """Read a key in its one spelling, so that an issue has one address.

    :raises NotFound: for anything else.
    """
    key = parse_key(text)
    if key is None:
        message = "An issue's address ends in its date, like 2026-11-19. The list has them all."
        raise NotFound(message)
    return key
