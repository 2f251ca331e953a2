"""Writing down that somebody is about to see, or take along, who got an issue."""

from __future__ import annotations

from topthree.domain.audit.act import Act
from topthree.domain.audit.entry import Details, Entry, Who, run_thing
from topthree.services.audit.log import note
from topthree.services.sending.report_run import RunView
from topthree.services.wiring import Wiring


def note_people_seen(wiring: Wiring, who: Who, run: RunView, details: Details) -> None:
    """Record that somebody looks at people of the run; nothing is shown without that."""
    note(
        wiring,
        Entry(who=who, act=Act.PEOPLE_VIEWED, about=run_thing(run.id, run.day), details=details),
    )


def note_people_exported(wiring: Wiring, who: Who, run: RunView, details: Details) -> None:
    """Record that somebody takes people of the run along as a file."""
    note(
        wiring,
        Entry(who=who, act=Act.PEOPLE_EXPORTED, about=run_thing(run.id, run.day), details=details),
    )
