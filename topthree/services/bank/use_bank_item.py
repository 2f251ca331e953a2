"""Items of the bank in issues: putting one into a place, taking one out, keeping a copy of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from topthree.domain.audit.act import Act
from topthree.domain.audit.entry import Entry, item_thing
from topthree.domain.bank.bank_item import BankDetails, BankEvent, BankState, next_bank_state
from topthree.domain.editors.permission import Permission, require
from topthree.domain.ids import BankItemId, IssueId
from topthree.domain.refusal import Conflict, NotFound
from topthree.domain.writing.issue import PLACES, IssueContent
from topthree.domain.writing.item import Item
from topthree.services.audit.log import record
from topthree.services.bank.read_bank import BankItemView
from topthree.services.bank.write_bank import NewBankItem, bank_item_to_change, create_bank_item
from topthree.services.identity.editor_view import EditorView
from topthree.services.writing.compose_issue import Save, issue_to_change, save_issue
from topthree.services.writing.follow_bank import give_back
from topthree.services.writing.read_issue import IssueView
from topthree.store.bank.bank_items import BankUseRow, find_use, find_use_at
from topthree.store.writing.issues import IssueRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One of the three places of an issue.

    :raises NotFound: if there is no such place.
    """

    issue_id: IssueId
    #: 1 to 3.
    number: int

    def __post_init__(self) -> None:
        if self.number not in PLACES:
            message = "An issue has three places. Choose one of them."
            raise NotFound(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Putting:
    """Which item of the bank goes into which place."""

    item_id: BankItemId
    place: Place
    #: The version of the issue whose item may be replaced; None: the place has to be empty.
    replaces: int | None = None


class PlaceTaken(Conflict):
    """Something stands in the place; whoever asked decides whether it makes room."""

    def __init__(self, standing: Item, version: int) -> None:
        name = f"“{standing.headline}”" if standing.headline else "An item without a headline"
        super().__init__(f"{name} stands there. Say whether it shall make room.")
        self.standing = standing
        self.version = version


def put_into_place(
    session: Session, putting: Putting, editor: EditorView, now: datetime
) -> IssueView:
    """Let the issue have the item's text at the place; what stood there goes into the bank.

    Doing it twice is harmless. An approval of the issue is void, as after every change.

    :raises PlaceTaken: if something else stands there, or something else than what was shown.
    :raises Conflict: if the item stands in an issue already, or the issue has gone out.
    """
    require(editor.role, Permission.WRITE)
    issue = issue_to_change(session, putting.place.issue_id)
    row = bank_item_to_change(session, putting.item_id)
    number, item = putting.place.number, row.item
    use = find_use(session, row.id)
    if use is not None and (use.issue_id, use.place) == (issue.id, number):
        return _saved(session, issue, issue.content, editor, now)
    after = next_bank_state(row.state, BankEvent.PUT)
    _require_something(item)
    standing = issue.content.item_at(number)
    if not standing.is_empty:
        if putting.replaces != issue.version:
            raise PlaceTaken(standing, issue.version)
        _make_room(session, issue, number, editor, now)
    saved = _saved(session, issue, issue.content.with_item(number, item), editor, now)
    row.state = after
    row.version += 1
    row.edited_at, row.edited_by = now, editor.id
    session.add(
        BankUseRow(
            bank_item_id=row.id, issue_id=issue.id, place=number, put_at=now, put_by=editor.id
        )
    )
    session.flush()
    about, details = item_thing(row.id, item.headline), {"issue": issue.id, "place": number}
    entry = Entry(who=editor.who, act=Act.ITEM_PUT, about=about, details=details)
    record(session, entry, now)
    return saved


def take_out_of_place(
    session: Session, place: Place, key: str, editor: EditorView, now: datetime
) -> BankItemId | None:
    """Empty the place; its item is in the bank, as it stood there, under the id that is returned.

    None: the place was empty already.

    :raises Conflict: if the issue has gone out.
    """
    require(editor.role, Permission.WRITE)
    issue = issue_to_change(session, place.issue_id)
    standing = issue.content.item_at(place.number)
    if standing.is_empty:
        return None
    use = find_use_at(session, issue.id, place.number)
    item_id = use.bank_item_id if use else keep_in_bank(session, place, key, editor, now).id
    empty = Item(section=standing.section)
    _saved(session, issue, issue.content.with_item(place.number, empty), editor, now)
    return item_id


def keep_in_bank(
    session: Session, place: Place, key: str, editor: EditorView, now: datetime
) -> BankItemView:
    """Add a copy of what stands at the place to the bank; the issue stays as it is.

    :param key: names the form, so that sending it twice makes one copy.
    :raises Conflict: if the place is empty.
    """
    item = issue_to_change(session, place.issue_id).content.item_at(place.number)
    if item.is_empty:
        message = f"Place {place.number} is empty, so there is nothing to keep."
        raise Conflict(message)
    details = BankDetails(owner_id=editor.id)
    new = NewBankItem(item=item, details=details, state=BankState.READY, key=key)
    return create_bank_item(session, new, editor, now)


def first_empty_place(issue: IssueView) -> int | None:
    """Return the first place (1 to 3) that waits for an item; a correction has none."""
    if issue.content.corrects is not None:
        return None
    items = zip(PLACES, issue.content.items, strict=True)
    return next((place for place, item in items if item.is_empty), None)


def _require_something(item: Item) -> None:
    if item.is_empty:
        message = "This item is still empty. Write something first, if only a headline."
        raise Conflict(message)


def _make_room(
    session: Session, issue: IssueRow, number: int, editor: EditorView, now: datetime
) -> None:
    use = find_use_at(session, issue.id, number)
    if use is None:
        place = Place(issue_id=issue.id, number=number)
        keep_in_bank(session, place, "", editor, now)
    else:
        give_back(session, use, issue.content.item_at(number), editor.who, now)


def _saved(
    session: Session,
    issue: IssueRow,
    content: IssueContent,
    editor: EditorView,
    now: datetime,
) -> IssueView:
    save = Save(issue_id=issue.id, version=issue.version, content=content)
    return save_issue(session, save, editor, now)
