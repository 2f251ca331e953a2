"""Opening a run, once per issue: the bytes are frozen, and the audience up to this moment."""

from __future__ import annotations

import hashlib
import logging
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from topthree.domain.act import Act
from topthree.domain.audit import SERVICE, Details, Entry, Who, issue_thing, slot_thing
from topthree.domain.cadence import Lateness, SlotFate, instant_of, lateness, slots_from
from topthree.domain.delivery import GIVE_UP_AFTER
from topthree.domain.ids import IssueId, RunId
from topthree.domain.issue import IssueEvent, IssueStatus, next_status
from topthree.domain.newsletter import Edition
from topthree.domain.permission import Permission, require
from topthree.domain.refusal import Conflict, Invalid, Refusal
from topthree.mail.message import freeze_issue
from topthree.render.issue_message import render_issue, size_problems
from topthree.render.values import RenderedMessage
from topthree.services.audit import record
from topthree.services.compose_issue import issue_to_change
from topthree.services.plan_slots import next_slot_after
from topthree.services.prepare_run import prepare_run
from topthree.services.read_desk import read_issue
from topthree.services.sign_in import EditorView
from topthree.services.wiring import Wiring
from topthree.store.issues import (
    IssueRow,
    find_issue_of_slot,
    find_published_issue,
    next_number,
    unsent_issues_planned_until,
)
from topthree.store.preparation import last_subscriber
from topthree.store.runs import RunRow, find_run_of_issue
from topthree.store.slots import SlotRow, cadence_exceptions, find_slot

_log = logging.getLogger(__name__)


