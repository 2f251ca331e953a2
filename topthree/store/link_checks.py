"""What came of looking at links, by their addresses, and which are to be looked at."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import BigInteger, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from topthree.domain.links.link_check import LinkCheck, LinkState, Trouble
from topthree.store.base import Table

#: Under the limit of parameters in one statement of either database.
_AT_ONCE = 500


class LinkCheckRow(Table, kw_only=True, repr=False):
    """A link that some issue holds, or held."""

    __tablename__ = "link_checks"

    url: Mapped[str] = mapped_column(primary_key=True)
    #: When it is looked at next; None: when it is asked for again.
    due_at: Mapped[datetime | None] = mapped_column(index=True, default=None)
    #: None until it has been looked at.
    checked_at: Mapped[datetime | None] = mapped_column(default=None)
    state: Mapped[LinkState] = mapped_column(default=LinkState.UNKNOWN)
    status: Mapped[int | None] = mapped_column(default=None)
    trouble: Mapped[Trouble | None] = mapped_column(default=None)
    final_url: Mapped[str] = mapped_column(default="")
    content_type: Mapped[str] = mapped_column(default="")
    content_length: Mapped[int | None] = mapped_column(BigInteger, default=None)


def known_checks(session: Session, urls: Collection[str]) -> dict[str, LinkCheck]:
    """Return what is known of those of these links that have been looked at."""
    wanted = sorted(set(urls))
    found: dict[str, LinkCheck] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        query = select(LinkCheckRow).where(LinkCheckRow.url.in_(wanted[start : start + _AT_ONCE]))
        for row in session.scalars(query):
            if row.checked_at is not None:
                found[row.url] = _value(row, row.checked_at)
    return found


def waiting_links(session: Session, urls: Collection[str]) -> frozenset[str]:
    """Return those of these links that are about to be looked at."""
    wanted = sorted(set(urls))
    found: set[str] = set()
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        query = select(LinkCheckRow.url).where(LinkCheckRow.url.in_(part))
        found |= set(session.scalars(query.where(LinkCheckRow.due_at.is_not(None))))
    return frozenset(found)


def want_checked(session: Session, urls: Collection[str], now: datetime) -> None:
    """Let these links be looked at as soon as somebody has the time."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert if is_sqlite else postgresql.insert
    rows = [{"url": url, "due_at": now, **_UNSEEN} for url in sorted(set(urls))]
    if rows:
        statement = insert(LinkCheckRow).on_conflict_do_update(
            index_elements=["url"], set_={"due_at": now}
        )
        session.execute(statement, rows)


def take_due(session: Session, now: datetime, until: datetime, limit: int) -> Sequence[str]:
    """Return so many links that are due, the longest first; nobody else takes them until then."""
    query = select(LinkCheckRow.url).where(LinkCheckRow.due_at <= now)
    query = query.order_by(LinkCheckRow.due_at, LinkCheckRow.url).limit(limit)
    urls = session.scalars(query.with_for_update(skip_locked=True)).all()
    session.execute(
        update(LinkCheckRow).where(LinkCheckRow.url.in_(urls)).values(due_at=until),
        execution_options={"synchronize_session": False},
    )
    return urls


def note_check(session: Session, url: str, check: LinkCheck) -> None:
    """Keep what came of looking at a link; it is not due any more."""
    row = session.get_one(LinkCheckRow, url)
    row.due_at, row.checked_at, row.state = None, check.checked_at, check.state
    row.status, row.trouble, row.final_url = check.status, check.trouble, check.final_url
    row.content_type, row.content_length = check.content_type, check.content_length


def forget_checks(session: Session, before: datetime) -> None:
    """Drop what was looked at last before this moment, and is not asked for.

    What is known of documents stays: past issues say how large they are.
    """
    is_page = or_(LinkCheckRow.content_type == "", LinkCheckRow.content_type.like("text/html%"))
    session.execute(
        delete(LinkCheckRow).where(
            LinkCheckRow.checked_at < before, LinkCheckRow.due_at.is_(None), is_page
        ),
        execution_options={"synchronize_session": False},
    )


_UNSEEN = {"state": LinkState.UNKNOWN, "final_url": "", "content_type": ""}


def _value(row: LinkCheckRow, checked_at: datetime) -> LinkCheck:
    return LinkCheck(
        state=row.state,
        status=row.status,
        trouble=row.trouble,
        final_url=row.final_url,
        content_type=row.content_type,
        content_length=row.content_length,
        checked_at=checked_at,
    )
