"""Issues and their items."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, and_, func, or_, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from topthree.domain.archive.issue_key import IssueKey, key_of
from topthree.domain.ids import EditorId, IssueId
from topthree.domain.writing.issue import IssueContent, IssueStatus
from topthree.domain.writing.item import Section
from topthree.store.base import Table
from topthree.store.writing.item_columns import ItemColumns, item_columns

PUBLISHED = [status for status in IssueStatus if status.is_published]

#: Section, kicker and headline of an item.
Headline = tuple[Section, str, str]


class ItemRow(ItemColumns, Table, kw_only=True, repr=False):
    """One of the three items of an issue."""

    __tablename__ = "items"

    issue_id: Mapped[IssueId] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    place: Mapped[int] = mapped_column(primary_key=True)


class IssueRow(Table, kw_only=True, repr=False):
    """An issue. ``slot_day`` is where it is planned; ``day`` and ``number`` come with its run."""

    __tablename__ = "issues"
    __table_args__ = (
        Index("ix_issues_status_day", "status", "day"),
        # One issue a day; a correction of it may go out on the same one.
        Index(
            "uq_issues_day",
            "day",
            unique=True,
            sqlite_where=text("corrects IS NULL"),
            postgresql_where=text("corrects IS NULL"),
        ),
    )

    id: Mapped[IssueId] = mapped_column(primary_key=True, init=False)
    #: Counts saves; a save names the version it was based on.
    version: Mapped[int] = mapped_column(default=1)
    status: Mapped[IssueStatus] = mapped_column(default=IssueStatus.DRAFT)
    subject: Mapped[str]
    preheader: Mapped[str]
    greeting: Mapped[str]
    language: Mapped[str]
    is_sample: Mapped[bool] = mapped_column(default=False)
    #: The day of the issue that this one corrects.
    corrects: Mapped[date | None] = mapped_column(default=None, index=True)
    slot_day: Mapped[date | None] = mapped_column(unique=True, default=None)
    number: Mapped[int | None] = mapped_column(unique=True, default=None)
    day: Mapped[date | None] = mapped_column(default=None)
    published_at: Mapped[datetime | None] = mapped_column(default=None)
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime]
    edited_by: Mapped[EditorId | None] = mapped_column(ForeignKey("editors.id"), default=None)
    submitted_by: Mapped[EditorId | None] = mapped_column(ForeignKey("editors.id"), default=None)
    #: Who was asked to approve it; None: whoever may.
    asked: Mapped[EditorId | None] = mapped_column(ForeignKey("editors.id"), default=None)
    #: What was said to them.
    asked_words: Mapped[str] = mapped_column(default="")
    approved_by: Mapped[EditorId | None] = mapped_column(ForeignKey("editors.id"), default=None)
    approved_at: Mapped[datetime | None] = mapped_column(default=None)
    approved_digest: Mapped[str | None] = mapped_column(default=None)
    #: Why it was sent back, until it is submitted again.
    returned_because: Mapped[str] = mapped_column(default="")
    items: Mapped[list[ItemRow]] = relationship(
        order_by=ItemRow.place, cascade="all, delete-orphan", lazy="selectin", default_factory=list
    )

    @property
    def content(self) -> IssueContent:
        """The content as the frozen value that everything else works with."""
        first, second, third = (row.item for row in self.items)
        return IssueContent(
            subject=self.subject,
            preheader=self.preheader,
            greeting=self.greeting,
            language=self.language,
            items=(first, second, third),
            corrects=self.corrects,
        )

    @content.setter
    def content(self, content: IssueContent) -> None:
        self.subject = content.subject
        self.preheader = content.preheader
        self.greeting = content.greeting
        self.language = content.language
        self.corrects = content.corrects
        for row, item in zip(self.items, content.items, strict=True):
            row.item = item


#: On one day, a correction comes after the issue that went out before it.
NEWEST_FIRST = (IssueRow.day.desc(), IssueRow.number.desc())


def new_issue(content: IssueContent, *, created_at: datetime, is_sample: bool = False) -> IssueRow:
    """Return a draft with this content, not yet added to a session."""
    return IssueRow(
        subject=content.subject,
        preheader=content.preheader,
        greeting=content.greeting,
        language=content.language,
        is_sample=is_sample,
        corrects=content.corrects,
        created_at=created_at,
        edited_at=created_at,
        items=[
            # The issue's key is filled in by the relationship.
            ItemRow(issue_id=IssueId(0), place=place, **item_columns(item))
            for place, item in enumerate(content.items, start=1)
        ],
    )


def find_issue(session: Session, issue_id: IssueId) -> IssueRow | None:
    """Return the issue with this id."""
    return session.get(IssueRow, issue_id)


def lock_issue(session: Session, issue_id: IssueId) -> IssueRow | None:
    """Return the issue as it is now; whoever else wants to change it waits for us."""
    return session.get(IssueRow, issue_id, with_for_update=True, populate_existing=True)


def find_published_issue(session: Session, day: date) -> IssueRow | None:
    """Return the published issue of this day; a correction is none."""
    return find_issue_with_key(session, IssueKey(day=day))


def find_issue_with_key(session: Session, key: IssueKey) -> IssueRow | None:
    """Return the published issue with this key."""
    query = select(IssueRow).where(IssueRow.day == key.day, IssueRow.status.in_(PUBLISHED))
    if key.correction is None:
        query = query.where(IssueRow.corrects.is_(None))
    else:
        query = query.where(IssueRow.corrects.is_not(None), IssueRow.number == key.correction)
    return session.scalars(query).one_or_none()


def find_issue_of_slot(session: Session, day: date) -> IssueRow | None:
    """Return the issue planned for this slot, whatever its state."""
    return session.scalars(select(IssueRow).where(IssueRow.slot_day == day)).one_or_none()


def find_untouched_drafts(session: Session, editor_id: EditorId) -> Sequence[IssueRow]:
    """Return the drafts on no slot that this editor changed last, and that have no subject."""
    query = select(IssueRow).where(
        IssueRow.edited_by == editor_id,
        IssueRow.status == IssueStatus.DRAFT,
        IssueRow.slot_day.is_(None),
        IssueRow.subject == "",
    )
    return session.scalars(query.order_by(IssueRow.id)).all()


def find_issue_with_number(session: Session, number: int) -> IssueRow | None:
    """Return the published issue with this number."""
    return session.scalars(select(IssueRow).where(IssueRow.number == number)).one_or_none()


def find_draft_with(session: Session, content: IssueContent) -> IssueRow | None:
    """Return an issue in hand that holds exactly this content."""
    alike = select(IssueRow).where(
        IssueRow.subject == content.subject, IssueRow.status.not_in(PUBLISHED)
    )
    return next((issue for issue in session.scalars(alike) if issue.content == content), None)


def has_issues(session: Session) -> bool:
    """Tell whether there is any issue at all."""
    return session.scalars(select(IssueRow.id).limit(1)).first() is not None


def unsent_issues_planned_until(session: Session, day: date) -> Sequence[IssueRow]:
    """Return the issues on a slot of this day or before that have not gone out."""
    query = select(IssueRow).where(IssueRow.slot_day <= day, IssueRow.status.not_in(PUBLISHED))
    return session.scalars(query.order_by(IssueRow.slot_day)).all()


def find_correction_in_hand(session: Session, day: date) -> IssueRow | None:
    """Return the correction of the issue of this day that has not gone out, if there is one."""
    query = select(IssueRow).where(IssueRow.corrects == day, IssueRow.status.not_in(PUBLISHED))
    return session.scalars(query.order_by(IssueRow.id).limit(1)).one_or_none()


def keys_of_corrections(
    session: Session, days: Collection[date]
) -> dict[date, tuple[IssueKey, ...]]:
    """Return the corrections that went out of the issues of these days, oldest first."""
    query = select(IssueRow.corrects, IssueRow.day, IssueRow.number).where(
        IssueRow.corrects.in_(days), IssueRow.status.in_(PUBLISHED)
    )
    found: dict[date, tuple[IssueKey, ...]] = dict.fromkeys(days, ())
    for corrects, day, number in session.execute(query.order_by(IssueRow.day, IssueRow.number)):
        if corrects is not None and day is not None and number is not None:
            found[corrects] += (key_of(day, number, corrects),)
    return found


def count_planned_before(session: Session, day: date) -> int:
    """Count the issues on slots before this day that have not gone out."""
    query = select(func.count()).select_from(IssueRow)
    query = query.where(IssueRow.slot_day < day, IssueRow.status.not_in(PUBLISHED))
    return session.scalars(query).one()


def newest_published_issues(session: Session, count: int) -> Sequence[IssueRow]:
    """Return the newest published issues, newest first."""
    query = select(IssueRow).where(IssueRow.status.in_(PUBLISHED)).order_by(*NEWEST_FIRST)
    return session.scalars(query.limit(count)).all()


def recent_subjects(session: Session, apart_from: IssueId | None, count: int) -> tuple[str, ...]:
    """Return the subjects of the newest published issues but for this one, newest first."""
    query = select(IssueRow.subject).where(IssueRow.status.in_(PUBLISHED))
    if apart_from is not None:
        query = query.where(IssueRow.id != apart_from)
    return tuple(session.scalars(query.order_by(*NEWEST_FIRST).limit(count)))


def published_before(session: Session, day: date, number: int) -> IssueRow | None:
    """Return the issue that was published last before one of this day and number."""
    before = or_(IssueRow.day < day, and_(IssueRow.day == day, IssueRow.number < number))
    query = select(IssueRow).where(IssueRow.status.in_(PUBLISHED), before)
    return session.scalars(query.order_by(*NEWEST_FIRST).limit(1)).one_or_none()


def neighbours(session: Session, issue: IssueRow) -> tuple[IssueRow | None, IssueRow | None]:
    """Return the published issues just before and just after this one."""
    published = select(IssueRow).where(IssueRow.status.in_(PUBLISHED))
    on_the_day = IssueRow.day == issue.day
    before = or_(IssueRow.day < issue.day, and_(on_the_day, IssueRow.number < issue.number))
    after = or_(IssueRow.day > issue.day, and_(on_the_day, IssueRow.number > issue.number))
    earlier = published.where(before).order_by(*NEWEST_FIRST).limit(1)
    later = published.where(after).order_by(IssueRow.day, IssueRow.number).limit(1)
    return session.scalars(earlier).one_or_none(), session.scalars(later).one_or_none()


def next_number(session: Session) -> int:
    """Return the number that the next published issue gets."""
    return (session.scalars(select(func.max(IssueRow.number))).one() or 0) + 1
