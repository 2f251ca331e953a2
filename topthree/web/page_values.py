"""What the template of the public page is given for an issue that is not public yet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from topthree.domain.writing.issue import IssueContent
from topthree.render.page import IssuePage
from topthree.services.archive.browse_archive import ArchiveEntry, newest_before
from topthree.web.database import read_only
from topthree.web.item_notes import notes_on
from topthree.web.site import site


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """The place among the published issues that a page not yet published would have."""

    published_at: datetime
    previous: ArchiveEntry | None
    following: ArchiveEntry | None = None
    #: What has not been published has not been corrected.
    corrections: tuple[()] = ()


def page_values(content: IssueContent, page: IssuePage) -> dict[str, Any]:
    """Return the values; what the page will say depends on what is published by now, and today."""
    wiring = site()
    with read_only() as session:
        previous = newest_before(session, page.day, page.number)
    return {
        "issue": _with_gaps_named(page),
        "notes": notes_on(content, page.items),
        "archived": Neighbours(published_at=wiring.clock(), previous=previous),
        "is_sample": page.is_sample,
    }


def _with_gaps_named(page: IssuePage) -> IssuePage:
    """Return the page with words where a headline is still to come: no page is without one."""
    items = tuple(replace(item, headline=item.headline or "No headline yet") for item in page.items)
    return replace(page, title=page.title or "No subject yet", items=items)
