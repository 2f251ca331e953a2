"""An item: one of the three things an issue brings, and what each section asks of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, time
from enum import StrEnum
from urllib.parse import urlsplit

from topthree.domain.language import is_language, language_problem
from topthree.domain.pictures.picture import (
    NO_PICTURE,
    Picture,
    picture_problems,
    tidy_picture,
    without_words,
)
from topthree.domain.plain_text import (
    line_problems,
    normalise_line,
    normalise_text,
    text_problems,
)
from topthree.domain.refusal import Problem
from topthree.domain.years import is_plausible

KICKER_LIMIT = 40
HEADLINE_LIMIT = 120
BODY_LIMIT = 20_000
LABEL_LIMIT = 120
URL_LIMIT = 2_000
NAME_LIMIT = 120
_SCHEMES = ("https", "http", "mailto")


class Section(StrEnum):
    """The kind of an item; the kicker above its headline is free, the section is not."""

    RESOURCE = "resource"
    REFLECTION = "reflection"
    OPPORTUNITY = "opportunity"

    @property
    def word(self) -> str:
        """The section's name as readers see it."""
        return self.value.capitalize()


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Where the item leads: an absolute address and the words that name it."""

    label: str = ""
    url: str = ""

    def __bool__(self) -> bool:
        """Tell whether either half is typed."""
        return bool(self.label or self.url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributor:
    """The teacher who wrote a reflection, credited as they wish."""

    name: str = ""
    role: str = ""
    school: str = ""
    #: When they agreed to be printed under this name; never shown to readers.
    consents_on: date | None = None

    def __bool__(self) -> bool:
        """Tell whether anything is typed."""
        return bool(self.name or self.role or self.school or self.consents_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Participation:
    """When an opportunity closes, and when and where it takes place. Times are civil times."""

    closes_on: date | None = None
    closes_at: time | None = None
    happens_on: date | None = None
    place: str = ""

    def __bool__(self) -> bool:
        """Tell whether any part is known."""
        return bool(self.closes_on or self.closes_at or self.happens_on or self.place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One of the three; a draft's item may still be empty."""

    section: Section = Section.RESOURCE
    kicker: str = ""
    headline: str = ""
    #: Markdown.
    body: str = ""
    link: Link = Link()
    contributor: Contributor = Contributor()
    participation: Participation = Participation()
    #: BCP 47 tag, when it differs from the issue's language.
    language: str = ""
    #: Stands between the headline and the text.
    picture: Picture = NO_PICTURE
    #: The contributor's; beside their name, which is all that it says.
    portrait: Picture = NO_PICTURE

    @property
    def is_empty(self) -> bool:
        """Whether nothing is written but, perhaps, what it would be."""
        return self == Item(section=self.section, kicker=self.kicker, language=self.language)


def tidy_item(item: Item) -> Item:
    """Return the item with blanks trimmed and line ends made LF, as it is kept everywhere."""
    return replace(
        item,
        kicker=normalise_line(item.kicker),
        headline=normalise_line(item.headline),
        body=normalise_text(item.body),
        link=Link(label=normalise_line(item.link.label), url=item.link.url.strip()),
        contributor=replace(
            item.contributor,
            name=normalise_line(item.contributor.name),
            role=normalise_line(item.contributor.role),
            school=normalise_line(item.contributor.school),
        ),
        participation=replace(item.participation, place=normalise_line(item.participation.place)),
        language=item.language.strip(),
        picture=tidy_picture(item.picture),
        portrait=without_words(tidy_picture(item.portrait)),
    )


def storable_problems(item: Item, place: int | None = None) -> list[Problem]:
    """Say what keeps the item from being saved, even as a draft.

    With its place in an issue (1 to 3), fields and sentences name the place.
    """
    at = _at(place)
    lines = (
        ("kicker", "The kicker", item.kicker, KICKER_LIMIT),
        ("headline", "The headline", item.headline, HEADLINE_LIMIT),
        ("link-label", "The link's text", item.link.label, LABEL_LIMIT),
        ("link-url", "The link's address", item.link.url, URL_LIMIT),
        ("contributor-name", "The contributor's name", item.contributor.name, NAME_LIMIT),
        ("contributor-role", "The contributor's role", item.contributor.role, NAME_LIMIT),
        ("contributor-school", "The contributor's school", item.contributor.school, NAME_LIMIT),
        ("place", "The place", item.participation.place, NAME_LIMIT),
    )
    problems = [
        problem
        for name, label, text, limit in lines
        for problem in line_problems(f"{at}-{name}", _of_item(place, label), text, limit)
    ]
    days = {
        "contributor-consents-on": item.contributor.consents_on,
        "closes-on": item.participation.closes_on,
        "happens-on": item.participation.happens_on,
    }
    problems += [
        Problem(field=f"{at}-{name}", message=_of_item(place, f"The year {day.year} is a slip."))
        for name, day in days.items()
        if day is not None and not is_plausible(day)
    ]
    problems += text_problems(f"{at}-body", _of_item(place, "The text"), item.body, BODY_LIMIT)
    if item.link.url and not _is_absolute(item.link.url):
        said = "A link starts with https:// and names a site. Copy it from the browser."
        problems.append(Problem(field=f"{at}-link-url", message=_of_item(place, said)))
    if item.language and not is_language(item.language):
        problems.append(language_problem(f"{at}-language"))
    for name, picture in (("picture", item.picture), ("portrait", item.portrait)):
        problems += [
            replace(problem, message=_of_item(place, problem.message))
            for problem in picture_problems(picture, f"{at}-{name}")
        ]
    return problems


def missing_parts(item: Item, place: int | None = None) -> list[Problem]:
    """Say what the item, at its place (1 to 3) if it has one, lacks before it can be approved."""
    at, name = _at(place), f"Item {place}" if place else "The item"
    missing = []
    if not item.headline:
        missing.append(Problem(field=f"{at}-headline", message=f"{name} has no headline."))
    if not item.body:
        missing.append(Problem(field=f"{at}-body", message=f"{name} has no text."))
    if bool(item.link.url) != bool(item.link.label):
        half = "link-label" if item.link.url else "link-url"
        said = "A link needs both its address and the words that name it."
        missing.append(Problem(field=f"{at}-{half}", message=_of_item(place, said)))
    if item.section is Section.REFLECTION and not item.contributor.name:
        message = f"{name} is a reflection: say who wrote it."
        missing.append(Problem(field=f"{at}-contributor-name", message=message))
    if item.participation.closes_at and not item.participation.closes_on:
        message = f"{name} has a closing time but no closing date."
        missing.append(Problem(field=f"{at}-closes-on", message=message))
    if not item.picture.is_described:
        said = "Say in words what the picture shows, or mark it as decorative."
        missing.append(Problem(field=f"{at}-picture", message=_of_item(place, said)))
    return missing


def _at(place: int | None) -> str:
    return f"item-{place}" if place else "item"


def _of_item(place: int | None, words: str) -> str:
    """Let the words say which of an issue's three items they are about."""
    return f"Item {place}: {words[0].lower()}{words[1:]}" if place else words


def _is_absolute(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if any(character.isspace() for character in url) or parts.scheme not in _SCHEMES:
        return False
    return bool(parts.path) if parts.scheme == "mailto" else bool(parts.hostname)
