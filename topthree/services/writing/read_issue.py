"""Reading issues: each as a row of a list, and one whole, by its id or its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from topthree.domain.archive.issue_key import IssueKey, key_of, parse_key
from topthree.domain.ids import EditorId, IssueId
from topthree.domain.refusal import NotFound, Problem
from topthree.domain.writing.issue import IssueContent, IssueStatus, missing_from
from topthree.domain.writing.item import Section
from topthree.store.agreeing.comments import count_open_comments
from topthree.store.editors.editors import name_of_editor
from topthree.store.writing.issue_lists import PublishedLine, issues_in_hand, published_lines
from topthree.store.writing.issues import (
    IssueRow,
    find_issue,
    find_issue_of_slot,
    find_issue_with_key,
    next_number,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueSummary:
    """An issue as a row of a list."""

    id: IssueId
    status: IssueStatus
    subject: str
    #: Section, kicker and headline of each item.
    items: tuple[tuple[Section, str, str], ...]
    #: Where it is planned, or where it went out.
    day: date | None
    #: None until it is published.
    number: int | None
    is_sample: bool
    edited_at: datetime
    edited_by: str
    #: How much it lacks before it can be approved; 0 once it is published.
    missing_count: int
    #: A correction stands on no slot.
    is_correction: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueView:
    """An issue whole, as the page that works on it needs it."""

    id: IssueId
    version: int
    status: IssueStatus
    content: IssueContent
    #: SHA-256 of the content: what an approval is bound to.
    digest: str
    slot_day: date | None
    #: The day it went out; None before.
    day: date | None
    #: The number it has, or would get if it were the next.
    number: int
    is_sample: bool
    missing: tuple[Problem, ...]
    edited_at: datetime
    edited_by_id: EditorId | None
    edited_by: str
    submitted_by: str
    approved_by: str
    approved_at: datetime | None
    returned_because: str
    #: How many comments are not resolved, by place (0: the whole issue); others are left out.
    open_comments: Mapping[int, int]

    @property
    def key(self) -> IssueKey | None:
        """What names it in addresses; None before it goes out."""
        return None if self.day is None else key_of(self.day, self.number, self.content.corrects)

    @property
    def is_blank(self) -> bool:
        """Whether nobody has written anything into it yet."""
        return self.content == IssueContent()


def list_issues(session: Session) -> tuple[IssueSummary, ...]:
    """Return every issue: work in hand by slot, then what went out, newest first."""
    in_hand = [summary_of(issue, name) for issue, name in issues_in_hand(session)]
    return (*in_hand, *map(_published_summary, published_lines(session)))


def recently_published(session: Session, count: int) -> tuple[IssueSummary, ...]:
    """Return what went out last, newest first."""
    return tuple(map(_published_summary, published_lines(session, count)))


def read_issue(session: Session, issue_id: IssueId) -> IssueView:
    """Return the issue with this id.

    :raises NotFound: if there is none.
    """
    return issue_view(session, issue_there(session, issue_id))


def issue_there(session: Session, issue_id: IssueId) -> IssueRow:
    """Return the row of the issue with this id.

    :raises NotFound: if there is none.
    """
    issue = find_issue(session, issue_id)
    if issue is None:
        message = f"There is no issue with the id {issue_id}. Choose one from the list."
        raise NotFound(message)
    return issue


def find_issue_named(session: Session, name: str) -> IssueView:
    """Return the issue with a key (``2026-11-19``) or an id (``12`` or ``#12``).

    :raises NotFound: if there is none.
    """
    key = parse_key(name)
    if key is None:
        return read_issue(session, _issue_id(name))
    issue = find_issue_with_key(session, key)
    if issue is None and key.correction is None:
        issue = find_issue_of_slot(session, key.day)
    if issue is None:
        message = f"There is no issue of {name}. See “topthree issues list”."
        raise NotFound(message)
    return issue_view(session, issue)


def issue_view(session: Session, issue: IssueRow) -> IssueView:
    """Return the issue whole."""
    content = issue.content
    return IssueView(
        id=issue.id,
        version=issue.version,
        status=issue.status,
        content=content,
        digest=content.digest(),
        slot_day=issue.slot_day,
        day=issue.day,
        number=issue.number or next_number(session),
        is_sample=issue.is_sample,
        missing=missing_from(content),
        edited_at=issue.edited_at,
        edited_by_id=issue.edited_by,
        edited_by=name_of_editor(session, issue.edited_by),
        submitted_by=name_of_editor(session, issue.submitted_by),
        approved_by=name_of_editor(session, issue.approved_by),
        approved_at=issue.approved_at,
        returned_because=issue.returned_because,
        open_comments=count_open_comments(session, issue.id),
    )


def summary_of(issue: IssueRow, edited_by: str) -> IssueSummary:
    """Return the issue as a row of a list, where it is known who edited it last."""
    is_published = issue.status.is_published
    return IssueSummary(
        id=issue.id,
        status=issue.status,
        subject=issue.subject,
        items=tuple(
            (item.section, item.kicker, item.headline)
            for item in issue.items
            if item.headline or issue.corrects is None
        ),
        day=issue.day or issue.slot_day,
        number=issue.number,
        is_sample=issue.is_sample,
        edited_at=issue.edited_at,
        edited_by=edited_by,
        missing_count=0 if is_published else len(missing_from(issue.content)),
        is_correction=issue.corrects is not None,
    )


def _published_summary(line: PublishedLine) -> IssueSummary:
    return IssueSummary(
        id=line.id,
        status=line.status,
        subject=line.subject,
        items=tuple(each for each in line.headlines if each[2]),
        day=line.day,
        number=line.number,
        is_sample=line.is_sample,
        edited_at=line.edited_at,
        edited_by=line.edited_by,
        missing_count=0,
        is_correction=line.corrects is not None,
    )


def _issue_id(name: str) -> IssueId:
    digits = name.removeprefix("#")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 18:  # noqa: PLR2004 - 64 bits
        message = f"“{name}” names no issue. Give its date, such as 2026-11-19, or its id."
        raise NotFound(message)
    return IssueId(int(digits))
