"""The audit log as rows for a file; that somebody takes it along is recorded in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager

from sqlalchemy.orm import Session

from topthree.domain.audit.act import Act, act_words
from topthree.domain.audit.entry import Details, Entry, Recorded, Thing, ThingKind, Who
from topthree.domain.ids import EntryId
from topthree.domain.spreadsheet import inert
from topthree.services.audit.log import Wanted, list_entries, note
from topthree.services.wiring import Wiring
from topthree.store.audit import hashes_of_entries

#: The columns of an export.
AUDIT_COLUMNS = (
    "entry",
    "at",
    "who",
    "editor",
    "act",
    "words",
    "about",
    "id",
    "label",
    "details",
    "hash",
)
_PART = 1_000


def note_audit_exported(wiring: Wiring, who: Who, details: Details) -> None:
    """Record that somebody takes the log along."""
    about = Thing(kind=ThingKind.AUDIT_LOG)
    note(wiring, Entry(who=who, act=Act.AUDIT_LOG_EXPORTED, about=about, details=details))


def audit_rows(
    reading: Callable[[], AbstractContextManager[Session]], wanted: Wanted
) -> Iterator[tuple[str, ...]]:
    """Yield one row an entry, newest first, in the order of ``AUDIT_COLUMNS``.

    In parts: nothing stays open while whoever reads them is slow. Safe for a spreadsheet.
    """
    before: EntryId | None = None
    while True:
        with reading() as session:
            page = list_entries(session, wanted, before=before, limit=_PART)
            hashes = hashes_of_entries(session, [entry.id for entry in page.entries])
        yield from (_row(entry, hashes[entry.id]) for entry in page.entries)
        if page.next_before is None:
            return
        before = page.next_before


def audit_as_json(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Yield a list of one object a row, in parts."""
    before = "[\n"
    for row in rows:
        named = dict(zip(AUDIT_COLUMNS, row, strict=True))
        yield before + json.dumps(named, ensure_ascii=False)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def _row(entry: Recorded, hash_: bytes) -> tuple[str, ...]:
    cells = (
        str(entry.id),
        entry.at.isoformat(),
        entry.who.name,
        str(entry.who.editor_id or ""),
        entry.act,
        act_words(entry.act),
        entry.about.kind.value,
        entry.about.id,
        entry.about.label,
        entry.details,
        hash_.hex(),
    )
    return tuple(inert(cell) for cell in cells)
