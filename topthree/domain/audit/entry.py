"""Who did what: the entries of the audit log, and the chain that holds them together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum

from topthree.domain.audit.act import Act
from topthree.domain.ids import EditorId, EntryId
from topthree.domain.subscribers.address import without_addresses

#: What is told beside an act, such as what was so before it: short, flat, and without addresses.
Details = Mapping[str, str | int | bool | None]

#: What the first entry follows.
BEGINNING = bytes(32)

_LABEL_LIMIT = 200
_DETAIL_LIMIT = 500


class WhoKind(StrEnum):
    """What kind of somebody did it."""

    EDITOR = "editor"
    TERMINAL = "terminal"
    READER = "reader"
    SERVICE = "service"


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Who did it, with the name as it was at that time."""

    kind: WhoKind
    name: str
    editor_id: EditorId | None = None


#: Whoever works at the terminal is not known to be any editor.
TERMINAL = Who(kind=WhoKind.TERMINAL, name="the terminal")
#: Somebody who gets the letter, and decides about their own address.
READER = Who(kind=WhoKind.READER, name="a reader")
#: What happens by itself: a slot that comes, a relay that refuses.
SERVICE = Who(kind=WhoKind.SERVICE, name="the service")


class ThingKind(StrEnum):
    """What an act is about."""

    ISSUE = "issue"
    ITEM = "item"
    SHARE_LINK = "share link"
    SLOT = "slot"
    CALENDAR = "calendar"
    RUN = "run"
    EDITOR = "editor"
    SUBSCRIBERS = "subscribers"
    SUPPRESSION = "suppression"
    SETTINGS = "settings"
    DATABASE = "database"
    AUDIT_LOG = "audit log"


_WITHOUT_A_LABEL = {
    ThingKind.ISSUE: "an issue without a subject",
    ThingKind.ITEM: "an item without a headline",
    ThingKind.SHARE_LINK: "a link to a draft",
    ThingKind.SLOT: "a slot",
    ThingKind.CALENDAR: "the calendar",
    ThingKind.RUN: "a run",
    ThingKind.EDITOR: "an editor",
    ThingKind.SUBSCRIBERS: "the subscribers",
    ThingKind.SUPPRESSION: "an address",
    ThingKind.SETTINGS: "the settings",
    ThingKind.DATABASE: "the database",
    ThingKind.AUDIT_LOG: "the audit log",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """What an act is about: one thing of a kind, or, without an id, the only one there is."""

    kind: ThingKind
    id: str = ""
    #: What people call it, as it was at that time.
    label: str = ""

    @property
    def words(self) -> str:
        """What the log calls it: its label, or what it is where nobody has called it anything."""
        return self.label or _WITHOUT_A_LABEL[self.kind]


def issue_thing(issue_id: int, subject: str) -> Thing:
    """Return an issue as the log names it."""
    return Thing(kind=ThingKind.ISSUE, id=str(issue_id), label=subject)


def item_thing(item_id: int, headline: str) -> Thing:
    """Return an item of the bank as the log names it."""
    return Thing(kind=ThingKind.ITEM, id=str(item_id), label=headline)


def editor_thing(editor_id: int, name: str) -> Thing:
    """Return an editor as the log names them."""
    return Thing(kind=ThingKind.EDITOR, id=str(editor_id), label=name)


def run_thing(run_id: int, day: date) -> Thing:
    """Return a run as the log names it: by the day of its issue."""
    return Thing(kind=ThingKind.RUN, id=str(run_id), label=f"the issue of {day}")


def slot_thing(day: date) -> Thing:
    """Return a slot as the log names it."""
    return Thing(kind=ThingKind.SLOT, id=day.isoformat(), label=day.isoformat())


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One act that is to be recorded."""

    who: Who
    act: Act
    about: Thing
    details: Details = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An entry as it stands in the log for good."""

    id: EntryId
    at: datetime
    who: Who
    #: The code of an :class:`Act`; of a later version's, if the database has seen one.
    act: str
    about: Thing
    #: In its canonical form.
    details: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """How far a chain reaches: its last entry, and that one's hash."""

    id: EntryId
    hash: bytes

    def __str__(self) -> str:
        """Return it as people note it down."""
        return f"{self.id}:{self.hash.hex()}"


def tidied(entry: Entry) -> Entry:
    """Return the entry with every text one short line in which addresses are masked."""
    who, about = entry.who, entry.about
    return Entry(
        who=Who(kind=who.kind, name=_line(who.name, _LABEL_LIMIT), editor_id=who.editor_id),
        act=entry.act,
        about=Thing(
            kind=about.kind,
            id=_line(about.id, _LABEL_LIMIT),
            label=_line(about.label, _LABEL_LIMIT),
        ),
        details={
            name: _line(value, _DETAIL_LIMIT) if isinstance(value, str) else value
            for name, value in entry.details.items()
        },
    )


def as_json(details: Details) -> str:
    """Return the canonical form: the same for the same details, whatever their order."""
    return json.dumps(dict(details), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def link_after(previous: bytes, entry: Recorded) -> Link:
    """Return the link of the chain that this entry is: SHA-256 over the one before and itself."""
    said = [
        entry.id,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        [entry.who.kind.value, entry.who.editor_id, entry.who.name],
        entry.act,
        [entry.about.kind.value, entry.about.id, entry.about.label],
        entry.details,
    ]
    canonical = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return Link(id=entry.id, hash=hashlib.sha256(previous + canonical.encode()).digest())


def _line(text: str, limit: int) -> str:
    # What strangers wrote must not begin a line of its own in an export or on a screen.
    line = "".join(character if character.isprintable() else " " for character in text)
    masked = without_addresses(line)
    return masked if len(masked) <= limit else f"{masked[: limit - 1]}…"
