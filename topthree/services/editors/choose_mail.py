"""Choosing whether mail says that something is one's own to do; warnings of slots always come."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from topthree.domain.audit.act import Act
from topthree.services.audit.entries import about_editor
from topthree.services.audit.log import record
from topthree.services.editors.editor_now import editor_now
from topthree.services.identity.editor_view import EditorView


def choose_turn_mail(
    session: Session, editor: EditorView, *, is_wanted: bool, now: datetime
) -> None:
    """Let mail tell the editor of their turns from now on, or not; twice is harmless.

    :raises NotAllowed: if they are not at the desk any more.
    """
    row = editor_now(session, editor)
    if row.has_turn_mail is is_wanted:
        return
    row.has_turn_mail = is_wanted
    details = {"is_wanted": is_wanted}
    record(session, about_editor(editor.who, Act.TURN_MAIL_CHOSEN, editor, details), now)