class _Overtaken(Conflict):
    """Something changed while the issue was made ready; the next tick looks again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decision:
    """That an issue is to be sent, and what was so when that was decided."""

    issue_id: IssueId
    #: Under which date it goes out.
    day: date
    slot_day: date | None
    note: str
    who: Who = SERVICE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frozen:
    """An issue made ready outside of the transaction that opens its run."""

    edition: Edition
    digest: str
    rendered: RenderedMessage
    message: bytes


def open_due_runs(wiring: Wiring) -> tuple[RunId, ...]:
    """Act on every slot whose time has come: send, or note why nothing is sent.

    May be called as often as wanted and by several processes at once: a slot is a row keyed by
    its civil date and a run is unique per issue, so that each is acted on once.
    """
    opened = (_act_on_slot(wiring, day) for day in _due_days(wiring))
    return tuple(run_id for run_id in opened if run_id is not None)


def send_now(wiring: Wiring, issue_id: IssueId, editor: EditorView) -> RunId:
    """Open the run of an approved issue at once, because an editor decided so.

    It goes out under the day of its slot if that has come, and under today's date otherwise.

    :raises Conflict: if it is not approved, or the day has its issue already.
    """
    require(editor.role, Permission.SCHEDULE)
    now = wiring.clock()
    today = now.astimezone(wiring.cadence.zone).date()
    with wiring.reading() as session:
        issue = read_issue(session, issue_id)
        day = min(issue.slot_day or today, today)
        gone = find_published_issue(session, day)
        if gone is not None and gone.id != issue_id:
            message = (
                f"One letter goes out a day, and on {day} it was “{gone.subject}”."
                " Put this one on a slot, or send it tomorrow."
            )
            raise Conflict(message)
        other = find_issue_of_slot(session, day)
        if other is not None and other.id != issue_id:
            message = f"“{other.subject}” stands on {day}. Put it on another slot first."
            raise Conflict(message)
    note = f"sent by hand by {editor.name}"
    decision = _Decision(
        issue_id=issue_id, day=day, slot_day=issue.slot_day, note=note, who=editor.who
    )
    return _open(wiring, decision)


def _due_days(wiring: Wiring) -> tuple[date, ...]:
    """Return the days whose slot has come and on which nothing was done about it yet.

    A slot that came while nothing was planned and nobody was running is not worth a word, so
    regular slots count only within the grace; what is planned counts however late it is.
    """
    now = wiring.clock()
    today = now.astimezone(wiring.cadence.zone).date()
    with wiring.reading() as session:
        recent = slots_from(
            wiring.cadence, cadence_exceptions(session), today - timedelta(days=1), 3
        )
        days = {
            slot.day
            for slot in recent
            if lateness(slot.at, now, wiring.grace) is Lateness.DUE
            and find_published_issue(session, slot.day) is None
        }
        days |= {
            issue.slot_day
            for issue in unsent_issues_planned_until(session, today)
            if issue.slot_day and instant_of(wiring.cadence, issue.slot_day) <= now
        }
        return tuple(sorted(day for day in days if find_slot(session, day) is None))


def _act_on_slot(wiring: Wiring, day: date) -> RunId | None:
    with wiring.reading() as session:
        issue = find_issue_of_slot(session, day)
        issue_id = issue.id if issue else None
        is_approved = issue is not None and issue.status is IssueStatus.APPROVED
    at = instant_of(wiring.cadence, day)
    if lateness(at, wiring.clock(), wiring.grace) is Lateness.HELD:
        _note(wiring, day, SlotFate.HELD, f"missed by {_span(wiring.clock() - at)}")
        return None
    if issue_id is None or not is_approved:
        why = "no issue was planned" if issue_id is None else "the issue was not approved"
        _note(wiring, day, SlotFate.EMPTY, why)
        return None
    late = wiring.clock() - at
    note = f"sent {_span(late)} late" if late >= timedelta(minutes=1) else ""
    try:
        decision = _Decision(issue_id=issue_id, day=day, slot_day=day, note=note)
        return _open(wiring, decision)
    except _Overtaken:
        return None
    except Refusal as error:
        _note(wiring, day, SlotFate.HELD, str(error))
        return None
    except Exception:  # noqa: BLE001 - one slot that cannot be served keeps no other waiting
        _log.exception("slot %s failed; it is tried again", day)
        return None


def _note(wiring: Wiring, day: date, fate: SlotFate, note: str) -> None:
    """Write down what became of the slot, unless another process has."""
    now = wiring.clock()
    due_at = instant_of(wiring.cadence, day)
    with suppress(IntegrityError):
        with wiring.writing() as session:
            if find_slot(session, day) is not None:
                return
            session.add(SlotRow(day=day, due_at=due_at, fate=fate, noted_at=now, note=note))
            act = Act.SLOT_HELD if fate is SlotFate.HELD else Act.SLOT_EMPTY
            details = {"note": note}
            about = slot_thing(day)
            record(session, Entry(who=SERVICE, act=act, about=about, details=details), now)
        _log.warning("slot %s: %s, %s", day, fate, note)


def _open(wiring: Wiring, decision: _Decision) -> RunId:
    frozen = _freeze(wiring, decision.issue_id, decision.day)
    try:
        with wiring.writing() as session:
            run_id = _write_run(session, wiring, decision, frozen)
    except IntegrityError as error:
        raise _what_was_in_the_way(wiring, decision) from error
    prepare_run(wiring, run_id)
    return run_id


def _what_was_in_the_way(wiring: Wiring, decision: _Decision) -> Conflict:
    """Say which of the unique things another process was first with."""
    with wiring.reading() as session:
        if find_run_of_issue(session, decision.issue_id) is not None:
            return Conflict("This issue has been sent already.")
        if find_published_issue(session, decision.day) is not None:
            return Conflict(f"Another issue has gone out under {decision.day}.")
    return _Overtaken("Another issue went out at the same moment. Try again.")


def _freeze(wiring: Wiring, issue_id: IssueId, day: date) -> _Frozen:
    """Render the issue while no lock is held; what was rendered is compared when the run opens."""
    with wiring.reading() as session:
        issue = read_issue(session, issue_id)
        edition = Edition(
            content=issue.content,
            number=next_number(session),
            day=day,
            next_day=next_slot_after(session, wiring.cadence, day),
            is_sample=issue.is_sample,
        )
    rendered = render_issue(edition, wiring.newsletter, time_zone=wiring.cadence.zone)
    too_large = size_problems(rendered)
    if too_large:
        raise Invalid(*too_large)
    return _Frozen(
        edition=edition,
        digest=edition.content.digest(),
        rendered=rendered,
        message=freeze_issue(rendered, wiring.newsletter, day=day),
    )


def _write_run(session: Session, wiring: Wiring, decision: _Decision, frozen: _Frozen) -> RunId:
    now = wiring.clock()
    issue = issue_to_change(session, decision.issue_id)
    if issue.slot_day != decision.slot_day:
        message = "The issue was put on another slot at the same moment. Look at it once more."
        raise _Overtaken(message)
    day = decision.day
    issue.status = next_status(issue.status, IssueEvent.OPEN_RUN)
    _require_what_was_approved(session, issue, frozen)
    issue.number, issue.day, issue.published_at = frozen.edition.number, day, now
    issue.slot_day = day
    run = RunRow(
        issue_id=issue.id,
        day=day,
        opened_at=now,
        give_up_at=now + GIVE_UP_AFTER,
        prepare_until=last_subscriber(session),
        message=frozen.message,
        message_digest=hashlib.sha256(frozen.message).hexdigest(),
        html=frozen.rendered.html,
        text=frozen.rendered.text,
        salt=secrets.token_hex(16),
    )
    session.add(run)
    _mark_ran(session, wiring, day, decision.note)
    session.flush()
    details: Details = {"run": run.id, "note": decision.note, "digest": run.message_digest}
    about = issue_thing(issue.id, issue.subject)
    entry = Entry(who=decision.who, act=Act.RUN_OPENED, about=about, details=details)
    record(session, entry, now)
    _log.info("run %d opened: issue %d", run.id, issue.id)
    return run.id


def _require_what_was_approved(session: Session, issue: IssueRow, frozen: _Frozen) -> None:
    if not issue.content.digest() == frozen.digest == issue.approved_digest:
        message = "The issue was changed after it was approved. Have it approved again."
        raise Conflict(message)
    if frozen.edition.number != next_number(session):
        message = "Another issue went out at the same moment. Try again."
        raise _Overtaken(message)


def _mark_ran(session: Session, wiring: Wiring, day: date, note: str) -> None:
    slot = find_slot(session, day)
    if slot is None:
        due_at = instant_of(wiring.cadence, day)
        now = wiring.clock()
        session.add(SlotRow(day=day, due_at=due_at, fate=SlotFate.RAN, noted_at=now, note=note))
    else:
        slot.fate, slot.note = SlotFate.RAN, note


def _span(late: timedelta) -> str:
    """Return a span in words of one unit: “3 days”, “5 hours”, “12 minutes”."""
    minutes = int(late.total_seconds() // 60)
    for size, unit in ((24 * 60, "day"), (60, "hour"), (1, "minute")):
        count = minutes // size
        if count:
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return "less than a minute"
