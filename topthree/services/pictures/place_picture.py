"""Giving an item its picture, in an issue or in the bank, while others may write its text."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from topthree.domain.ids import BankItemId, IssueId
from topthree.domain.pictures.picture import Picture
from topthree.domain.refusal import Conflict
from topthree.domain.writing.item import Item
from topthree.services.bank.read_bank import BankItemView, read_bank_item
from topthree.services.bank.write_bank import BankSave, bank_item_to_change, save_bank_item
from topthree.services.identity.editor_view import EditorView
from topthree.services.pictures.cut_picture import Part
from topthree.services.writing.compose_issue import Save, issue_to_change, save_issue
from topthree.services.writing.read_issue import IssueView


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where a picture goes, and which one the editor saw there."""

    issue_id: IssueId
    #: 1 to 3.
    place: int
    part: Part
    #: Name of the file that they saw; empty if there was none.
    seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InBank:
    """An item of the bank, and which picture the editor saw there."""

    item_id: BankItemId
    part: Part
    #: Name of the file that they saw; empty if there was none.
    seen: str


def place_picture(
    session: Session, where: Placed, picture: Picture, editor: EditorView, now: datetime
) -> IssueView:
    """Put the picture there, or take away what is there; the rest of the issue stays as it is.

    :raises Invalid: if its words cannot be kept.
    :raises Conflict: if somebody has put another picture there, or the issue has gone out.
    """
    issue = issue_to_change(session, where.issue_id)
    item = issue.content.item_at(where.place)
    _require_seen(item, where.part, where.seen)
    content = issue.content.with_item(where.place, with_picture(item, where.part, picture))
    save = Save(issue_id=where.issue_id, version=issue.version, content=content)
    return save_issue(session, save, editor, now)


def place_bank_picture(
    session: Session, where: InBank, picture: Picture, editor: EditorView, now: datetime
) -> BankItemView:
    """Do the same with an item of the bank.

    :raises Invalid: if its words cannot be kept.
    :raises Conflict: if somebody has put another picture there, or the item stands in an issue.
    """
    row = bank_item_to_change(session, where.item_id)
    _require_seen(row.item, where.part, where.seen)
    shown = read_bank_item(session, where.item_id)
    save = BankSave(
        item_id=where.item_id,
        version=shown.version,
        item=with_picture(row.item, where.part, picture),
        details=shown.details,
    )
    return save_bank_item(session, save, editor, now)


def _require_seen(item: Item, part: Part, seen: str) -> None:
    if picture_of(item, part).name != seen:
        message = (
            "Somebody has changed this picture in the meantime, or the items changed places."
            " Nothing of yours was kept. Look at it once more."
        )
        raise Conflict(message)


def picture_of(item: Item, part: Part) -> Picture:
    """Return the item's picture, or its portrait."""
    return item.picture if part is Part.PICTURE else item.portrait


def with_picture(item: Item, part: Part, picture: Picture) -> Item:
    """Return the item with this picture, or this portrait."""
    if part is Part.PICTURE:
        return replace(item, picture=picture)
    return replace(item, portrait=picture)
