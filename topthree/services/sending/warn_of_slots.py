"""Warning of slots: they come soon, and nothing would go out on them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from topthree.domain.planning.cadence import Slot, slots_from
from topthree.domain.planning.slot_warning import Stage, stage_at
from topthree.services.notices.turns import Turn, tell
from topthree.services.sending.slot_trouble import SlotTrouble, slot_trouble, who_looks_after
from topthree.services.wiring import Wiring
from topthree.store.notices.turns import note_warning, was_warned
from topthree.store.planning.slots import cadence_exceptions
from topthree.store.writing.issues import find_issue_of_slot

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
    for slot, stage, trouble in due:
        with wiring.writing() as session:
            count += _warn(session, slot, stage, trouble, now)
    return count


def _due(session: Session, wiring: Wiring, now: datetime) -> list[tuple[Slot, Stage, SlotTrouble]]:
    today = wiring.cadence.day_at(now)
    slots = slots_from(wiring.cadence, cadence_exceptions(session), today, _SLOTS)
    near = [(slot, stage_at(slot.at, now)) for slot in slots]
    return [
        (slot, stage, trouble)
        for slot, stage in near
        if stage is not None
        and not was_warned(session, slot.day, stage)
        and (trouble := slot_trouble(session, wiring, slot, now)) is not None
    ]


def _warn(session: Session, slot: Slot, stage: Stage, trouble: SlotTrouble, now: datetime) -> bool:
    issue = find_issue_of_slot(session, slot.day)
    recipients = who_looks_after(session, issue)
    if not recipients or not note_warning(session, slot.day, stage, now):
        return False
    issue_id = issue.id if issue else None
    warning = Turn(kind=trouble.kind, issue_id=issue_id, day=slot.day, words=trouble.words)
    tell(session, warning, recipients, now)
    return True
