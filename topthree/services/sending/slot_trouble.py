"""What keeps the issue of a slot ahead from going out, and who looks after that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from topthree.domain.editors.permission import PERMISSIONS, Permission
from topthree.domain.ids import EditorId
from topthree.domain.notice import NoticeKind
from topthree.domain.planning.cadence import Slot
from topthree.domain.writing.issue import IssueStatus
from topthree.services.proofing.preflight_issue import preflight_issue
from topthree.services.wiring import Wiring
from topthree.services.writing.read_issue import issue_view
from topthree.store.editors.editors import all_editors
from topthree.store.planning.slots import find_slot
from topthree.store.writing.issues import IssueRow, find_issue_of_slot, find_published_issue


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotTrouble:
    """What people are told of, and in which words."""

    kind: NoticeKind
    #: What stops an issue that is approved.
    words: str = ""


def slot_trouble(session: Session, wiring: Wiring, slot: Slot, now: datetime) -> SlotTrouble | None:
    """Return why nothing would go out on this slot; None: nothing stands in the way.

    An approval is about a text. The slot on which it stands may have moved since past a deadline
    in it, and a link may have died.
    """
    if find_slot(session, slot.day) or find_published_issue(session, slot.day):
        return None
    issue = find_issue_of_slot(session, slot.day)
    if issue is None or issue.status in (IssueStatus.DRAFT, IssueStatus.IN_REVIEW):
        return SlotTrouble(kind=NoticeKind.NOTHING_APPROVED)
    stops = preflight_issue(session, wiring, issue_view(session, issue), now).stops
    if not stops:
        return None
    words = " ".join(found.words for found in stops)
    return SlotTrouble(kind=NoticeKind.APPROVED_BUT_STOPPED, words=words)


def who_looks_after(session: Session, issue: IssueRow | None) -> set[EditorId]:
    """Return the publishers, and whoever wrote last, asked for the approval, or was asked."""
    editors = all_editors(session)
    concerned = {editor.id for editor in editors if Permission.SCHEDULE in PERMISSIONS[editor.role]}
    if issue is not None:
        named = {issue.edited_by, issue.submitted_by, issue.asked}
        concerned |= {editor.id for editor in editors if editor.id in named}
    return concerned
