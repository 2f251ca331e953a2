"""Warning of slots: they come soon, and nothing is approved for them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from topthree.domain.cadence import Slot, slots_from
from topthree.domain.ids import EditorId
from topthree.domain.issue import IssueStatus
from topthree.domain.notice import NoticeKind
from topthree.domain.permission import PERMISSIONS, Permission
from topthree.domain.slot_warning import Stage, stage_at
from topthree.services.notices.turns import Turn, tell
from topthree.services.wiring import Wiring
from topthree.store.editors import all_editors
from topthree.store.issues import IssueRow, find_issue_of_slot, find_published_issue
from topthree.store.slots import cadence_exceptions, find_slot
from topthree.store.turns import note_warning, was_warned

#: More slots than this do not come within two days.
_SLOTS = 3


def warn_of_slots(wiring: Wiring) -> int:
    """Tell publishers, and whoever has the issue, once a stage; return of how many slots.

    A stage is warned of by the slot's civil date: a slot that is moved is another slot, and one
    that comes back is warned of no second time.
    """
    now = wiring.clock()
    with wiring.reading() as session:
        due = _due(session, wiring, now)
    count = 0
    for slot, stage in due:
        with wiring.writing() as session:
            count += _warn(session, slot, stage, now)
    return count


def _due(session: Session, wiring: Wiring, now: datetime) -> list[tuple[Slot, Stage]]:
    today = now.astimezone(wiring.cadence.zone).date()
    slots = slots_from(wiring.cadence, cadence_exceptions(session), today, _SLOTS)
    near = [(slot, stage_at(slot.at, now)) for slot in slots]
    return [
        (slot, stage)
        for slot, stage in near
        if stage is not None
        and not was_warned(session, slot.day, stage)
        and _is_nothing_approved(session, slot)
    ]


def _is_nothing_approved(session: Session, slot: Slot) -> bool:
    if find_slot(session, slot.day) or find_published_issue(session, slot.day):
        return False
    issue = find_issue_of_slot(session, slot.day)
    return issue is None or issue.status in (IssueStatus.DRAFT, IssueStatus.IN_REVIEW)


def _warn(session: Session, slot: Slot, stage: Stage, now: datetime) -> bool:
    issue = find_issue_of_slot(session, slot.day)
    recipients = _recipients(session, issue)
    if not recipients or not note_warning(session, slot.day, stage, now):
        return False
    warning = Turn(
        kind=NoticeKind.NOTHING_APPROVED, issue_id=issue.id if issue else None, day=slot.day
    )
    tell(session, warning, recipients, now)
    return True


def _recipients(session: Session, issue: IssueRow | None) -> set[EditorId]:
    """Return the publishers, and whoever wrote last, asked for the approval, or was asked."""
    editors = all_editors(session)
    concerned = {editor.id for editor in editors if Permission.SCHEDULE in PERMISSIONS[editor.role]}
    if issue is not None:
        named = {issue.edited_by, issue.submitted_by, issue.asked}
        concerned |= {editor.id for editor in editors if editor.id in named}
    return concerned
