"""Issues as files: checking them, taking them in all or none, and writing them out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from topthree.domain.archive.issue_key import key_of
from topthree.domain.audit.act import Act
from topthree.domain.audit.entry import TERMINAL, Entry, Thing, ThingKind, Who
from topthree.domain.planning.cadence import Cadence, instant_of, is_slot
from topthree.domain.refusal import NotFound, Refusal
from topthree.domain.writing.issue import IssueStatus, missing_from
from topthree.domain.writing.issue_file import (
    SIZE_LIMIT,
    IssueFile,
    Malformed,
    decode_issue,
    read_issue,
    write_issue,
)
from topthree.domain.writing.version import VersionKind
from topthree.domain.years import is_plausible
from topthree.services.archive.issue_file_pictures import (
    check_pictures,
    take_in_pictures,
    write_pictures,
)
from topthree.services.archive.take_in_corrections import RECORD_FILE, take_in_corrections
from topthree.services.archive.whole_files import write_whole
from topthree.services.audit.log import record
from topthree.services.writing.compose_issue import Change, begin_issue
from topthree.services.writing.read_issue import IssueView
from topthree.store.planning.slots import cadence_exceptions
from topthree.store.writing.issues import (
    IssueRow,
    find_draft_with,
    find_issue_of_slot,
    find_issue_with_key,
    find_issue_with_number,
    find_published_issue,
    new_issue,
)

ISSUE_FILE = "issue.md"
_THERE_ALREADY = "there already"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """What a file holds, or why it is refused."""

    path: str
    subject: str = ""
    #: File, line and reason; empty: the file is good.
    refused: str = ""
    #: What an import does, or did, with it.
    outcome: str = ""

    @property
    def is_new(self) -> bool:
        """Tell whether an import has taken it in."""
        return self.outcome not in ("", _THERE_ALREADY)


def check_files(paths: Sequence[Path]) -> tuple[FileReport, ...]:
    """Read every issue below these paths and say which cannot be taken in; changes nothing.

    :raises NotFound: if there is no issue file at all.
    """
    return tuple(_check(path) for path in issue_files_below(paths))


def import_files(
    session: Session, cadence: Cadence, paths: Sequence[Path], who: Who, now: datetime
) -> tuple[FileReport, ...]:
    """Take in every issue below these paths; the first refusal leaves the caller to take in none.

    What has gone out, as its record says, or is a sample of a past day joins the archive; what has
    a day ahead is planned for it; the rest are drafts. An issue that is there already with the
    same content is passed over, so importing twice is harmless.

    :raises Refusal: naming the file.
    """
    files = [(path, _with_pictures(session, path, now)) for path in issue_files_below(paths)]
    ordered = sorted(files, key=lambda pair: (pair[1].day is None, pair[1].day or now.date()))
    reports = tuple(_take_in(session, cadence, path, file, now) for path, file in ordered)
    about = Thing(kind=ThingKind.ISSUE, label=", ".join(report.subject for report in reports))
    details = {"files": len(reports), "new": sum(report.is_new for report in reports)}
    record(session, Entry(who=who, act=Act.ISSUES_IMPORTED, about=about, details=details), now)
    return reports


def export_issue(session: Session, issue: IssueView, folder: Path) -> Path:
    """Write the issue below the folder and return the file; an older one is replaced whole.

    Its pictures are written beside it.
    """
    day = issue.day or issue.slot_day
    target = folder / str(issue.key or issue.slot_day or f"draft-{issue.id}") / ISSUE_FILE
    file = IssueFile(
        content=issue.content,
        day=day,
        number=issue.number if issue.status.is_published else None,
        is_sample=issue.is_sample,
    )
    write_pictures(session, target.parent, issue.content)
    write_whole(target, write_issue(file).encode())
    return target


def issue_files_below(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Return the issue files that these paths are, or that lie below them.

    :raises NotFound: if there is none.
    """
    found: set[Path] = set()
    for path in paths:
        if path.is_file():
            found.add(path)
        else:
            found.update(file for file in path.glob(f"**/{ISSUE_FILE}") if not file.is_symlink())
    if not found:
        names = ", ".join(str(path) for path in paths)
        message = f"There is no {ISSUE_FILE} in {names}. Name a folder that holds issues."
        raise NotFound(message)
    return tuple(sorted(found))


