"""Pictures as bytes, in the one place that all machines share; each named by its content."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ForeignKey,
    LargeBinary,
    Text,
    TypeDecorator,
    delete,
    func,
    or_,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.types import TypeEngine

from topthree.domain.ids import EditorId
from topthree.domain.pictures.framing import Frame, Shape, Size
from topthree.store.base import Base, Table

_NAME = re.compile(r"\b[0-9a-f]{32}\.(?:jpg|png)\b")
#: Tables that grow with subscribers or acts, and in which no content of an issue ever stands.
_WITHOUT_CONTENT = frozenset(
    {"audit_entries", "consent_records", "deliveries", "notices", "subscribers", "subscriptions"}
)


class MediaRow(Table, kw_only=True, repr=False):
    """A file that we wrote. It never changes: other content has another name."""

    __tablename__ = "media"

    name: Mapped[str] = mapped_column(primary_key=True)
    width: Mapped[int]
    height: Mapped[int]
    #: Bytes of the content, to be added up without reading it.
    size: Mapped[int]
    #: When it was uploaded, or cut, the last time.
    added_at: Mapped[datetime]
    added_by: Mapped[EditorId | None] = mapped_column(ForeignKey("editors.id"), default=None)
    #: The last column, so that SQLite need not read past it for the others.
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class CutRow(Table, kw_only=True, repr=False):
    """What a picture was cut from, and how, so that it can be cut anew."""

    __tablename__ = "media_cuts"

    name: Mapped[str] = mapped_column(
        ForeignKey("media.name", ondelete="CASCADE"), primary_key=True
    )
    original: Mapped[str] = mapped_column(ForeignKey("media.name"))
    shape: Mapped[Shape]
    left: Mapped[int]
    top: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A picture's original, and which part of it the picture is."""

    original: str
    shape: Shape
    frame: Frame


def keep_media(
    session: Session,
    name: str,
    content: bytes,
    size: Size,
    added: tuple[datetime, EditorId | None],
) -> None:
    """Keep the file; if it is there already, only as one that was wanted again just now."""
    at, by = added
    # The two databases have the same clause, and the library a class for each.
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert if is_sqlite else postgresql.insert
    statement = insert(MediaRow).values(
        name=name,
        width=size.width,
        height=size.height,
        size=len(content),
        added_at=at,
        added_by=by,
        content=content,
    )
    session.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"added_at": at}))


def keep_cut(session: Session, name: str, cut: Cut) -> None:
    """Keep how a file came from another; the newest way counts."""
    session.merge(
        CutRow(
            name=name,
            original=cut.original,
            shape=cut.shape,
            left=cut.frame.left,
            top=cut.frame.top,
            width=cut.frame.width,
            height=cut.frame.height,
        )
    )
    session.flush()


def find_cut(session: Session, name: str) -> Cut | None:
    """Return how this file was cut; None if it is kept as it came."""
    row = session.get(CutRow, name)
    if row is None:
        return None
    frame = Frame(left=row.left, top=row.top, width=row.width, height=row.height)
    return Cut(original=row.original, shape=row.shape, frame=frame)


def media_content(session: Session, name: str) -> bytes | None:
    """Return the content of the file with this name."""
    return session.scalars(select(MediaRow.content).where(MediaRow.name == name)).one_or_none()


def media_size(session: Session, name: str) -> Size | None:
    """Return how large the picture with this name is."""
    query = select(MediaRow.width, MediaRow.height).where(MediaRow.name == name)
    row = session.execute(query).one_or_none()
    return None if row is None else Size(width=row.width, height=row.height)


def count_media_bytes(session: Session) -> int:
    """Return how many bytes all files have together."""
    return session.scalar(select(func.coalesce(func.sum(MediaRow.size), 0))) or 0


def unused_media(session: Session, before: datetime) -> frozenset[str]:
    """Return the names of the files that nothing names and nobody has added since.

    Whatever text is kept counts: items of issues and of the bank, versions, mail that went out. A
    table that is added later counts by itself.
    """
    old = set(session.scalars(select(MediaRow.name).where(MediaRow.added_at < before)))
    unused = old - _named(session) if old else old
    kept_cuts = select(CutRow.original).where(CutRow.name.not_in(unused))
    return frozenset(unused - set(session.scalars(kept_cuts)) if unused else unused)


def forget_media(session: Session, names: Collection[str], before: datetime) -> int:
    """Delete these files, but for what somebody has added since; return how many."""
    still_old = select(MediaRow.name).where(MediaRow.name.in_(names), MediaRow.added_at < before)
    gone = session.scalars(still_old.with_for_update()).all()
    session.execute(delete(CutRow).where(CutRow.name.in_(gone)))
    session.execute(delete(MediaRow).where(MediaRow.name.in_(gone)))
    return len(gone)


def _named(session: Session) -> set[str]:
    return {name for text in _texts(session) for name in _NAME.findall(text)}


def _texts(session: Session) -> Iterator[str]:
    """Yield every text that is kept anywhere and may name a picture."""
    for table in Base.metadata.sorted_tables:
        own = {MediaRow.__tablename__, CutRow.__tablename__}
        if table.name not in own | _WITHOUT_CONTENT:
            for column in _text_columns(table.columns):
                plain = func.cast(column, Text)
                query = select(plain).where(or_(plain.like("%.jpg%"), plain.like("%.png%")))
                yield from session.scalars(query, execution_options={"yield_per": 100})


def _text_columns(columns: Iterable[Column[Any]]) -> list[Column[Any]]:
    return [column for column in columns if _is_text(column.type)]


def _is_text(kind: TypeEngine[Any]) -> bool:
    return isinstance(kind.impl if isinstance(kind, TypeDecorator) else kind, Text)
