"""The first page: what the letter is, its newest issue, and what is open now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Response, render_template

from topthree.domain.writing.item import Section
from topthree.render.item_view import ItemView
from topthree.render.page import IssuePage, issue_page, plain_summary
from topthree.services.archive.browse_archive import ArchivedIssue, newest_archived, newest_letter
from topthree.services.planning.slots_ahead import next_slot_day
from topthree.web.access import public
from topthree.web.database import read_only
from topthree.web.item_notes import closing_moment
from topthree.web.public.freshness import fresh
from topthree.web.public.join_form import JoinForm
from topthree.web.site import site, today

#: Deadlines further back than this many issues are over, or have been run again.
_ISSUES_LOOKED_THROUGH = 8
#: By the time the next letter comes it may be too late.
_SOON = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """An opportunity that can still be taken."""

    item: ItemView
    closes: datetime
    is_soon: bool


@public
def landing() -> Response:
    """Show what the letter is and ask for an address."""
    wiring = site()
    now = wiring.clock()
    with read_only() as session:
        archived = newest_archived(session, wiring.cadence, _ISSUES_LOOKED_THROUGH)
        next_day = next_slot_day(session, wiring.cadence, now)
    newest = newest_letter(archived)
    page = render_template(
        "public/landing.html",
        join=JoinForm(),
        newest=_page(newest) if newest else None,
        summaries=[plain_summary(item) for item in newest.edition.content.items] if newest else [],
        openings=sorted(_openings(archived, now), key=lambda opening: opening.closes),
        next_day=next_day,
        weekday=f"{wiring.cadence.anchor:%A}",
        has_outbox=wiring.outbox is not None,
    )
    return fresh(page)


def _page(archived: ArchivedIssue) -> IssuePage:
    wiring = site()
    return issue_page(
        archived.edition, wiring.newsletter, time_zone=wiring.cadence.zone, today=today()
    )


def _openings(archived: Iterable[ArchivedIssue], now: datetime) -> Iterator[Opening]:
    """Find what is open, newest first; of what was run again, only the last call."""
    seen: set[str] = set()
    for issue in archived:
        for place, closes in _open_places(issue, now):
            item = next(each for each in _page(issue).items if each.place == place)
            if item.link_url not in seen:
                seen.update({item.link_url} - {""})
                yield Opening(item=item, closes=closes, is_soon=closes - now < _SOON)


def _open_places(issue: ArchivedIssue, now: datetime) -> Iterator[tuple[int, datetime]]:
    zone = site().cadence.zone
    for place, item in enumerate(issue.edition.content.items, start=1):
        closes = closing_moment(item.participation, zone)
        if item.section is Section.OPPORTUNITY and closes is not None and closes >= now:
            yield place, closes
