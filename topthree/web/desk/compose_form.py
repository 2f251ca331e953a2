"""The compose form: what an editor typed, as text, and the content it makes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time

from topthree.domain.issue import (
    PLACES,
    IssueContent,
    missing_from,
    storable_content_problems,
    tidy,
)
from topthree.domain.item import Contributor, Item, Link, Participation, Section
from topthree.domain.refusal import Problem
from topthree.web.desk.typed_dates import parse_day, parse_time

HEAD_FIELDS = ("subject", "preheader", "greeting", "language")
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
    "closes-on",
    "closes-at",
    "happens-on",
    "place",
    "language",
)
#: Every field, in the order of the page.
FIELDS = HEAD_FIELDS + tuple(f"item-{place}-{name}" for place in PLACES for name in ITEM_FIELDS)

#: The section that usually asks for each of these fields.
_SELDOM = {
    "contributor-name": Section.REFLECTION.value,
    "contributor-role": Section.REFLECTION.value,
    "contributor-school": Section.REFLECTION.value,
    "closes-on": Section.OPPORTUNITY.value,
    "closes-at": Section.OPPORTUNITY.value,
    "happens-on": Section.OPPORTUNITY.value,
    "place": Section.OPPORTUNITY.value,
    "language": "",
}
_LABELS = {
    "body": "text",
    "link-label": "words of the link",
    "link-url": "address of the link",
    "closes-on": "closing date",
    "closes-at": "closing time",
    "happens-on": "day it takes place",
}

# What no page may hold: an answer with these in it would not be HTML.
_UNSHOWABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeForm:
    """The fields as they were typed, whether or not they make sense."""

    values: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        """Return what stands in the field, as a page can show it."""
        return _UNSHOWABLE.sub("", self.values[name].replace("\r\n", "\n").replace("\r", "\n"))

    def has_more(self, place: int) -> bool:
        """Tell whether the item at this place (1 to 3) has what its section seldom asks for."""
        section = self.values[f"item-{place}-section"]
        names = [name for name, usual in _SELDOM.items() if usual != section]
        return any(self._is_typed(f"item-{place}-{name}") for name in names)

    def swapped(self, place: int, other: int) -> ComposeForm:
        """Return the form with the items at the two places (1 to 3) exchanged."""
        values = dict(self.values)
        for name in ITEM_FIELDS:
            here, there = f"item-{place}-{name}", f"item-{other}-{name}"
            values[here], values[there] = self.values[there], self.values[here]
        return ComposeForm(values=values)

    def content(self) -> IssueContent:
        """Return the content that the fields make; what does not parse is left out of it."""
        first, second, third = (self._item(place) for place in PLACES)
        return tidy(
            IssueContent(
                subject=self.values["subject"],
                preheader=self.values["preheader"],
                greeting=self.values["greeting"],
                language=self.values["language"],
                items=(first, second, third),
            )
        )

    def problems(self) -> tuple[Problem, ...]:
        """Say what keeps the form from being saved, in the order of the page."""
        problems = [*self._unparsed(), *storable_content_problems(self.content())]
        return tuple(sorted(problems, key=lambda problem: _position(problem.field)))

    def missing(self) -> tuple[Problem, ...]:
        """Say what the content would still lack before it can be approved."""
        return missing_from(self.content())

    def _item(self, place: int) -> Item:
        def text(name: str) -> str:
            return self.values[f"item-{place}-{name}"]

        return Item(
            section=_section(text("section")) or Section.RESOURCE,
            kicker=text("kicker"),
            headline=text("headline"),
            body=text("body"),
            link=Link(label=text("link-label"), url=text("link-url")),
            contributor=Contributor(
                name=text("contributor-name"),
                role=text("contributor-role"),
                school=text("contributor-school"),
            ),
            participation=Participation(
                closes_on=parse_day(text("closes-on")),
                closes_at=parse_time(text("closes-at")),
                happens_on=parse_day(text("happens-on")),
                place=text("place"),
            ),
            language=text("language"),
        )

    def _unparsed(self) -> Iterator[Problem]:
        for place in PLACES:
            at = f"item-{place}"
            for name in ("closes-on", "happens-on"):
                if self._is_typed(f"{at}-{name}") and not parse_day(self.values[f"{at}-{name}"]):
                    message = f"Item {place}: this is no date. Write it like 2026-12-04."
                    yield Problem(field=f"{at}-{name}", message=message)
            if self._is_typed(f"{at}-closes-at") and not parse_time(self.values[f"{at}-closes-at"]):
                message = f"Item {place}: this is no time. Write it like 17:00 or 5:00 pm."
                yield Problem(field=f"{at}-closes-at", message=message)
            if not _section(self.values[f"{at}-section"]):
                message = f"Item {place}: choose one of the three sections."
                yield Problem(field=f"{at}-section", message=message)

    def _is_typed(self, name: str) -> bool:
        return bool(self.values[name].strip())


def form_of(content: IssueContent) -> ComposeForm:
    """Return the form as it begins, filled in with this content."""
    values = {name: str(getattr(content, name)) for name in HEAD_FIELDS}
    for place, item in zip(PLACES, content.items, strict=True):
        values.update({f"item-{place}-{name}": text for name, text in _item_values(item).items()})
    return ComposeForm(values=values)


def sent_form(fields: Mapping[str, str]) -> ComposeForm:
    """Return the form as a browser sent it; a field that was not sent is empty."""
    return ComposeForm(values={name: fields.get(name, "") for name in FIELDS})


def label_of(field: str) -> str:
    """Return how a sentence calls the field: “Item 2: headline”."""
    if field in HEAD_FIELDS:
        return field.capitalize()
    name = field.removeprefix("item-")
    return f"Item {name[0]}: {_LABELS.get(name[2:], name[2:].replace('-', ' '))}"


def _item_values(item: Item) -> dict[str, str]:
    return {
        "section": item.section.value,
        "kicker": item.kicker,
        "headline": item.headline,
        "body": item.body,
        "link-label": item.link.label,
        "link-url": item.link.url,
        "contributor-name": item.contributor.name,
        "contributor-role": item.contributor.role,
        "contributor-school": item.contributor.school,
        "closes-on": _iso(item.participation.closes_on),
        "closes-at": _minutes(item.participation.closes_at),
        "happens-on": _iso(item.participation.happens_on),
        "place": item.participation.place,
        "language": item.language,
    }


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _minutes(at: time | None) -> str:
    return at.isoformat("minutes") if at else ""


def _section(text: str) -> Section | None:
    return Section(text) if text in {section.value for section in Section} else None


def _position(name: str) -> int:
    return FIELDS.index(name) if name in FIELDS else len(FIELDS)
