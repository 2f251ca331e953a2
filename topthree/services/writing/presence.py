"""Presence: editors who have an issue open see each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from topthree.domain.ids import EditorId
from topthree.services.writing.working_copies import Sheet
from topthree.store.editors.editors import find_editor
from topthree.store.writing.issues import lock_issue
from topthree.store.writing.presence import PresenceRow, find_presence, presences_since
from topthree.store.writing.versions import find_version, pin_version, tabs_after

#: Whoever is not heard of for so long is gone.
HEARD_WITHIN = timedelta(seconds=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """Somebody who has the issue open."""

    editor_id: EditorId
    name: str
    since: datetime


def note_presence(session: Session, sheet: Sheet, version: int, now: datetime) -> None:
    """Note that the page is open, with this version on it, which is then kept for good."""
    if lock_issue(session, sheet.issue_id) is None:
        return
    row = find_presence(session, sheet.issue_id, sheet.editor_id, sheet.tab)
    if row is None:
        row = PresenceRow(
            issue_id=sheet.issue_id,
            editor_id=sheet.editor_id,
            tab=sheet.tab,
            since=now,
            seen_at=now,
        )
        session.add(row)
    row.since = now if now - row.seen_at > HEARD_WITHIN else row.since
    row.seen_at = now
    seen = find_version(session, sheet.issue_id, version)
    if seen is not None and seen.saved_by != sheet.editor_id and not seen.is_pinned:
        pin_version(session, sheet.issue_id, version)
    session.flush()


def is_overtaken(session: Session, sheet: Sheet, version: int) -> bool:
    """Tell whether anybody saved the issue after this version, but for the page itself."""
    return any(tab != sheet.tab for tab in tabs_after(session, sheet.issue_id, version))


def leave(session: Session, sheet: Sheet) -> None:
    """Note that the page is closed."""
    row = find_presence(session, sheet.issue_id, sheet.editor_id, sheet.tab)
    if row is not None:
        session.delete(row)
        session.flush()


def others_present(session: Session, sheet: Sheet, now: datetime) -> tuple[Present, ...]:
    """Return who else has the issue open, the editor's own other pages included."""
    found: dict[EditorId, Present] = {}
    for row in presences_since(session, sheet.issue_id, now - HEARD_WITHIN):
        editor = find_editor(session, row.editor_id)
        if editor is None or (row.editor_id, row.tab) == (sheet.editor_id, sheet.tab):
            continue
        present = Present(editor_id=row.editor_id, name=editor.name, since=row.since)
        found.setdefault(row.editor_id, present)
    return tuple(found.values())
