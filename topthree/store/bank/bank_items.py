"""The item bank: items without an issue, their tags, and the place in which each is used."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from topthree.domain.bank.bank_item import BankDetails, BankState, last_day
from topthree.domain.ids import BankItemId, EditorId, IssueId
from topthree.domain.writing.item import Item
from topthree.store.base import Table
from topthree.store.editors.editors import EditorRow
from topthree.store.writing.item_columns import ItemColumns, item_columns


class BankTagRow(Table, kw_only=True, repr=False):
    """One tag of an item."""

    __tablename__ = "bank_tags"

    bank_item_id: Mapped[BankItemId] = mapped_column(
        ForeignKey("bank_items.id", ondelete="CASCADE"), primary_key=True
    )
    tag: Mapped[str] = mapped_column(primary_key=True, index=True)


class BankUseRow(Table, kw_only=True, repr=False):
    """The one place in which an item of the bank stands or went out."""

    __tablename__ = "bank_uses"
    __table_args__ = (UniqueConstraint("issue_id", "place"),)

    bank_item_id: Mapped[BankItemId] = mapped_column(
        ForeignKey("bank_items.id", ondelete="CASCADE"), primary_key=True
    )
    issue_id: Mapped[IssueId] = mapped_column(ForeignKey("issues.id", ondelete="CASCADE"))
    #: 1 to 3.
    place: Mapped[int]
    put_at: Mapped[datetime]
    put_by: Mapped[EditorId | None] = mapped_column(ForeignKey("editors.id"), default=None)


class BankItemRow(ItemColumns, Table, kw_only=True, repr=False):
    """An item of the bank. While it is used, its text follows the issue's."""

    __tablename__ = "bank_items"
    __table_args__ = (
        Index("ix_bank_items_state_section_last_day", "state", "section", "last_day"),
        Index("ix_bank_items_edited_at", "edited_at"),
    )

    id: Mapped[BankItemId] = mapped_column(primary_key=True, init=False)
    #: Counts changes; a save names the version it was based on.
    version: Mapped[int] = mapped_column(default=1)
    state: Mapped[BankState]
    owner_id: Mapped[EditorId | None] = mapped_column(
        ForeignKey("editors.id"), index=True, default=None
    )
    use_by: Mapped[date | None] = mapped_column(default=None)
    note: Mapped[str] = mapped_column(default="")
    #: The earlier of "use by" and the closing date, kept so that queries can ask for it.
    last_day: Mapped[date | None] = mapped_column(default=None)
    #: All of its words, casefolded, since databases fold no letters but English ones.
    searchable: Mapped[str] = mapped_column(default="")
    #: Names the form that made it, so that a form that is sent twice makes one item.
    form_key: Mapped[str | None] = mapped_column(unique=True, default=None)
    created_at: Mapped[datetime]
    created_by: Mapped[EditorId | None] = mapped_column(ForeignKey("editors.id"), default=None)
    edited_at: Mapped[datetime]
    edited_by: Mapped[EditorId | None] = mapped_column(ForeignKey("editors.id"), default=None)
    tags: Mapped[list[BankTagRow]] = relationship(
        order_by=BankTagRow.tag, cascade="all, delete-orphan", lazy="selectin", default_factory=list
    )

    @property
    def tag_words(self) -> tuple[str, ...]:
        """The tags as words."""
        return tuple(sorted(row.tag for row in self.tags))

    @tag_words.setter
    def tag_words(self, words: Iterable[str]) -> None:
        kept = {row.tag: row for row in self.tags}
        # The item's key is filled in by the relationship.
        self.tags = [
            kept.get(word) or BankTagRow(bank_item_id=BankItemId(0), tag=word) for word in words
        ]

    @property
    def details(self) -> BankDetails:
        """What the desk keeps about the item."""
        return BankDetails(
            tags=self.tag_words, owner_id=self.owner_id, use_by=self.use_by, note=self.note
        )

    @details.setter
    def details(self, details: BankDetails) -> None:
        self.tag_words = details.tags
        self.owner_id, self.use_by, self.note = details.owner_id, details.use_by, details.note


def new_bank_item(item: Item, *, by: EditorId | None, at: datetime) -> BankItemRow:
    """Return an idea, not yet added to a session; :func:`write_down` makes it whole."""
    return BankItemRow(
        version=0,
        state=BankState.IDEA,
        created_at=at,
        created_by=by,
        edited_at=at,
        **item_columns(item),
    )


def write_down(row: BankItemRow, item: Item, *, by: EditorId | None, at: datetime) -> None:
    """Let the row hold this text as its next version, and find it by what it holds now."""
    row.item = item
    row.last_day = last_day(item, row.use_by)
    row.searchable = "\n".join(_words(row)).casefold()
    row.version += 1
    row.edited_at, row.edited_by = at, by


def lock_bank_item(session: Session, item_id: BankItemId) -> BankItemRow | None:
    """Return the item as it is now; whoever else wants to change it waits for us."""
    return session.get(BankItemRow, item_id, with_for_update=True, populate_existing=True)


def find_bank_item(session: Session, item_id: BankItemId) -> BankItemRow | None:
    """Return the item with this id."""
    return session.get(BankItemRow, item_id)


def find_by_form_key(session: Session, key: str) -> BankItemRow | None:
    """Return the item that the form with this key has made."""
    return session.scalars(select(BankItemRow).where(BankItemRow.form_key == key)).one_or_none()


def find_use(session: Session, item_id: BankItemId) -> BankUseRow | None:
    """Return where the item stands or went out."""
    return session.get(BankUseRow, item_id, populate_existing=True)


def uses_of_issue(session: Session, issue_id: IssueId) -> Sequence[BankUseRow]:
    """Return which places of the issue hold an item of the bank, in order."""
    query = select(BankUseRow).where(BankUseRow.issue_id == issue_id).order_by(BankUseRow.place)
    return session.scalars(query).all()


def find_use_at(session: Session, issue_id: IssueId, place: int) -> BankUseRow | None:
    """Return which item of the bank stands at the place (1 to 3) of an issue, if one does."""
    query = select(BankUseRow).where(BankUseRow.issue_id == issue_id, BankUseRow.place == place)
    return session.scalars(query).one_or_none()


def owners_of_places(
    session: Session, issue_ids: Collection[IssueId]
) -> dict[tuple[IssueId, int], str]:
    """Return who owns the items of the bank that stand in these issues, by issue and place."""
    query = (
        select(BankUseRow.issue_id, BankUseRow.place, EditorRow.name)
        .join(BankItemRow, BankItemRow.id == BankUseRow.bank_item_id)
        .join(EditorRow, EditorRow.id == BankItemRow.owner_id)
        .where(BankUseRow.issue_id.in_(issue_ids))
    )
    return {(issue_id, place): name for issue_id, place, name in session.execute(query)}


def has_bank_items(session: Session) -> bool:
    """Tell whether the bank holds anything."""
    return session.scalars(select(BankItemRow.id).limit(1)).first() is not None


def _words(row: BankItemRow) -> Iterator[str]:
    yield from (row.headline, row.kicker, row.body, row.link_label, row.note, row.location)
    yield from (row.contributor_name, row.contributor_role, row.contributor_school)
    yield from row.tag_words
