"""What “topthree doctor” looks at."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from topthree.app.runners import count_workers, is_current
from topthree.cli.launcher import Check, CheckState
from topthree.domain.planning.cadence import is_unsteady
from topthree.domain.refusal import Refusal
from topthree.mail.transport import RelayUnavailable
from topthree.services.audit.verify_audit import verify
from topthree.services.planning.slots_ahead import upcoming_slots
from topthree.services.wiring import Wiring
from topthree.settings import Settings

_LITTLE_ROOM_BYTES = 1_000_000_000
#: About a second.
_NEWEST_ENTRIES = 50_000

Parts = tuple[Settings, Engine, Wiring]


def examine(assemble: Callable[[], Parts]) -> tuple[Check, ...]:
    """Return every check; what cannot be looked at since another failed is left out."""
    try:
        settings, engine, wiring = assemble()
    except (Refusal, OSError) as error:
        return (Check(name="settings", state=CheckState.FAILED, found=str(error)),)
    checks = [_settings(settings), _database(settings, engine)]
    checks += [_folder("instance folder", settings.instance), _room(settings.instance)]
    checks += [_relay(wiring), _hour(wiring)]
    if checks[1].state is CheckState.OK:
        checks += [_next_slot(wiring), _audit_log(wiring)]
        checks += _workers(settings, wiring)
    return tuple(checks)


def _settings(settings: Settings) -> Check:
    if settings.is_production:
        return _ok("settings", "Everything that production needs is set.")
    return Check(
        name="settings",
        state=CheckState.WARNING,
        found="This is a trial installation: keys, sender and addresses are made up.",
        advice="Before real teachers get mail, set TOPTHREE_MODE=production; see docs/settings.md.",
    )


def _database(settings: Settings, engine: Engine) -> Check:
    kind = engine.dialect.name
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
        if is_current(settings, engine):
            return _ok("database", f"The {kind} database answers and is up to date.")
    except SQLAlchemyError as error:
        reason = str(error).partition("\n")[0]
        return Check(
            name="database",
            state=CheckState.FAILED,
            found=f"The {kind} database does not answer: {reason}",
            advice="Check TOPTHREE_DATABASE_URL, and that the server runs.",
        )
    return Check(
        name="database",
        state=CheckState.FAILED,
        found="The database is not up to date.",
        advice="Run “topthree db upgrade”.",
    )


def _folder(name: str, folder: Path) -> Check:
    if os.access(folder, os.W_OK):
        return _ok(name, f"{folder} can be written to.")
    return Check(
        name=name,
        state=CheckState.FAILED,
        found=f"{folder} cannot be written to.",
        advice="Give it to the account that runs topthree, or set TOPTHREE_INSTANCE.",
    )


def _room(folder: Path) -> Check:
    free = shutil.disk_usage(folder).free
    if free >= _LITTLE_ROOM_BYTES:
        return _ok("disk", f"{free // 10**9:,} GB are free.")
    return Check(
        name="disk",
        state=CheckState.WARNING,
        found=f"Only {free // 10**6:,} MB are free.",
        advice="Make room: a full disk stops the sending until there is some.",
    )


def _relay(wiring: Wiring) -> Check:
    if wiring.outbox is not None:
        return Check(
            name="relay",
            state=CheckState.WARNING,
            found=f"No relay is set; mail stays in {wiring.outbox}.",
            advice="Set TOPTHREE_SMTP_URL to send for real.",
        )
    try:
        with wiring.transport.connect():
            return _ok("relay", "The mail relay answers, in private, and lets us sign in.")
    except RelayUnavailable as error:
        return Check(
            name="relay",
            state=CheckState.FAILED,
            found=str(error),
            advice="Check TOPTHREE_SMTP_URL, and that the relay lets this machine in.",
        )


def _hour(wiring: Wiring) -> Check:
    """Look whether letters go out at an hour that a change of the clocks leaves out or repeats."""
    cadence = wiring.cadence
    today = cadence.day_at(wiring.clock())
    if not is_unsteady(cadence, today):
        return _ok("hour", f"Letters go out at {cadence.at:%H:%M}, {cadence.zone.key}.")
    return Check(
        name="hour",
        state=CheckState.WARNING,
        found=f"Where clocks change, {cadence.at:%H:%M} comes twice on one day, or not at all.",
        advice="Set TOPTHREE_SEND_AT to another hour, such as 06:00.",
    )


def _next_slot(wiring: Wiring) -> Check:
    with wiring.reading() as session:
        upcoming = upcoming_slots(session, wiring.cadence, wiring.clock(), 1)
    if not upcoming:
        return Check(
            name="cadence",
            state=CheckState.WARNING,
            found="The calendar has no slot ahead.",
            advice="See “topthree cadence show”.",
        )
    slot, issue = upcoming[0].slot, upcoming[0].issue
    planned = f"“{issue.subject}” is planned, {issue.status}" if issue else "nothing is planned"
    return _ok("cadence", f"The next slot is {slot.day}; {planned}.")


def _audit_log(wiring: Wiring) -> Check:
    """Look whether the newest entries are as they were written; all of them could take minutes."""
    with wiring.reading() as session:
        verdict = verify(session, newest=_NEWEST_ENTRIES)
    if not verdict.problem:
        which = "are" if verdict.checked == verdict.entries else f"{verdict.checked:,} newest are"
        return _ok("audit log", f"Of {verdict.entries:,} entries all {which} as they were written.")
    return Check(
        name="audit log",
        state=CheckState.FAILED,
        found=f"Somebody has changed who did what. {verdict.problem}",
        advice="Keep the database as it is, and read docs/audit.md.",
    )


def _workers(settings: Settings, wiring: Wiring) -> list[Check]:
    """Look whether anybody sends, where that is not up to whoever serves the pages."""
    count = count_workers(settings, wiring)
    if count is None:
        return []
    if count:
        return [_ok("workers", f"{count:,} at work.")]
    return [
        Check(
            name="workers",
            state=CheckState.WARNING,
            found="No worker is at work: nothing is sent, no confirmation either.",
            advice="Start “topthree worker” on a machine; see docs/several-machines.md.",
        )
    ]


def _ok(name: str, found: str) -> Check:
    return Check(name=name, state=CheckState.OK, found=found)
