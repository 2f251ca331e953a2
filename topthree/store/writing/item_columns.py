"""The columns of an item, wherever one is kept: at its place of an issue, or in the bank."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from sqlalchemy.orm import Mapped, MappedAsDataclass

from topthree.domain.pictures.picture import Picture
from topthree.domain.writing.item import Contributor, Item, Link, Participation, Section


class ItemColumns(MappedAsDataclass, kw_only=True, repr=False):
    """What an item consists of, as columns of a table."""

    section: Mapped[Section]
    kicker: Mapped[str]
    headline: Mapped[str]
    body: Mapped[str]
    link_label: Mapped[str]
    link_url: Mapped[str]
    contributor_name: Mapped[str]
    contributor_role: Mapped[str]
    contributor_school: Mapped[str]
    contributor_consents_on: Mapped[date | None]
    closes_on: Mapped[date | None]
    closes_at: Mapped[time | None]
    happens_on: Mapped[date | None]
    location: Mapped[str]
    language: Mapped[str]
    picture: Mapped[Picture]
    portrait: Mapped[Picture]

    @property
    def item(self) -> Item:
        """The item as the frozen value that everything else works with."""
        return Item(
            section=self.section,
            kicker=self.kicker,
            headline=self.headline,
            body=self.body,
            link=Link(label=self.link_label, url=self.link_url),
            contributor=Contributor(
                name=self.contributor_name,
                role=self.contributor_role,
                school=self.contributor_school,
                consents_on=self.contributor_consents_on,
            ),
            participation=Participation(
                closes_on=self.closes_on,
                closes_at=self.closes_at,
                happens_on=self.happens_on,
                place=self.location,
            ),
            language=self.language,
            picture=self.picture,
            portrait=self.portrait,
        )

    @item.setter
    def item(self, item: Item) -> None:
        for column, value in item_columns(item).items():
            setattr(self, column, value)


def item_columns(item: Item) -> dict[str, Any]:
    """Return what the item is in columns."""
    return {
        "section": item.section,
        "kicker": item.kicker,
        "headline": item.headline,
        "body": item.body,
        "link_label": item.link.label,
        "link_url": item.link.url,
        "contributor_name": item.contributor.name,
        "contributor_role": item.contributor.role,
        "contributor_school": item.contributor.school,
        "contributor_consents_on": item.contributor.consents_on,
        "closes_on": item.participation.closes_on,
        "closes_at": item.participation.closes_at,
        "happens_on": item.participation.happens_on,
        "location": item.participation.place,
        "language": item.language,
        "picture": item.picture,
        "portrait": item.portrait,
    }
