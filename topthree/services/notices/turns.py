"""Telling editors that something is theirs to do: a notice for each of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from topthree.domain.ids import EditorId, IssueId
from topthree.domain.notice import ABOUT_TURNS, NoticeKind
from topthree.store.editors.editors import EditorRow, find_editor
from topthree.store.notices.notices import queue_notice
from topthree.store.notices.turns import TurnRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What is told, about an issue or about the slot of a day."""

    kind: NoticeKind
    issue_id: IssueId | None = None
    day: date | None = None
    #: Who did it; they are not told themselves.
    by: EditorId | None = None
    #: What they said about it.
    words: str = ""


def tell(session: Session, turn: Turn, editors: Iterable[EditorId | None], now: datetime) -> None:
    """Queue a notice for each of these editors who is at the desk and wants it, once each."""
    known = {editor_id for editor_id in editors if editor_id is not None}
    for editor_id in sorted(known - {turn.by}):
        editor = find_editor(session, editor_id)
        if editor is not None and is_told(editor, turn.kind):
            _queue(session, turn, editor_id, editor.address, now)


def is_told(editor: EditorRow, kind: NoticeKind) -> bool:
    """Tell whether the editor is at the desk, and gets mail of this kind."""
    return editor.removed_at is None and (editor.has_turn_mail or kind not in ABOUT_TURNS)


def _queue(session: Session, turn: Turn, editor_id: EditorId, address: str, now: datetime) -> None:
    row = TurnRow(
        kind=turn.kind,
        editor_id=editor_id,
        issue_id=turn.issue_id,
        day=turn.day,
        by=turn.by,
        words=turn.words,
        at=now,
    )
    session.add(row)
    session.flush()
    queue_notice(session, turn.kind, row.id, address, now)
