"""Editors, their one-time sign-ins and their sessions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, delete, exists, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from topthree.domain.editors.permission import Role
from topthree.domain.ids import EditorId
from topthree.domain.notice import NoticeKind
from topthree.store.base import Table, rows_changed
from topthree.store.notices.notices import NoticeRow


class EditorRow(Table, kw_only=True, repr=False):
    """Someone who works at the desk; removed editors stay, since issues name them."""

    __tablename__ = "editors"

    id: Mapped[EditorId] = mapped_column(primary_key=True, init=False)
    address: Mapped[str]
    address_key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[Role]
    created_at: Mapped[datetime]
    #: When a message went out that asks them to come in; None: they were added without one.
    invited_at: Mapped[datetime | None] = mapped_column(default=None)
    #: When a request of theirs came last, to the minute; None: they have not come in yet.
    last_seen_at: Mapped[datetime | None] = mapped_column(default=None)
    removed_at: Mapped[datetime | None] = mapped_column(default=None)
    #: Whether mail tells them that something is theirs to do.
    has_turn_mail: Mapped[bool] = mapped_column(default=True)


class SignInRow(Table, kw_only=True, repr=False):
    """One way in: its link, and its code if it has one, are derived from its id, and used once."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    editor_id: Mapped[EditorId] = mapped_column(ForeignKey("editors.id"), index=True)
    asked_at: Mapped[datetime]
    used_at: Mapped[datetime | None] = mapped_column(default=None)
    #: The page that was wanted; kept here, so that no link can be made to lead elsewhere.
    follow: Mapped[str] = mapped_column(default="")
    #: Wrong codes typed so far.
    tries: Mapped[int] = mapped_column(default=0)
    #: An invitation has a link that lasts a week, and no code.
    is_invitation: Mapped[bool] = mapped_column(default=False)
    #: None at the terminal.
    invited_by: Mapped[EditorId | None] = mapped_column(default=None)


class EditorSessionRow(Table, kw_only=True, repr=False):
    """A signed-in browser; the cookie holds the secret, this row only its hash."""

    __tablename__ = "editor_sessions"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    editor_id: Mapped[EditorId] = mapped_column(ForeignKey("editors.id"), index=True)
    began_at: Mapped[datetime]
    #: When a request of a person came last, to the minute.
    last_seen_at: Mapped[datetime]
    #: In words for people: how they signed in, and with which browser.
    method: Mapped[str]
    browser: Mapped[str]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)


def find_editor(session: Session, editor_id: EditorId) -> EditorRow | None:
    """Return the editor with this id, removed or not."""
    return session.get(EditorRow, editor_id)


def find_editor_at_desk(session: Session, editor_id: EditorId) -> EditorRow | None:
    """Return the editor with this id, unless they have been removed."""
    return _unless_removed(find_editor(session, editor_id))


def name_of_editor(session: Session, editor_id: EditorId | None) -> str:
    """Return what the editor is called, removed or not; empty for nobody."""
    editor = None if editor_id is None else find_editor(session, editor_id)
    return editor.name if editor else ""


def lock_editor(session: Session, editor_id: EditorId) -> EditorRow | None:
    """Return the editor as they are now; nobody changes their role before the transaction ends."""
    return session.get(EditorRow, editor_id, with_for_update=True, populate_existing=True)


def find_editor_by_key(session: Session, address_key: str) -> EditorRow | None:
    """Return the editor with this address, removed or not."""
    query = select(EditorRow).where(EditorRow.address_key == address_key)
    return session.scalars(query).one_or_none()


def find_editor_at_desk_by_key(session: Session, address_key: str) -> EditorRow | None:
    """Return the editor with this address, unless they have been removed."""
    return _unless_removed(find_editor_by_key(session, address_key))


def all_editors(session: Session, *, with_removed: bool = False) -> Sequence[EditorRow]:
    """Return the editors by name: those who have not been removed, or all there ever were."""
    query = select(EditorRow).order_by(EditorRow.name, EditorRow.id)
    if not with_removed:
        query = query.where(EditorRow.removed_at.is_(None))
    return session.scalars(query).all()


def newest_sign_in(session: Session, editor_id: EditorId) -> SignInRow | None:
    """Return the editor's last way in that has a code."""
    query = select(SignInRow).where(
        SignInRow.editor_id == editor_id, SignInRow.is_invitation.is_(False)
    )
    return session.scalars(query.order_by(SignInRow.id.desc()).limit(1)).one_or_none()


