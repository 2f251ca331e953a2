"""Beginning a run, once per issue: the bytes are frozen, and the audience up to this moment."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from datetime import date

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from topthree.domain.audit.act import Act
from topthree.domain.audit.entry import SERVICE, Details, Who
from topthree.domain.ids import IssueId, RunId
from topthree.domain.newsletter import Edition
from topthree.domain.planning.cadence import SlotFate, instant_of
from topthree.domain.refusal import Conflict
from topthree.domain.sending.delivery import GIVE_UP_AFTER
from topthree.domain.writing.issue import IssueEvent, next_status
from topthree.services.audit.entries import about_issue
from topthree.services.audit.log import record
from topthree.services.links.linked_documents import linked_documents
from topthree.services.planning.slots_ahead import next_slot_after
from topthree.services.proofing.freeze_letter import FrozenLetter, freeze_letter
from topthree.services.proofing.preflight_issue import preflight_going, require_no_stop
from topthree.services.sending.audience import run_corrected_by
from topthree.services.sending.prepare_run import prepare_run
from topthree.services.wiring import Wiring
from topthree.services.writing.compose_issue import issue_to_change
from topthree.services.writing.read_issue import read_issue
from topthree.store.planning.slots import SlotRow, find_slot
from topthree.store.sending.preparation import last_subscriber
from topthree.store.sending.runs import RunRow, find_run_of_issue
from topthree.store.sending.waiting_sends import WaitingSendRow, lock_waiting_send
from topthree.store.writing.issues import IssueRow, find_published_issue, next_number

_log = logging.getLogger(__name__)


#: Said of an issue that somebody asked to send, and whose approval ended before it went.
VOID = "Its approval has ended, so it does not go. Have it approved again, then send it."


class Overtaken(Conflict):
    """Something changed while the issue was made ready; the next tick looks again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """That an issue is to be sent, and what was so when that was decided."""

    issue_id: IssueId
    #: Under which date it goes out.
    day: date
    slot_day: date | None
    note: str
    who: Who = SERVICE
    #: Whether somebody asked for it who may take that back until the run begins.
    is_asked: bool = False


def begin_run(wiring: Wiring, decision: Decision) -> RunId:
    """Freeze the issue, open its run and write down whom it goes to.

    However many processes decide so at the same moment: an issue has one run.

    :raises Overtaken: if what was decided does not hold any more.
    :raises Refusal: if the issue cannot be sent as it is.
    """
    frozen = _freeze(wiring, decision.issue_id, decision.day)
    try:
        with wiring.writing() as session:
            run_id = _write_run(session, wiring, decision, frozen)
    except IntegrityError as error:
        raise _what_was_in_the_way(wiring, decision) from error
    prepare_run(wiring, run_id)
    return run_id


def _what_was_in_the_way(wiring: Wiring, decision: Decision) -> Conflict:
    """Say which of the unique things another process was first with."""
    with wiring.reading() as session:
        if find_run_of_issue(session, decision.issue_id) is not None:
            return Conflict("This issue has been sent already.")
        if find_published_issue(session, decision.day) is not None:
            return Conflict(f"Another issue has gone out under {decision.day}.")
    return Overtaken("Another issue went out at the same moment. Try again.")


def _freeze(wiring: Wiring, issue_id: IssueId, day: date) -> FrozenLetter:
    """Render the issue while no lock is held; what was rendered is compared when the run opens."""
    with wiring.reading() as session:
        issue = read_issue(session, issue_id)
        # What was approved may have been overtaken by its slot: a deadline, a link that died.
        require_no_stop(preflight_going(session, wiring, issue, wiring.clock()))
        edition = Edition(
            content=issue.content,
            number=next_number(session),
            day=day,
            next_day=next_slot_after(session, wiring.cadence, day),
            is_sample=issue.is_sample,
            documents=linked_documents(session, issue.content),
        )
    return freeze_letter(wiring, edition)


def _write_run(session: Session, wiring: Wiring, decision: Decision, frozen: FrozenLetter) -> RunId:
    now = wiring.clock()
    issue = issue_to_change(session, decision.issue_id)
    if issue.slot_day != decision.slot_day:
        message = "The issue was put on another slot at the same moment. Look at it once more."
        raise Overtaken(message)
    _settle_asking(session, issue, decision)
    day = decision.day
    issue.status = next_status(issue.status, IssueEvent.OPEN_RUN)
    _require_what_was_approved(session, issue, frozen)
    issue.number, issue.day, issue.published_at = frozen.edition.number, day, now
    if issue.corrects is None:
        issue.slot_day = day
        _mark_ran(session, wiring, day, decision.note)
    run = RunRow(
        issue_id=issue.id,
        day=day,
        opened_at=now,
        give_up_at=now + GIVE_UP_AFTER,
        audience_of=run_corrected_by(session, issue),
        prepare_until=last_subscriber(session),
        message=frozen.message,
        message_digest=frozen.message_digest,
        html=frozen.rendered.html,
        text=frozen.rendered.text,
        salt=secrets.token_hex(16),
    )
    session.add(run)
    session.flush()
    details: Details = {"run": run.id, "note": decision.note, "digest": run.message_digest}
    record(session, about_issue(decision.who, Act.RUN_OPENED, issue, details), now)
    _log.info("run %d opened: issue %d", run.id, issue.id)
    return run.id


def _settle_asking(session: Session, issue: IssueRow, decision: Decision) -> None:
    """Let whoever took the send back win, and forget the asking with the run that begins."""
    asked = lock_waiting_send(session, issue.id)
    if asked is not None:
        session.delete(asked)
    if not decision.is_asked:
        return
    if asked is None or asked.stopped_because:
        raise Overtaken("It was taken back at the same moment.")
    _require_same_approval(issue, asked)


def _require_same_approval(issue: IssueRow, asked: WaitingSendRow) -> None:
    if issue.approved_at != asked.approved_at:
        raise Conflict(VOID)


def _require_what_was_approved(session: Session, issue: IssueRow, frozen: FrozenLetter) -> None:
    if not issue.content.digest() == frozen.digest == issue.approved_digest:
        message = "The issue was changed after it was approved. Have it approved again."
        raise Conflict(message)
    if frozen.edition.number != next_number(session):
        message = "Another issue went out at the same moment. Try again."
        raise Overtaken(message)


def _mark_ran(session: Session, wiring: Wiring, day: date, note: str) -> None:
    slot = find_slot(session, day)
    if slot is None:
        due_at = instant_of(wiring.cadence, day)
        now = wiring.clock()
        session.add(SlotRow(day=day, due_at=due_at, fate=SlotFate.RAN, noted_at=now, note=note))
    else:
        slot.fate, slot.note = SlotFate.RAN, note
