"""Single sign-on: the way to the provider and back, and whom it lets in."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from topthree.domain.audit.act import Act
from topthree.domain.refusal import Invalid
from topthree.mail.address_syntax import parse_address
from topthree.services.audit.entries import about_editor
from topthree.services.audit.log import record
from topthree.services.editors.desk_sessions import Admitted, Method
from topthree.services.identity.editor_view import editor_view
from topthree.services.identity.identity_provider import Errand, Identity, NotIdentified
from topthree.store.editors.editors import EditorRow, find_editor, find_editor_by_key, lock_editor
from topthree.store.editors.identities import (
    ErrandRow,
    IdentityRow,
    errand_follow,
    find_identity,
    forget_errands,
    take_errand,
)

#: How long somebody may take to sign in at the provider.
ERRAND_VALID = timedelta(minutes=10)
_NOBODY = (
    "Nobody at the desk has the address that your single sign-on names, or it has not been"
    " verified there. Ask an administrator of the desk to invite that address, or type yours below."
)
_ANOTHER = (
    "Another account of single sign-on belongs to this editor, so this one does not sign in. Type"
    " your address below and we send a link; an administrator can remove and invite you again, and"
    " then the new account counts."
)


class ErrandOver(NotIdentified):
    """The browser was not sent to the provider, came back already, or took too long."""

    def __init__(self) -> None:
        super().__init__(
            "This way in works once, for ten minutes, in the browser in which it was begun. Begin"
            " it again below."
        )


def begin_errand(session: Session, follow: str, now: datetime) -> Errand:
    """Send a browser out, which keeps the secret; here is only its hash."""
    forget_errands(session, now - ERRAND_VALID)
    errand = Errand(secret=secrets.token_urlsafe(32))
    session.add(ErrandRow(secret_hash=_hash(errand), follow=follow, made_at=now))
    session.flush()
    return errand


def end_errand(session: Session, errand: Errand, now: datetime) -> None:
    """Use the errand up.

    :raises ErrandOver: if it is used already, or too old.
    """
    if not take_errand(session, _hash(errand), now - ERRAND_VALID):
        raise ErrandOver


def page_of_errand(session: Session, errand: Errand) -> str:
    """Return the page that was wanted, and use nothing up; empty if the errand is over."""
    return errand_follow(session, _hash(errand))


def sign_in_by_identity(session: Session, identity: Identity, now: datetime) -> Admitted:
    """Let in whom the provider has signed in; the first time goes by the verified address.

    :raises NotIdentified: if it is nobody of the desk.
    """
    linked = find_identity(session, identity.issuer, identity.subject)
    if linked is None:
        editor = _by_address(session, identity)
        _link(session, editor, identity, now)
    else:
        editor = _at_the_desk(find_editor(session, linked.editor_id))
    return Admitted(editor=editor_view(editor), method=Method.SINGLE_SIGN_ON)


def _by_address(session: Session, identity: Identity) -> EditorRow:
    if not identity.is_verified:
        raise NotIdentified(_NOBODY)
    try:
        address = parse_address(identity.address)
    except Invalid as invalid:
        raise NotIdentified(_NOBODY) from invalid
    editor = _at_the_desk(find_editor_by_key(session, address.key))
    # Whoever removes the editor at this moment comes before or after, and not in between.
    return _at_the_desk(lock_editor(session, editor.id))


def _at_the_desk(editor: EditorRow | None) -> EditorRow:
    if editor is None or editor.removed_at is not None:
        raise NotIdentified(_NOBODY)
    return editor


def _link(session: Session, editor: EditorRow, identity: Identity, now: datetime) -> None:
    row = IdentityRow(
        editor_id=editor.id, issuer=identity.issuer, subject=identity.subject, linked_at=now
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        # One account of a provider for each editor; the unique keys hold it at any moment. The
        # same account may have come in by another browser while we looked.
        linked = find_identity(session, identity.issuer, identity.subject)
        if linked is None or linked.editor_id != editor.id:
            raise NotIdentified(_ANOTHER) from error
        return
    who, details = editor_view(editor).who, {"issuer": identity.issuer}
    record(session, about_editor(who, Act.IDENTITY_LINKED, editor, details), now)


def _hash(errand: Errand) -> bytes:
    return hashlib.sha256(errand.secret.encode()).digest()