def lock_sign_in(session: Session, sign_in_id: int) -> SignInRow | None:
    """Return the invitation as it is now; whoever else wants to use it waits for us."""
    return session.get(SignInRow, sign_in_id, with_for_update=True, populate_existing=True)


def lead_waiting_link(session: Session, editor_id: EditorId, since: datetime, follow: str) -> bool:
    """Let a link asked for since then lead to this page; tell whether one waits to be used.

    It was mailed, or will be. Writes as much for an editor as for nobody.
    """
    led = (
        update(SignInRow)
        .where(
            SignInRow.editor_id == editor_id,
            SignInRow.asked_at > since,
            SignInRow.used_at.is_(None),
            exists().where(NoticeRow.kind == NoticeKind.SIGN_IN, NoticeRow.about == SignInRow.id),
        )
        .values(follow=follow)
        .execution_options(synchronize_session=False)
    )
    return rows_changed(session.execute(led)) > 0


def count_tries_since(session: Session, editor_id: EditorId, since: datetime) -> int:
    """Count the wrong codes typed for the editor's invitations of since then."""
    query = select(func.coalesce(func.sum(SignInRow.tries), 0))
    query = query.where(SignInRow.editor_id == editor_id, SignInRow.asked_at > since)
    return session.scalars(query).one()


def lock_administrators(session: Session) -> Sequence[EditorRow]:
    """Return the administrators as they are now; whoever else asks so waits for us."""
    query = select(EditorRow).where(EditorRow.role == Role.ADMINISTRATOR)
    query = query.order_by(EditorRow.id).with_for_update().execution_options(populate_existing=True)
    return [editor for editor in session.scalars(query) if editor.removed_at is None]


def end_sessions(session: Session, editor_id: EditorId, now: datetime) -> None:
    """Sign the editor out of every browser."""
    open_ones = update(EditorSessionRow).where(
        EditorSessionRow.editor_id == editor_id, EditorSessionRow.ended_at.is_(None)
    )
    session.execute(open_ones.values(ended_at=now))


def end_sign_ins(session: Session, editor_id: EditorId, now: datetime) -> None:
    """Use up every way in of the editor."""
    open_ones = update(SignInRow).where(
        SignInRow.editor_id == editor_id, SignInRow.used_at.is_(None)
    )
    session.execute(open_ones.values(used_at=now))


def end_invitations(session: Session, editor_id: EditorId, now: datetime) -> None:
    """Use up every invitation of the editor."""
    open_ones = update(SignInRow).where(
        SignInRow.editor_id == editor_id,
        SignInRow.is_invitation.is_(True),
        SignInRow.used_at.is_(None),
    )
    session.execute(open_ones.values(used_at=now))


def find_session(session: Session, secret_hash: bytes) -> EditorSessionRow | None:
    """Return the signed-in browser that has this secret, ended or not."""
    query = select(EditorSessionRow).where(EditorSessionRow.secret_hash == secret_hash)
    return session.scalars(query).one_or_none()


def sessions_since(
    session: Session, editor_id: EditorId, *, began: datetime, seen: datetime
) -> Sequence[EditorSessionRow]:
    """Return the editor's open sessions that began and were seen since then, newest first."""
    query = select(EditorSessionRow).where(
        EditorSessionRow.editor_id == editor_id,
        EditorSessionRow.ended_at.is_(None),
        EditorSessionRow.began_at >= began,
        EditorSessionRow.last_seen_at >= seen,
    )
    return session.scalars(query.order_by(EditorSessionRow.id.desc())).all()


def forget_sign_ins(session: Session, before: datetime, *, invited_before: datetime) -> None:
    """Delete the ways in and the sessions of before then; none of them lasts that long."""
    for is_invitation, until in ((False, before), (True, invited_before)):
        old = delete(SignInRow).where(
            SignInRow.is_invitation.is_(is_invitation), SignInRow.asked_at < until
        )
        session.execute(old)
    session.execute(delete(EditorSessionRow).where(EditorSessionRow.began_at < before))


def _unless_removed(editor: EditorRow | None) -> EditorRow | None:
    return editor if editor is not None and editor.removed_at is None else None
