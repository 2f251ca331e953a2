"""An item as a template shows it: everything put into words, nothing left to decide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from markupsafe import Markup

from topthree.domain.links.linked_document import by_address, with_note
from topthree.domain.newsletter import Edition, Newsletter
from topthree.domain.writing.item import Item, Section
from topthree.render.markdown import Documents, is_safe_link, to_text
from topthree.render.phrased_dates import day_words, time_words
from topthree.render.phrases import Phrases, phrases_for
from topthree.render.picture_view import PictureView, view_picture, view_portrait

#: Class of each section's color, in mail.
HUES = {Section.RESOURCE: "res", Section.REFLECTION: "ref", Section.OPPORTUNITY: "opp"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """One of the three, ready to be shown. What it has not is empty."""

    #: 1 to 3.
    place: int
    #: The fragment of its permalink.
    anchor: str
    permalink: str
    section: Section
    section_word: str
    hue: str
    kicker: str
    headline: str
    #: BCP 47 tag of the item's own words.
    language: str
    #: Between the headline and the body.
    picture: PictureView | None
    #: The body, safe to be put in as it is.
    html: Markup
    #: The body as plain text.
    text: str
    link_label: str
    link_url: str
    #: An opportunity's link is what the reader is asked to do.
    is_button: bool
    contributor_name: str
    contributor_details: str
    portrait: PictureView | None
    #: “Closes Friday, December 4”, or “Closed …” once the day is over.
    deadline_words: str
    #: “At 5:00 pm EST.”
    deadline_time_words: str
    is_closed: bool
    #: When and where it takes place, one sentence each.
    happens_words: tuple[str, ...]

    @property
    def particulars(self) -> tuple[str, ...]:
        """What stands under the deadline, or in its place."""
        at = (self.deadline_time_words,) if self.deadline_time_words else ()
        return at + self.happens_words


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFrame:
    """What an item takes from around it."""

    edition: Edition
    newsletter: Newsletter
    time_zone: ZoneInfo
    #: Makes the body's HTML from its Markdown, the section's color class, and known documents.
    to_html: Callable[[str, str, Documents], Markup]
    #: None in mail, which is read on days that nobody knows.
    today: date | None = None


def view_items(frame: ItemFrame) -> tuple[ItemView, ...]:
    """Return the three items in their order; of a correction, those that are written."""
    content = frame.edition.content
    return tuple(_view(frame, content.item_at(place), place) for place in content.written_places)


def _view(frame: ItemFrame, item: Item, place: int) -> ItemView:
    language = item.language or frame.edition.content.language
    phrases = phrases_for(language)
    closes_on = item.participation.closes_on
    is_closed = bool(closes_on and frame.today and frame.today > closes_on)
    documents = by_address(frame.edition.documents)
    is_linked = bool(item.link.label) and is_safe_link(item.link.url)
    return ItemView(
        place=place,
        anchor=f"item-{place}",
        permalink=frame.newsletter.item_url(frame.edition.key, place),
        section=item.section,
        section_word=phrases.section(item.section),
        hue=HUES[item.section],
        kicker=item.kicker,
        headline=item.headline,
        language=language,
        picture=view_picture(item.picture, frame.newsletter),
        html=frame.to_html(item.body, HUES[item.section], documents),
        text=to_text(item.body, documents),
        link_label=with_note(item.link.label, documents.get(item.link.url)),
        link_url=item.link.url if is_linked else "",
        is_button=item.section is Section.OPPORTUNITY,
        contributor_name=item.contributor.name,
        contributor_details=_list_words(item.contributor.role, item.contributor.school),
        portrait=view_portrait(item.portrait, frame.newsletter),
        deadline_words=_deadline_words(frame, phrases, closes_on, is_closed=is_closed),
        deadline_time_words=_deadline_time_words(frame, phrases, item),
        is_closed=is_closed,
        happens_words=_happens_words(frame, phrases, item),
    )


def _list_words(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _deadline_words(
    frame: ItemFrame, phrases: Phrases, closes_on: date | None, *, is_closed: bool
) -> str:
    if closes_on is None:
        return ""
    shape = phrases.closed if is_closed else phrases.closes
    return shape.format(day=_near_day(frame, phrases, closes_on))


def _deadline_time_words(frame: ItemFrame, phrases: Phrases, item: Item) -> str:
    on, at = item.participation.closes_on, item.participation.closes_at
    if on is None or at is None:
        return ""
    return phrases.at.format(time=time_words(phrases, at, on=on, zone=frame.time_zone))


def _happens_words(frame: ItemFrame, phrases: Phrases, item: Item) -> tuple[str, ...]:
    words = []
    if item.participation.happens_on:
        day = _near_day(frame, phrases, item.participation.happens_on)
        words.append(phrases.takes_place.format(day=day))
    if item.participation.place:
        words.append(phrases.place.format(place=item.participation.place.rstrip(".")))
    return tuple(words)


def _near_day(frame: ItemFrame, phrases: Phrases, day: date) -> str:
    """Leave the year out where it is the issue's own, for that is how people say it."""
    return day_words(phrases, day, with_year=day.year != frame.edition.day.year)
