"""What every table shares: the base class, names of constraints, and the column vocabulary."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NewType, TypeVar, cast

from sqlalchemy import (
    BigInteger,
    CursorResult,
    DateTime,
    Dialect,
    Enum,
    Integer,
    MetaData,
    Result,
    Text,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, MappedAsDataclass, Session
from sqlalchemy.types import TypeDecorator, TypeEngine

from topthree.domain import ids
from topthree.domain.pictures.picture import Picture, read_picture, write_picture


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: refused when naive, kept in UTC, given back aware on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware instant into UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = "An instant without a zone cannot be stored."
            raise ValueError(message)
        moment = value if value.tzinfo is UTC else value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the instant its zone back."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class PictureText(TypeDecorator[Picture]):
    """A picture, as one line of text; an empty one where there is none."""

    impl = Text()
    cache_ok = True

    def process_bind_param(self, value: Picture | None, dialect: Dialect) -> str | None:
        """Write the picture down."""
        del dialect
        return None if value is None else write_picture(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Picture | None:
        """Read it back."""
        del dialect
        return None if value is None else read_picture(value)


# SQLite numbers rows by itself only in a column of type INTEGER.
_IDENTIFIER = BigInteger().with_variant(Integer, "sqlite")
_COLUMN_TYPES: dict[object, TypeEngine[Any]] = {
    str: Text(),
    datetime: UtcDateTime(),
    Picture: PictureText(),
    # Any enumeration: kept by its value, in plain text that new values fit into.
    StrEnum: Enum(
        StrEnum,
        native_enum=False,
        create_constraint=False,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    ),
    **{kind: _IDENTIFIER for kind in vars(ids).values() if isinstance(kind, NewType)},
}


class Base(DeclarativeBase):
    """The base of every table; constraints are named so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = _COLUMN_TYPES


_Row = TypeVar("_Row", bound=Base)


def rows_changed(result: Result[Any]) -> int:
    """Return how many rows an UPDATE or INSERT changed.

    Its result is a cursor's, whatever its type says.
    """
    return cast("CursorResult[Any]", result).rowcount


def add_once(session: Session, row: _Row, find: Callable[[], _Row | None]) -> _Row:
    """Add the row and return it, or the one that took its unique key at this moment.

    :raises IntegrityError: if that is not what is wrong with it.
    """
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        first = find()
        if first is None:
            raise
        return first
    return row


class Table(MappedAsDataclass, Base, kw_only=True, repr=False):
    """A typed row. Without a repr, so that no log ever shows an address by accident."""

    __abstract__ = True
