"""Noticing that the database was restored from a copy, before anything is sent a second time."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from topthree.domain.audit.act import Act
from topthree.domain.audit.entry import SERVICE, Entry, Thing, ThingKind
from topthree.domain.generation import Mark, has_forgotten, raised
from topthree.domain.planning.cadence import SlotFate, instant_of
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.domain.sending.run import RUN_TRANSITIONS, RunEvent, next_run_status
from topthree.services.audit.log import record
from topthree.services.installation.back_up import appearing_whole
from topthree.services.wiring import Wiring
from topthree.store.generation import read_mark, write_mark
from topthree.store.planning.slots import SlotRow, find_slot
from topthree.store.sending.deliveries import count_deliveries
from topthree.store.sending.preparation import count_part
from topthree.store.sending.runs import RunRow, open_runs
from topthree.store.sending.waiting_sends import all_waiting_sends
from topthree.store.writing.issues import unsent_issues_planned_until

_log = logging.getLogger(__name__)

_FILE = "generation"
_NOT_SENT = (
    DeliveryStatus.QUEUED,
    DeliveryStatus.CLAIMED,
    DeliveryStatus.DEFERRED,
    DeliveryStatus.HELD,
)


def notice_restore(wiring: Wiring, instance: Path) -> bool:
    """Hold back what a restored database may have forgotten to be sent; tell whether it is one.

    Every process that sends asks this when it starts, from time to time, and when it ends: each
    time the database's number is raised, and the instance keeps it outside of the database. Twice
    is harmless.
    """
    file = instance / _FILE
    seen = _read(file)
    now = wiring.clock()
    with wiring.writing() as session:
        mark = read_mark(session)
        is_shared = session.get_bind().dialect.name == "postgresql"
        is_copy = has_forgotten(mark, seen, is_shared=is_shared)
        if is_copy:
            _hold_back(session, wiring, mark, now)
        number = raised(mark, seen, is_copy=is_copy)
        write_mark(session, Mark(number=number, raised_at=now, copied_at=None))
    # Only now: a number that the database never got would make it look like a copy.
    with appearing_whole(file) as unfinished:
        unfinished.write_text(f"{number}\n", encoding="ascii")
    return is_copy


def _read(file: Path) -> int | None:
    try:
        return int(file.read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    except ValueError:
        _log.warning("%s holds no number; it is written anew", file)
        return None


def _hold_back(session: Session, wiring: Wiring, mark: Mark | None, now: datetime) -> None:
    origin = _origin(wiring, mark)
    about = Thing(kind=ThingKind.DATABASE)
    entry = Entry(who=SERVICE, act=Act.DATABASE_RESTORED, about=about, details={"origin": origin})
    record(session, entry, now)
    for run in open_runs(session):
        if RUN_TRANSITIONS[run.status, RunEvent.PAUSE] is not None:
            _pause(session, run, origin)
    for asked, _ in all_waiting_sends(session):
        # It may have gone out since, or somebody may have taken it back.
        asked.stopped_because = f"{origin} The issue may have gone out; if it has not, send it."
        _log.warning("issue %d, to be sent by hand, is held: %s", asked.issue_id, origin)
    today = wiring.cadence.day_at(now)
    for issue in unsent_issues_planned_until(session, today):
        day = issue.slot_day
        due_at = instant_of(wiring.cadence, day) if day else now
        if day and due_at <= now and find_slot(session, day) is None:
            note = f"{origin} The issue may have gone out; if it has not, send it by hand."
            slot = SlotRow(day=day, due_at=due_at, fate=SlotFate.HELD, noted_at=now, note=note)
            session.add(slot)
            _log.warning("slot %s is held: %s", day, note)


def _pause(session: Session, run: RunRow, origin: str) -> None:
    counts = count_deliveries(session, [run.id])[run.id]
    up_to = sum(counts[status] for status in _NOT_SENT)
    if run.prepared_at is None:
        candidates, excluded = count_part(session, run, run.prepare_until)
        up_to += candidates - excluded
    run.status = next_run_status(run.status, RunEvent.PAUSE)
    run.standing = (
        f"{origin} Up to {up_to:,} of this run's letters may have gone out since. Reconcile it with"
        " the relay's log, or resume it; docs/backup.md says how."
    )
    _log.warning("run %d is paused: %s", run.id, run.standing)


def _origin(wiring: Wiring, mark: Mark | None) -> str:
    made_at = (mark.copied_at or mark.raised_at) if mark else None
    if made_at is None:
        return "This database is from a backup."
    made_at = made_at.astimezone(wiring.cadence.zone)
    about = "" if mark and mark.copied_at else "about "
    return f"This database is from a backup made at {about}{made_at:%Y-%m-%d %H:%M %Z}."
