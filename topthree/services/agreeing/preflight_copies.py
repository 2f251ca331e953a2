"""Preflight at the terminal: of issues at the desk, and of files that may never come there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from topthree.domain.newsletter import Edition
from topthree.domain.planning.cadence import instant_of
from topthree.domain.refusal import Refusal
from topthree.services.archive.exchange_issue_files import issue_files_below, read_file
from topthree.services.links.linked_documents import linked_documents
from topthree.services.proofing.preflight_issue import (
    Copy,
    Preflight,
    preflight_copy,
    preflight_issue,
)
from topthree.services.wiring import Wiring
from topthree.services.writing.read_issue import find_issue_named
from topthree.store.writing.issues import find_published_issue, next_number


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedCopy:
    """A copy of an issue, and what was found in it."""

    #: As it was named: the path of a file, or the date or id of an issue.
    name: str
    subject: str = ""
    #: Why it cannot be read; empty if it can.
    refused: str = ""
    preflight: Preflight = field(default_factory=Preflight)


def preflight_named(session: Session, wiring: Wiring, name: str, now: datetime) -> CheckedCopy:
    """Check the issue of a date (``2026-12-03``) or with an id.

    :raises NotFound: if there is none.
    """
    issue = find_issue_named(session, name)
    found = preflight_issue(session, wiring, issue, now)
    return CheckedCopy(name=name, subject=issue.content.subject, preflight=found)


def preflight_files(
    session: Session, wiring: Wiring, path: Path, now: datetime
) -> Iterator[CheckedCopy]:
    """Check the issue file at this path, or all below a folder; nothing is taken in.

    :raises NotFound: if there is none.
    """
    for file in issue_files_below([path]):
        try:
            yield _checked_file(session, wiring, file, now)
        except Refusal as refusal:
            yield CheckedCopy(name=str(file), refused=str(refusal))


def _checked_file(session: Session, wiring: Wiring, path: Path, now: datetime) -> CheckedCopy:
    file = read_file(path)
    edition = Edition(
        content=file.content,
        number=file.number or next_number(session),
        day=file.day or wiring.cadence.day_at(now),
        is_sample=file.is_sample,
        documents=linked_documents(session, file.content),
    )
    known = find_published_issue(session, file.day) if file.day else None
    goes_at = instant_of(wiring.cadence, file.day) if file.day else None
    copy = Copy(edition=edition, goes_at=goes_at, issue_id=known.id if known else None)
    found = preflight_copy(session, wiring, copy, now)
    return CheckedCopy(name=str(path), subject=file.content.subject, preflight=found)
