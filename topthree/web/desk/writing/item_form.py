"""The fields of one item, at its place of an issue or alone in the bank, as they were typed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time

from topthree.domain.pictures.picture import (
    NO_PICTURE,
    Picture,
    is_kept_name,
    read_picture,
    write_picture,
)
from topthree.domain.refusal import Problem
from topthree.domain.writing.item import (
    HEADLINE_LIMIT,
    Contributor,
    Item,
    Link,
    Participation,
    Section,
)
from topthree.domain.writing.length import WORD_TARGETS, count_words
from topthree.web.desk.forms.typed_dates import NO_DAY, parse_day, parse_time
from topthree.web.typed_text import showable

ITEM_FIELDS = (
    "section",
    "kicker",
    "headline",
    "body",
    "link-label",
    "link-url",
    "contributor-name",
    "contributor-role",
    "contributor-school",
    "contributor-consents-on",
    "closes-on",
    "closes-at",
    "happens-on",
    "place",
    "language",
    "picture",
    "portrait",
)
#: What the letter has always called its items; any other word will do as well.
KICKERS = (
    "The Buzz",
    "In the News",
    "What We’re Reading",
    "From the Classroom",
    "Get Involved",
    "Did You Know?",
    "FYI",
)
#: Languages that items are likely to be written in.
LANGUAGES = (
    ("en", "English"),
    ("es", "Spanish"),
    ("pt", "Portuguese"),
    ("zh", "Chinese"),
    ("ht", "Haitian Creole"),
    ("vi", "Vietnamese"),
)

#: The section that usually asks for each of these fields.
_SELDOM = {
    "contributor-name": Section.REFLECTION.value,
    "contributor-role": Section.REFLECTION.value,
    "contributor-school": Section.REFLECTION.value,
    "contributor-consents-on": Section.REFLECTION.value,
    "closes-on": Section.OPPORTUNITY.value,
    "closes-at": Section.OPPORTUNITY.value,
    "happens-on": Section.OPPORTUNITY.value,
    "place": Section.OPPORTUNITY.value,
    "language": "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemChoices:
    """What a page offers for the fields of an item."""

    #: The zone of closing times, by its name.
    zone: str
    kickers: tuple[str, ...] = KICKERS
    languages: tuple[tuple[str, str], ...] = LANGUAGES
    sections: tuple[tuple[str, str], ...] = tuple((each.value, each.word) for each in Section)
    headline_limit: int = HEADLINE_LIMIT

    @property
    def word_targets(self) -> Mapping[str, int]:
        """How many words the text should have at most, by section."""
        return {section.value: target for section, target in WORD_TARGETS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemForm:
    """The item's part of a form: its fields stand among others, named ``item-2-headline``."""

    #: Every field of the form, this item's among them.
    values: Mapping[str, str]
    #: Where the item stands in its issue, 1 to 3; None for one that stands nowhere.
    place: int | None = None

    @property
    def at(self) -> str:
        """What the names of the item's fields begin with."""
        return item_prefix(self.place)

    @property
    def name(self) -> str:
        """How a sentence calls the item."""
        return f"item {self.place}" if self.place else "this item"

    def __getitem__(self, field: str) -> str:
        """Return what stands in the item's field, as a page can show it."""
        return showable(self._typed(field))

    @property
    def has_more(self) -> bool:
        """Whether anything is typed that the item's section seldom asks for."""
        section = self._typed("section")
        names = [name for name, usual in _SELDOM.items() if usual != section]
        return any(self._is_typed(name) for name in names)

    @property
    def word_target(self) -> int:
        """How many words the text should have at most."""
        return WORD_TARGETS[self.item().section]

    @property
    def is_long(self) -> bool:
        """Whether the text has more."""
        return count_words(self._typed("body")) > self.word_target

    @property
    def picture(self) -> Picture:
        """The picture that travels along with the form."""
        return self._picture("picture")

    @property
    def portrait(self) -> Picture:
        """The contributor's portrait, which does so too."""
        return self._picture("portrait")

    def item(self) -> Item:
        """Return the item that the fields make; what does not parse is left out of it."""
        return Item(
            section=_section(self._typed("section")) or Section.RESOURCE,
            kicker=self._typed("kicker"),
            headline=self._typed("headline"),
            body=self._typed("body"),
            link=Link(label=self._typed("link-label"), url=self._typed("link-url")),
            contributor=Contributor(
                name=self._typed("contributor-name"),
                role=self._typed("contributor-role"),
                school=self._typed("contributor-school"),
                consents_on=parse_day(self._typed("contributor-consents-on")),
            ),
            participation=Participation(
                closes_on=parse_day(self._typed("closes-on")),
                closes_at=parse_time(self._typed("closes-at")),
                happens_on=parse_day(self._typed("happens-on")),
                place=self._typed("place"),
            ),
            language=self._typed("language"),
            picture=self.picture,
            portrait=self.portrait,
        )

    def unparsed(self) -> Iterator[Problem]:
        """Say which fields hold what is no date, no time and no section."""
        for field in ("contributor-consents-on", "closes-on", "happens-on"):
            if self._is_typed(field) and not parse_day(self._typed(field)):
                yield self._problem(field, NO_DAY)
        if self._is_typed("closes-at") and not parse_time(self._typed("closes-at")):
            yield self._problem("closes-at", "This is no time. Write it like 17:00 or 5:00 pm.")
        if not _section(self._typed("section")):
            yield self._problem("section", "Choose one of the three sections.")

    def _picture(self, field: str) -> Picture:
        """Return the picture that a hidden field carries; it is chosen on a page of its own."""
        picture = read_picture(self._typed(field))
        return picture if is_kept_name(picture.name) else NO_PICTURE

    def _problem(self, field: str, said: str) -> Problem:
        if self.place:
            said = f"Item {self.place}: {said[0].lower()}{said[1:]}"
        return Problem(field=f"{self.at}-{field}", message=said)

    def _typed(self, field: str) -> str:
        return self.values[f"{self.at}-{field}"]

    def _is_typed(self, field: str) -> bool:
        return bool(self._typed(field).strip())


def item_prefix(place: int | None = None) -> str:
    """Return what the fields' names begin with, of the item at a place or of one alone."""
    return f"item-{place}" if place else "item"


def item_fields(place: int | None = None) -> tuple[str, ...]:
    """Return the names of the item's fields, in the order of the page."""
    return tuple(f"{item_prefix(place)}-{name}" for name in ITEM_FIELDS)


def item_values(item: Item, place: int | None = None) -> dict[str, str]:
    """Return the item's fields as they begin, filled in with this item."""
    texts = {
        "section": item.section.value,
        "kicker": item.kicker,
        "headline": item.headline,
        "body": item.body,
        "link-label": item.link.label,
        "link-url": item.link.url,
        "contributor-name": item.contributor.name,
        "contributor-role": item.contributor.role,
        "contributor-school": item.contributor.school,
        "contributor-consents-on": _iso(item.contributor.consents_on),
        "closes-on": _iso(item.participation.closes_on),
        "closes-at": _minutes(item.participation.closes_at),
        "happens-on": _iso(item.participation.happens_on),
        "place": item.participation.place,
        "language": item.language,
        "picture": write_picture(item.picture),
        "portrait": write_picture(item.portrait),
    }
    return {f"{item_prefix(place)}-{name}": text for name, text in texts.items()}


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _minutes(at: time | None) -> str:
    return at.isoformat("minutes") if at else ""


def _section(text: str) -> Section | None:
    return Section(text) if text in {section.value for section in Section} else None
