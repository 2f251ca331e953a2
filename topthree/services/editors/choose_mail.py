"""Choosing whether mail says that something is one's own to do; warnings of slots always come."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from topthree.domain.act import Act
from topthree.domain.audit import Details, Entry, editor_thing
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
    about = editor_thing(editor.id, editor.name)
    details: Details = {"is_wanted": is_wanted}
    entry = Entry(who=editor.who, act=Act.TURN_MAIL_CHOSEN, about=about, details=details)
    record(session, entry, now)
