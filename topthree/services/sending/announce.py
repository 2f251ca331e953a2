"""Saying before an issue goes out what goes to how many, and when."""

from __future__ import annotations

from sqlalchemy.orm import Session

from topthree.domain.calendar_words import day_words
from topthree.domain.planning.cadence import Cadence, instant_of
from topthree.domain.sending.going_words import Going
from topthree.services.sending.audience import run_of_day
from topthree.services.writing.read_issue import IssueView
from topthree.store.sending.audience import count_audience_of
from topthree.store.subscribers.subscribers import count_mailable_now
from topthree.store.writing.issues import count_planned_before, next_number


def announce(session: Session, cadence: Cadence, issue: IssueView) -> Going:
    """Return what there is to say about an issue in hand; its number counts those on slots before.

    Counted from two small indexes, so that it may stand on every page about the issue.
    """
    if issue.content.corrects is not None:
        return announce_by_hand(session, issue)
    at = None if issue.slot_day is None else instant_of(cadence, issue.slot_day)
    ahead = 0 if issue.slot_day is None else count_planned_before(session, issue.slot_day)
    number = next_number(session) + ahead
    return Going(name=f"Issue {number}", readers=count_mailable_now(session), at=at)


def announce_by_hand(session: Session, issue: IssueView) -> Going:
    """Return what there is to say about an issue that somebody sends without waiting."""
    corrects = issue.content.corrects
    if corrects is not None:
        run = run_of_day(session, corrects)
        readers = 0 if run is None else count_audience_of(session, run.id)
        return Going(
            name=f"The correction of the issue of {day_words(corrects)}", readers=readers, at=None
        )
    number = next_number(session)
    return Going(name=f"Issue {number}", readers=count_mailable_now(session), at=None)
