"""The public archive: published issues, newest first, and one of them whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from topthree.domain.archive.correction import Correction
from topthree.domain.archive.issue_key import IssueKey, key_of
from topthree.domain.ids import IssueId
from topthree.domain.newsletter import Edition
from topthree.domain.planning.cadence import Cadence
from topthree.domain.refusal import NotFound
from topthree.domain.writing.issue import IssueContent
from topthree.domain.writing.item import Section
from topthree.services.archive.correct_issue import corrected
from topthree.services.links.linked_documents import linked_documents_of_each
from topthree.services.planning.slots_ahead import next_slot_after
from topthree.store.corrections import CorrectionRow, latest_corrections
from topthree.store.writing.issue_lists import published_lines
from topthree.store.writing.issues import (
    IssueRow,
    find_issue_with_key,
    keys_of_corrections,
    neighbours,
    newest_published_issues,
    published_before,
)

#: An issue between the one before it and the one after.
_Standing = tuple[IssueRow, tuple[IssueRow | None, IssueRow | None]]
#: Section, kicker and headline of an item.
Headline = tuple[Section, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveEntry:
    """An issue as a row of the archive."""

    key: IssueKey
    day: date
    number: int
    subject: str
    preheader: str
    language: str
    #: Section, kicker and headline of each item.
    items: tuple[Headline, ...]
    published_at: datetime
    #: When it was published or last corrected.
    modified_at: datetime
    is_sample: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedIssue:
    """A published issue with its neighbours, as its page shows it: with what was corrected."""

    edition: Edition
    published_at: datetime
    previous: ArchiveEntry | None
    following: ArchiveEntry | None
    #: Newest first.
    corrections: tuple[Correction, ...] = ()
    #: The correcting letters that went to those who got this one, oldest first.
    sent_corrections: tuple[IssueKey, ...] = ()

    @property
    def modified_at(self) -> datetime:
        """When it was published or last corrected."""
        return self.corrections[0].at if self.corrections else self.published_at


def list_archive(session: Session) -> tuple[ArchiveEntry, ...]:
    """Return every published issue, newest first."""
    corrections = latest_corrections(session)
    return tuple(
        _corrected_entry(
            ArchiveEntry(
                key=key_of(line.day, line.number, line.corrects),
                day=line.day,
                number=line.number,
                subject=line.subject,
                preheader=line.preheader,
                language=line.language,
                items=tuple(each for each in line.headlines if each[2]),
                published_at=line.published_at,
                modified_at=line.published_at,
                is_sample=line.is_sample,
            ),
            corrections.get(line.id),
        )
        for line in published_lines(session)
    )


def newest_archived(session: Session, cadence: Cadence, count: int) -> tuple[ArchivedIssue, ...]:
    """Return the newest published issues whole, newest first; for the first page and the feed."""
    # One more, so that the last has the one before it.
    issues = newest_published_issues(session, count + 1)
    befores, afters = (*issues[1:], None), (None, *issues)
    standing = [
        (issue, (before, after))
        for issue, before, after in zip(issues, befores, afters, strict=False)
    ]
    return _archived(session, cadence, standing[:count])


def newest_letter(archived: Sequence[ArchivedIssue]) -> ArchivedIssue | None:
    """Return the first of these that is no correction: what somebody new begins with."""
    return next((each for each in archived if each.edition.content.corrects is None), None)


def read_archived(session: Session, cadence: Cadence, key: IssueKey) -> ArchivedIssue:
    """Return the published issue with this key.

    :raises NotFound: if there is none; drafts and planned issues are none.
    """
    issue = find_issue_with_key(session, key)
    if issue is None:
        message = "There is no issue of this date. The list of past issues has them all."
        raise NotFound(message)
    [archived] = _archived(session, cadence, [(issue, neighbours(session, issue))])
    return archived


def newest_before(session: Session, day: date, number: int) -> ArchiveEntry | None:
    """Return the issue that was published last before one of this day and number."""
    before = published_before(session, day, number)
    return None if before is None else _entry(before, latest_corrections(session, [before.id]))


def read_as_sent(session: Session, cadence: Cadence, key: IssueKey) -> ArchivedIssue:
    """Return the published issue with this key as it was sent, with what was corrected since.

    :raises NotFound: if there is none.
    """
    archived = read_archived(session, cadence, key)
    issue = find_issue_with_key(session, key)
    if issue is None:
        raise AssertionError(key)
    return replace(archived, edition=replace(archived.edition, content=issue.content))


def _archived(
    session: Session, cadence: Cadence, standing: Sequence[_Standing]
) -> tuple[ArchivedIssue, ...]:
    """Return these issues as their pages show them; all are asked about at once."""
    rows = [row for issue, beside in standing for row in (issue, *beside) if row is not None]
    corrections = latest_corrections(session, [row.id for row in rows])
    issues = [issue for issue, _ in standing]
    contents = [corrections.get(issue.id, issue).content for issue in issues]
    first_days = [issue.day for issue in issues if issue.day and issue.corrects is None]
    sent_corrections = keys_of_corrections(session, first_days)
    archived = []
    documents = linked_documents_of_each(session, contents)
    for (issue, beside), content, linked in zip(standing, contents, documents, strict=True):
        entry = _entry(issue, corrections)
        previous, following = (
            None if each is None else _entry(each, corrections) for each in beside
        )
        next_day = following.day if following else next_slot_after(session, cadence, entry.day)
        edition = Edition(
            content=content,
            number=entry.number,
            day=entry.day,
            next_day=next_day,
            is_sample=issue.is_sample,
            documents=linked,
        )
        is_corrected = issue.id in corrections
        archived.append(
            ArchivedIssue(
                edition=edition,
                published_at=entry.published_at,
                previous=previous,
                following=following,
                corrections=corrected(session, issue.id).corrections if is_corrected else (),
                sent_corrections=sent_corrections.get(entry.key.day, ())
                if entry.key.correction is None
                else (),
            )
        )
    return tuple(archived)


def _entry(issue: IssueRow, corrections: Mapping[IssueId, CorrectionRow]) -> ArchiveEntry:
    if issue.day is None or issue.number is None or issue.published_at is None:
        message = f"Issue {issue.id} is {issue.status} but has no day, number or time."
        raise AssertionError(message)
    entry = ArchiveEntry(
        key=key_of(issue.day, issue.number, issue.corrects),
        day=issue.day,
        number=issue.number,
        subject=issue.subject,
        preheader=issue.preheader,
        language=issue.language,
        items=tuple(_headlines(issue.content)),
        published_at=issue.published_at,
        modified_at=issue.published_at,
        is_sample=issue.is_sample,
    )
    return _corrected_entry(entry, corrections.get(issue.id))


def _corrected_entry(entry: ArchiveEntry, correction: CorrectionRow | None) -> ArchiveEntry:
    if correction is None:
        return entry
    content = correction.content
    return replace(
        entry,
        subject=content.subject,
        preheader=content.preheader,
        language=content.language,
        items=tuple(_headlines(content)),
        modified_at=correction.corrected_at,
    )


def _headlines(content: IssueContent) -> Iterator[Headline]:
    for place in content.written_places:
        item = content.item_at(place)
        yield item.section, item.kicker, item.headline
