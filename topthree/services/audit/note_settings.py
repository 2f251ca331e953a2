"""Recording what the operator has set, each time the service finds it changed."""

from __future__ import annotations

from topthree.domain.audit.act import Act
from topthree.domain.audit.entry import SERVICE, Entry, Thing, ThingKind, as_json, tidied
from topthree.services.audit.log import Wanted, list_entries, record
from topthree.services.wiring import Wiring


def note_settings(wiring: Wiring) -> None:
    """Record what is set, without secrets, if it is not what was recorded last.

    Settings come from the environment, so this is when the service first knows of a change; who
    made it is not known here.
    """
    about = Thing(kind=ThingKind.SETTINGS)
    entry = Entry(
        who=SERVICE, act=Act.SETTINGS_FOUND, about=about, details=dict(wiring.settings_told)
    )
    if as_json(tidied(entry).details) == _recorded_last(wiring):
        return
    with wiring.writing() as session:
        record(session, entry, wiring.clock())


def _recorded_last(wiring: Wiring) -> str:
    """Return the details of the last such entry; where there is none, those of no settings."""
    with wiring.reading() as session:
        page = list_entries(session, Wanted(act=Act.SETTINGS_FOUND), limit=1)
    return page.entries[0].details if page.entries else as_json({})
