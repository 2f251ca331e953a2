"""Keeping how much is found in the issues on slots, so that the board need not check them."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from topthree.services.proofing.preflight_issue import preflight_issue
from topthree.services.wiring import Wiring
from topthree.services.writing.read_issue import issue_view
from topthree.store.agreeing.preflight_results import PreflightResultRow, issues_to_check
from topthree.store.writing.issues import IssueRow

#: Deadlines come nearer and links die, though nobody changes anything.
_GOOD_FOR = timedelta(hours=1)
#: So many are checked before others get a turn.
_AT_ONCE = 3


def keep_results(wiring: Wiring) -> int:
    """Check a few issues on slots that were changed since, or not looked at for an hour.

    Commits by itself; returns how many were checked. What is changed meanwhile is checked anew.
    """
    now = wiring.clock()
    today = wiring.cadence.day_at(now)
    with wiring.reading() as session:
        due = issues_to_check(session, today, now - _GOOD_FOR, _AT_ONCE)
        results = [_checked(session, wiring, issue) for issue in due]
    # Another process may have kept the same at the same moment.
    with suppress(IntegrityError), wiring.writing() as session:
        for result in results:
            session.merge(result)
    return len(results)


def _checked(session: Session, wiring: Wiring, issue: IssueRow) -> PreflightResultRow:
    now = wiring.clock()
    found = preflight_issue(session, wiring, issue_view(session, issue), now)
    return PreflightResultRow(
        issue_id=issue.id,
        version=issue.version,
        slot_day=issue.slot_day,
        stops=len(found.stops),
        advice=len(found.advice),
        checked_at=now,
    )
