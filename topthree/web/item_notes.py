"""What a page says about an item beyond its own words, because it knows what day it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from topthree.domain.writing.issue import IssueContent
from topthree.domain.writing.item import Item, Participation
from topthree.render.item_view import ItemView
from topthree.web.site import site, today

# Today, tomorrow, later: in the languages that issues are written in.
_COUNTDOWNS = {
    "en": ("Today.", "Tomorrow.", "In {days} days."),
    "es": ("Hoy.", "Mañana.", "Dentro de {days} días."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemNotes:
    """Notes on one item; what there is nothing to say about is empty."""

    #: Where the link leads, so that nobody has to hover over it.
    link_site: str
    #: “In 3 days.”, while the deadline is ahead.
    countdown: str
    #: The deadline for machines (HTML's ``datetime``).
    deadline: str


def notes_on(content: IssueContent, shown: Iterable[ItemView]) -> list[ItemNotes]:
    """Return the notes on these items of the content, as of today."""
    zone, day = site().cadence.zone, today()
    return [
        _note(content.item_at(each.place), each.language, today=day, zone=zone) for each in shown
    ]


def _note(item: Item, language: str, *, today: date, zone: ZoneInfo) -> ItemNotes:
    """Return the notes on this item.

    :param language: the item's own, or else the issue's.
    """
    return ItemNotes(
        link_site=(urlsplit(item.link.url).hostname or "").removeprefix("www."),
        countdown=_countdown(item.participation.closes_on, language, today),
        deadline=_deadline(item.participation, zone),
    )


def closing_moment(participation: Participation, zone: ZoneInfo) -> datetime | None:
    """Return when it closes: at its time, or with the end of its day."""
    if participation.closes_on is None:
        return None
    return datetime.combine(
        participation.closes_on, participation.closes_at or time.max, tzinfo=zone
    )


def _countdown(closes_on: date | None, language: str, today: date) -> str:
    if closes_on is None or closes_on < today:
        return ""
    words = _COUNTDOWNS.get(language.partition("-")[0], _COUNTDOWNS["en"])
    days = (closes_on - today).days
    return words[min(days, 2)].format(days=days)


def _deadline(participation: Participation, zone: ZoneInfo) -> str:
    closes_on, closes_at = participation.closes_on, participation.closes_at
    if closes_on is None:
        return ""
    if closes_at is None:
        return closes_on.isoformat()
    return datetime.combine(closes_on, closes_at, tzinfo=zone).isoformat(timespec="minutes")
