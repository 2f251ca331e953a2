"""The public record: what went out, written as plain files that outlive the database."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from topthree.domain.ids import RunId
from topthree.domain.writing.issue_file import IssueFile, write_issue
from topthree.services.archive.correct_issue import Corrected, corrected
from topthree.services.archive.exchange_issue_files import export_issue
from topthree.services.archive.take_in_corrections import CORRECTED_FILE, RECORD_FILE
from topthree.services.archive.whole_files import write_whole
from topthree.services.sending.report_run import RunView, read_run
from topthree.services.wiring import Wiring
from topthree.services.writing.read_issue import IssueView, read_issue
from topthree.store.sending.corrected_letters import corrected_letters
from topthree.store.sending.runs import find_run, unrecorded_runs

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Letter:
    #: Of the correction up to which it is corrected.
    number: int
    approved_at: datetime
    message_digest: str
    html: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    issue: IssueView
    run: RunView
    message_digest: str
    html: str
    text: str
    corrected: Corrected
    #: The corrected letters that went to those who had not got the first, oldest first.
    letters: tuple[_Letter, ...]


def record_runs(wiring: Wiring) -> int:
    """Write the files of every run that has none yet, or old ones; return how many succeeded.

    Once when a run opens and again when it is done, with the final counts. Twice is harmless.
    """
    with wiring.reading() as session:
        waiting = unrecorded_runs(session)
    return sum(_is_recorded(wiring, run_id) for run_id in waiting)


def _is_recorded(wiring: Wiring, run_id: RunId) -> bool:
    try:
        _record(wiring, run_id)
    except OSError as error:
        # A full disk, or a folder that is not ours: the next time tries again, others go on.
        _log.warning("run %d is not recorded yet: %s", run_id, error)
        return False
    return True


def _record(wiring: Wiring, run_id: RunId) -> None:
    record = _read(wiring, run_id)
    with wiring.reading() as session:
        folder = export_issue(session, record.issue, wiring.issues_folder).parent
    write_whole(folder / "message.html", record.html.encode())
    write_whole(folder / "message.txt", record.text.encode())
    for letter in record.letters:
        write_whole(folder / f"message-corrected-{letter.number}.html", letter.html.encode())
        write_whole(folder / f"message-corrected-{letter.number}.txt", letter.text.encode())
    if record.corrected.corrections:
        write_whole(folder / CORRECTED_FILE, _page_file(record).encode())
    write_whole(folder / RECORD_FILE, _facts(record).encode())
    now = wiring.clock()
    with wiring.writing() as session:
        run = find_run(session, run_id)
        if run is not None and run.finished_at == record.run.finished_at:
            run.recorded_at = now


def _read(wiring: Wiring, run_id: RunId) -> _Record:
    with wiring.reading() as session:
        run = read_run(session, run_id)
        row = find_run(session, run_id)
        if row is None:
            raise LookupError(run_id)
        return _Record(
            issue=read_issue(session, run.issue_id),
            run=run,
            message_digest=row.message_digest,
            html=row.html,
            text=row.text,
            corrected=corrected(session, run.issue_id),
            letters=tuple(_letters(session, run_id)),
        )


def _letters(session: Session, run_id: RunId) -> Iterator[_Letter]:
    for row in reversed(corrected_letters(session, run_id)):
        yield _Letter(
            number=row.number,
            approved_at=row.approved_at,
            message_digest=row.message_digest,
            html=row.html,
            text=row.text,
        )


def _page_file(record: _Record) -> str:
    """Return what the page says, in the words of an issue file; the issue's own stays as sent."""
    file = IssueFile(
        content=record.corrected.content,
        day=record.run.day,
        number=record.run.number,
        is_sample=record.issue.is_sample,
    )
    return write_issue(file)


def _facts(record: _Record) -> str:
    issue, run = record.issue, record.run
    facts = {
        "number": run.number,
        "date": run.day.isoformat(),
        "content_sha256": issue.digest,
        "message_sha256": record.message_digest,
        "approved_by": issue.approved_by,
        "approved_at": issue.approved_at.isoformat() if issue.approved_at else None,
        "opened_at": run.opened_at.isoformat(),
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "audience": run.audience,
        "corrections": [
            {"at": each.at.isoformat(), "by": each.by, "note": each.note}
            for each in reversed(record.corrected.corrections)
        ],
        "corrected_letters": [
            {
                "correction": letter.number,
                "message_sha256": letter.message_digest,
                "approved_at": letter.approved_at.isoformat(),
            }
            for letter in record.letters
        ],
        "counts": {status.value: count for status, count in run.counts.items()},
    }
    return json.dumps(facts, indent=2, ensure_ascii=False) + "\n"
