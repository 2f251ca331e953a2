"""Who did what: the audit log, looked through by person, act, thing and day, and as a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from topthree.domain.audit.act import Act, act_words
from topthree.domain.audit.act_details import details_words
from topthree.domain.audit.entry import Recorded, ThingKind, WhoKind
from topthree.domain.calendar_words import moment_words
from topthree.domain.editors.permission import Permission
from topthree.domain.ids import EditorId, EntryId
from topthree.domain.spreadsheet import csv_parts
from topthree.services.audit.export_audit import (
    AUDIT_COLUMNS,
    audit_as_json,
    audit_rows,
    note_audit_exported,
)
from topthree.services.audit.log import Wanted, list_entries
from topthree.services.editors.manage_editors import everybody_ever
from topthree.web.access import current_editor, desk
from topthree.web.database import read_only
from topthree.web.desk.forms.typed_dates import parse_day
from topthree.web.desk.forms.typed_number import parse_number
from topthree.web.site import site

_SHOWN = 50
_EDITOR = "editor-"
_KINDS_OF_PEOPLE = {
    WhoKind.EDITOR: "Any editor",
    WhoKind.TERMINAL: "The terminal",
    WhoKind.READER: "Any reader",
    WhoKind.SERVICE: "The service",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the page is asked for; whatever makes no sense is empty, and shows everything."""

    who: str = ""
    act: str = ""
    kind: str = ""
    thing: str = ""
    since: date | None = None
    until: date | None = None

    def __bool__(self) -> bool:
        """Tell whether anything is asked for."""
        return self != Choice()

    @property
    def query(self) -> dict[str, str]:
        """Return it as the address of a page names it."""
        named = {
            "who": self.who,
            "act": self.act,
            "kind": self.kind,
            "thing": self.thing,
            "since": str(self.since or ""),
            "until": str(self.until or ""),
        }
        return {name: value for name, value in named.items() if value}

    def wanted(self) -> Wanted:
        """Return what is looked for in the log."""
        kinds = {kind.value for kind in WhoKind}
        return Wanted(
            who_kind=WhoKind(self.who) if self.who in kinds else None,
            editor_id=_editor_id(self.who),
            act=self.act or None,
            about_kind=ThingKind(self.kind) if self.kind else None,
            about_id=self.thing or None,
            since=_begin(self.since),
            until=_begin(self.until + timedelta(days=1)) if self.until else None,
        )


@desk(Permission.READ_AUDIT)
def audit() -> ResponseReturnValue:
    """Show who did what, newest first."""
    choice = _choice()
    with read_only() as session:
        page = list_entries(session, choice.wanted(), before=_before(), limit=_SHOWN)
        people = everybody_ever(session)
    return render_template(
        "desk/audit/audit_log.html",
        page=page,
        choice=choice,
        act_words=act_words,
        at_words=_at_words,
        told_words=_told_words,
        people=[
            ("", "Everybody"),
            *((f"{_EDITOR}{each.id}", each.name) for each in people),
            *((kind.value, words) for kind, words in _KINDS_OF_PEOPLE.items()),
        ],
        acts=[("", "Everything"), *((act.value, act.words) for act in Act)],
        kinds=[("", "Anything"), *((kind.value, kind.value) for kind in ThingKind)],
    )


@desk(Permission.READ_AUDIT)
def audit_file() -> ResponseReturnValue:
    """Give what is looked for as CSV or JSON, row by row; that is recorded too."""
    choice = _choice()
    form = "json" if request.args.get("form") == "json" else "csv"
    note_audit_exported(site(), current_editor().who, {"form": form, **choice.query})
    rows = audit_rows(site().reading, choice.wanted())
    parts = audit_as_json(rows) if form == "json" else _csv(rows)
    kind = "application/json" if form == "json" else "text/csv; charset=utf-8"
    return Response(
        parts,
        content_type=kind,
        headers={"Content-Disposition": f'attachment; filename="audit-log.{form}"'},
    )


def _csv(rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    # Without it a spreadsheet reads the file in a code page of old.
    yield "\ufeff"
    yield from csv_parts(AUDIT_COLUMNS, rows)


def _choice() -> Choice:
    asked = request.args
    kind = asked.get("kind", "")
    who = asked.get("who", "")
    is_somebody = _editor_id(who) is not None or who in {each.value for each in WhoKind}
    return Choice(
        who=who if is_somebody else "",
        act=asked.get("act", "") if asked.get("act", "") in {act.value for act in Act} else "",
        kind=kind if kind in {each.value for each in ThingKind} else "",
        thing=asked.get("thing", "").strip()[:40],
        since=parse_day(asked.get("since", "")),
        until=parse_day(asked.get("until", "")),
    )


def _editor_id(who: str) -> EditorId | None:
    number = parse_number(who.removeprefix(_EDITOR)) if who.startswith(_EDITOR) else None
    return None if number is None else EditorId(number)


def _before() -> EntryId | None:
    before = parse_number(request.args.get("before", ""))
    return None if before is None else EntryId(before)


def _at_words(at: datetime) -> str:
    """Return the moment with its year: the log is older than any list of what is ahead."""
    local = at.astimezone(site().cadence.zone)
    return f"{local:%b} {local.day}, {local.year}, {moment_words(local).rpartition(', ')[2]}"


def _told_words(entry: Recorded) -> str:
    return details_words(entry.act, json.loads(entry.details), site().cadence.zone)


def _begin(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), site().cadence.zone) if day else None
