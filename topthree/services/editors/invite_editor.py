"""Inviting an editor: a message with a way in that is good for a week."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from topthree.domain.audit.act import Act
from topthree.domain.editors.permission import Permission, require
from topthree.domain.ids import EditorId
from topthree.domain.notice import NoticeKind
from topthree.domain.refusal import Conflict
from topthree.services.audit.entries import about_editor
from topthree.services.audit.log import record
from topthree.services.editors.manage_editors import editor_at_the_desk
from topthree.services.identity.editor_view import EditorView, who_of
from topthree.store.editors.editors import SignInRow, end_invitations
from topthree.store.notices.notices import queue_notice


def invite_editor(
    session: Session, editor_id: EditorId, inviter: EditorView | None, now: datetime
) -> None:
    """Queue a message that invites an editor who has not been here yet; an earlier one is void.

    :param inviter: None at the terminal.
    :raises NotFound: if there is no such editor, or not any more.
    :raises Conflict: if they have come in already.
    """
    if inviter is not None:
        require(inviter.role, Permission.MANAGE_EDITORS)
    editor = editor_at_the_desk(session, editor_id)
    if editor.last_seen_at is not None:
        message = f"{editor.name} has been here already, and signs in by typing their address."
        raise Conflict(message)
    end_invitations(session, editor.id, now)
    invitation = SignInRow(
        editor_id=editor.id,
        asked_at=now,
        is_invitation=True,
        invited_by=inviter.id if inviter else None,
    )
    editor.invited_at = now
    session.add(invitation)
    session.flush()
    queue_notice(session, NoticeKind.INVITATION, invitation.id, editor.address, now)
    record(session, about_editor(who_of(inviter), Act.EDITOR_INVITED, editor), now)