def read_file(path: Path) -> IssueFile:
    """Return what the file holds; its pictures lie beside it.

    :raises Refusal: if it or one of them cannot be taken in; the text names the file.
    """
    file = _read(path)
    with _naming(path):
        check_pictures(path.parent, file.content)
    return file


def _read(path: Path) -> IssueFile:
    name = str(path)
    try:
        with path.open("rb") as opened:
            raw = opened.read(SIZE_LIMIT + 1)
    except OSError as error:
        message = f"{name} cannot be read: {error.strerror}."
        raise Refusal(message) from error
    return read_issue(decode_issue(raw, name=name), name=name)


def _with_pictures(session: Session, path: Path, now: datetime) -> IssueFile:
    file = _read(path)
    with _naming(path):
        content = take_in_pictures(session, path.parent, file.content, now)
    return replace(file, content=content)


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Let a refusal say which file it is about."""
    try:
        yield
    except Refusal as error:
        raise Refusal(f"{path}: {error}") from error


def _check(path: Path) -> FileReport:
    try:
        file = read_file(path)
    except Refusal as error:
        return FileReport(path=str(path), refused=str(error))
    return FileReport(path=str(path), subject=file.content.subject)


def _take_in(
    session: Session, cadence: Cadence, path: Path, file: IssueFile, now: datetime
) -> FileReport:
    known = _known(session, file)
    if known is not None:
        if known.content != file.content:
            message = f"{path}: another issue stands on {file.day}. Nothing was imported."
            raise Refusal(message)
        return _report(path, file, _THERE_ALREADY)
    issue = new_issue(file.content, created_at=now, is_sample=file.is_sample)
    outcome = _place(session, cadence, issue, (path, file), now)
    begin_issue(session, issue, Change(kind=VersionKind.IMPORTED, who=TERMINAL, at=now))
    if issue.status.is_published:
        take_in_corrections(
            session, issue, path.parent, lambda beside: _with_pictures(session, beside, now)
        )
    return _report(path, file, outcome)


def _place(
    session: Session,
    cadence: Cadence,
    issue: IssueRow,
    source: tuple[Path, IssueFile],
    now: datetime,
) -> str:
    """Decide where the issue stands and return that in words."""
    path, file = source
    if file.day is None:
        return "draft"
    if not is_plausible(file.day):
        raise Malformed(file=str(path), line=1, reason=f"the year {file.day.year} is a slip.")
    if instant_of(cadence, file.day) > now:
        if file.content.corrects is not None:
            message = "a correction waits for no slot. Leave the date out."
            raise Malformed(file=str(path), line=1, reason=message)
        if not is_slot(cadence, cadence_exceptions(session), file.day):
            message = f"no letter goes out on {file.day}. Choose a slot, or leave the date out."
            raise Malformed(file=str(path), line=1, reason=message)
        issue.slot_day = file.day
        return f"draft, planned for {file.day}"
    if not file.is_sample and not path.with_name(RECORD_FILE).is_file():
        message = f"{file.day} has passed and no {RECORD_FILE} says that it went out."
        raise Malformed(file=str(path), line=1, reason=f"{message} Leave the date out.")
    _publish(session, cadence, issue, source)
    return "archive"


def _publish(
    session: Session, cadence: Cadence, issue: IssueRow, source: tuple[Path, IssueFile]
) -> None:
    path, file = source
    missing = missing_from(file.content)
    if file.day is None or file.number is None or missing:
        lacks = missing[0].message if missing else "It needs “number:” as well as “date:”."
        raise Malformed(file=str(path), line=1, reason=f"it has gone out but is not whole. {lacks}")
    if find_issue_with_number(session, file.number) is not None:
        message = f"number {file.number} is another issue's. Nothing was imported."
        raise Malformed(file=str(path), line=1, reason=message)
    issue.status = IssueStatus.SENT
    issue.day, issue.number = file.day, file.number
    issue.published_at = instant_of(cadence, file.day)


def _known(session: Session, file: IssueFile) -> IssueRow | None:
    if file.day is None:
        return find_draft_with(session, file.content)
    if file.content.corrects and file.number:
        return find_issue_with_key(session, key_of(file.day, file.number, file.content.corrects))
    return find_published_issue(session, file.day) or find_issue_of_slot(session, file.day)


def _report(path: Path, file: IssueFile, outcome: str) -> FileReport:
    return FileReport(path=str(path), subject=file.content.subject, outcome=outcome)
