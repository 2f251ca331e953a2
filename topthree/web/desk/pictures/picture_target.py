"""What a picture is for: an item at its place of an issue, or one in the bank."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import url_for

from topthree.domain.ids import BankItemId, IssueId
from topthree.domain.pictures.picture import Picture
from topthree.domain.refusal import Conflict
from topthree.domain.writing.item import Item
from topthree.services.bank.read_bank import BankItemView, read_bank_item
from topthree.services.pictures.cut_picture import Part
from topthree.services.pictures.place_picture import (
    InBank,
    Placed,
    picture_of,
    place_bank_picture,
    place_picture,
)
from topthree.services.writing.read_issue import IssueView, read_issue
from topthree.web.access import current_editor
from topthree.web.database import Session, read_only
from topthree.web.site import site


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a picture goes, wherever that is."""

    item: Item
    part: Part
    #: How a sentence calls the item.
    name: str
    #: Which part of the desk it belongs to.
    section: str
    #: The page on which the picture is chosen, and the one it was reached from.
    here: str
    back: str
    #: Puts a picture there, if the one seen before, by its file's name, still is.
    put: Callable[[Session, Picture, str], object]

    @property
    def picture(self) -> Picture:
        """The picture that is there now."""
        return picture_of(self.item, self.part)


def issue_target(issue_id: int, place: int, part: str) -> Target:
    """Return the item at this place (1 to 3) of an issue that can still be written.

    :raises NotFound: if there is no such issue.
    :raises Conflict: if it has gone out.
    """
    with read_only() as session:
        issue = read_issue(session, IssueId(issue_id))
    if issue.status.is_published:
        raise Conflict("This issue has gone out, and its pictures with it. They stay as they are.")
    chosen = Part(part)

    def put(session: Session, picture: Picture, seen: str) -> IssueView:
        where = Placed(issue_id=issue.id, place=place, part=chosen, seen=seen)
        return place_picture(session, where, picture, current_editor(), site().clock())

    return Target(
        item=issue.content.item_at(place),
        part=chosen,
        name=f"item {place}",
        section="issues",
        here=url_for("desk.picture", issue_id=issue_id, place=place, part=part),
        back=url_for("desk.compose", issue_id=issue_id),
        put=put,
    )


def bank_target(item_id: int, part: str) -> Target:
    """Return an item of the bank.

    :raises NotFound: if there is no such item.
    """
    with read_only() as session:
        shown = read_bank_item(session, BankItemId(item_id))
    chosen = Part(part)

    def put(session: Session, picture: Picture, seen: str) -> BankItemView:
        where = InBank(item_id=shown.id, part=chosen, seen=seen)
        return place_bank_picture(session, where, picture, current_editor(), site().clock())

    return Target(
        item=shown.item,
        part=chosen,
        name="an item of the bank",
        section="bank",
        here=url_for("desk.bank_picture", item_id=item_id, part=part),
        back=url_for("desk.bank_item", item_id=item_id),
        put=put,
    )
