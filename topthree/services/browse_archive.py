"""The public archive: published issues, newest first, and one of them whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from topthree.domain.cadence import Cadence
from topthree.domain.item import Section
from topthree.domain.newsletter import Edition
from topthree.domain.refusal import NotFound
from topthree.services.plan_slots import next_slot_after
from topthree.store.issue_lists import published_lines
from topthree.store.issues import (
    IssueRow,
    find_published_issue,
    neighbours,
    newest_published_issues,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveEntry:
    """An issue as a row of the archive."""

    day: date
    number: int
    subject: str
    preheader: str
    language: str
    #: Section, kicker and headline of each item.
    items: tuple[tuple[Section, str, str], ...]
    published_at: datetime
    is_sample: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedIssue:
    """A published issue with its neighbours."""

    edition: Edition
    published_at: datetime
    previous: ArchiveEntry | None
    following: ArchiveEntry | None


def list_archive(session: Session) -> tuple[ArchiveEntry, ...]:
    """Return every published issue, newest first."""
    return tuple(
        ArchiveEntry(
            day=line.day,
            number=line.number,
            subject=line.subject,
            preheader=line.preheader,
            language=line.language,
            items=line.headlines,
            published_at=line.published_at,
            is_sample=line.is_sample,
        )
        for line in published_lines(session)
    )


def newest_archived(session: Session, cadence: Cadence, count: int) -> tuple[ArchivedIssue, ...]:
    """Return the newest published issues whole, newest first; for the first page and the feed."""
    # One more, so that the last has the one before it.
    issues = newest_published_issues(session, count + 1)
    befores, afters = (*issues[1:], None), (None, *issues)
    return tuple(
        _archived(session, cadence, issue, (before, after))
        for issue, before, after in zip(issues, befores, afters, strict=False)
    )[:count]


def read_archived(session: Session, cadence: Cadence, day: date) -> ArchivedIssue:
    """Return the published issue of this day.

    :raises NotFound: if there is none; drafts and planned issues are none.
    """
    issue = find_published_issue(session, day)
    if issue is None:
        message = "There is no issue of this date. The list of past issues has them all."
        raise NotFound(message)
    return _archived(session, cadence, issue, neighbours(session, day))


def _archived(
    session: Session,
    cadence: Cadence,
    issue: IssueRow,
    beside: tuple[IssueRow | None, IssueRow | None],
) -> ArchivedIssue:
    entry = _entry(issue)
    previous, following = map(_entry_or_none, beside)
    next_day = following.day if following else next_slot_after(session, cadence, entry.day)
    return ArchivedIssue(
        edition=Edition(
            content=issue.content,
            number=entry.number,
            day=entry.day,
            next_day=next_day,
            is_sample=issue.is_sample,
        ),
        published_at=entry.published_at,
        previous=previous,
        following=following,
    )


def _entry_or_none(issue: IssueRow | None) -> ArchiveEntry | None:
    return None if issue is None else _entry(issue)


def _entry(issue: IssueRow) -> ArchiveEntry:
    if issue.day is None or issue.number is None or issue.published_at is None:
        message = f"Issue {issue.id} is {issue.status} but has no day, number or time."
        raise AssertionError(message)
    return ArchiveEntry(
        day=issue.day,
        number=issue.number,
        subject=issue.subject,
        preheader=issue.preheader,
        language=issue.language,
        items=tuple((item.section, item.kicker, item.headline) for item in issue.items),
        published_at=issue.published_at,
        is_sample=issue.is_sample,
    )
