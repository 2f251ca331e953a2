"""An editor as they are at this moment, who may have been let in with another role."""

from __future__ import annotations

from sqlalchemy.orm import Session

from topthree.domain.refusal import NotAllowed
from topthree.services.identity.editor_view import EditorView
from topthree.store.editors.editors import EditorRow, lock_editor


def editor_now(session: Session, editor: EditorView) -> EditorRow:
    """Return the editor's row; nobody else changes it before the transaction ends.

    :raises NotAllowed: if they are not at the desk any more.
    """
    row = lock_editor(session, editor.id)
    if row is None or row.removed_at is not None:
        message = "You are not at the desk any more, so nothing was changed. Ask a publisher."
        raise NotAllowed(message)
    return row
