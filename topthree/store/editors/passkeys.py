"""Passkeys of editors, and the challenges that are out at this moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from topthree.domain.ids import EditorId
from topthree.store.base import Table, rows_changed


class PasskeyRow(Table, kw_only=True, repr=False):
    """A key that an editor's device keeps; here is only what tells that it was used."""

    __tablename__ = "passkeys"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    editor_id: Mapped[EditorId] = mapped_column(ForeignKey("editors.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    #: How often it was used, by its own account; always 0 with most that are synchronised.
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str]
    added_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None] = mapped_column(default=None)


class ChallengeRow(Table, kw_only=True, repr=False):
    """A number that was given out to be signed, once and soon; deleted when it comes back."""

    __tablename__ = "passkey_challenges"

    challenge: Mapped[bytes] = mapped_column(LargeBinary(64), primary_key=True)
    #: Who adds a passkey with it; None: somebody signs in with it.
    editor_id: Mapped[EditorId | None]
    made_at: Mapped[datetime] = mapped_column(index=True)


def passkeys_of(session: Session, editor_id: EditorId) -> Sequence[PasskeyRow]:
    """Return the editor's passkeys, oldest first."""
    query = select(PasskeyRow).where(PasskeyRow.editor_id == editor_id)
    return session.scalars(query.order_by(PasskeyRow.id)).all()


def lock_passkey(session: Session, credential_id: bytes) -> PasskeyRow | None:
    """Return the passkey as it is now; whoever else signs in with it waits for us."""
    query = select(PasskeyRow).where(PasskeyRow.credential_id == credential_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def take_challenge(
    session: Session, challenge: bytes, editor_id: EditorId | None, since: datetime
) -> bool:
    """Use a challenge up that was made since then for this; tell whether there was one."""
    used = delete(ChallengeRow).where(
        ChallengeRow.challenge == challenge,
        ChallengeRow.editor_id.is_not_distinct_from(editor_id),
        ChallengeRow.made_at >= since,
    )
    return rows_changed(session.execute(used)) == 1


def forget_challenges(session: Session, before: datetime) -> None:
    """Delete the challenges of before then."""
    session.execute(delete(ChallengeRow).where(ChallengeRow.made_at < before))


def forget_passkeys(session: Session, editor_id: EditorId) -> None:
    """Delete every passkey of the editor."""
    session.execute(delete(PasskeyRow).where(PasskeyRow.editor_id == editor_id))
