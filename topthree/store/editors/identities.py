"""Whom single sign-on knows an editor as, and the browsers that are on their way there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from topthree.domain.ids import EditorId
from topthree.store.base import Table, rows_changed


class IdentityRow(Table, kw_only=True, repr=False):
    """An account at a provider that signs an editor in; one at each provider."""

    __tablename__ = "identities"
    __table_args__ = (
        UniqueConstraint("issuer", "subject"),
        UniqueConstraint("editor_id", "issuer"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    editor_id: Mapped[EditorId] = mapped_column(ForeignKey("editors.id"))
    issuer: Mapped[str]
    #: The provider's name for the account, which never becomes another person's.
    subject: Mapped[str]
    linked_at: Mapped[datetime]


class ErrandRow(Table, kw_only=True, repr=False):
    """A browser that was sent to the provider, once and soon; deleted when it comes back."""

    __tablename__ = "sign_on_errands"

    secret_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    #: The page of the desk that it wanted.
    follow: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(index=True)


def find_identity(session: Session, issuer: str, subject: str) -> IdentityRow | None:
    """Return whom the account signs in."""
    query = select(IdentityRow).where(IdentityRow.issuer == issuer, IdentityRow.subject == subject)
    return session.scalars(query).one_or_none()


def forget_identities(session: Session, editor_id: EditorId) -> None:
    """Delete every account of the editor."""
    session.execute(delete(IdentityRow).where(IdentityRow.editor_id == editor_id))


def errand_follow(session: Session, secret_hash: bytes) -> str:
    """Return the page that was wanted; empty if there is no such errand."""
    row = session.get(ErrandRow, secret_hash)
    return "" if row is None else row.follow


def take_errand(session: Session, secret_hash: bytes, since: datetime) -> bool:
    """Use an errand up that was begun since then; tell whether there was one."""
    used = delete(ErrandRow).where(ErrandRow.secret_hash == secret_hash, ErrandRow.made_at >= since)
    return rows_changed(session.execute(used)) == 1


def forget_errands(session: Session, before: datetime) -> None:
    """Delete the errands of before then."""
    session.execute(delete(ErrandRow).where(ErrandRow.made_at < before))
