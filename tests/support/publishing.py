"""Issues that go out in the tests, by the way that every issue goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from tests.support.installation import Installation, complete_content
from tests.support.sending import send_what_is_due
from topthree.domain.audit.entry import TERMINAL
from topthree.domain.planning.cadence import instant_of
from topthree.domain.writing.issue import IssueContent
from topthree.domain.writing.issue_file import IssueFile, write_issue
from topthree.domain.writing.item import Item
from topthree.services.archive.exchange_issue_files import import_files
from topthree.services.planning.slots_ahead import slot_choices
from topthree.services.sending.open_run import open_due_runs
from topthree.services.writing.read_issue import read_issue


def publish(installation: Installation, content: IssueContent | None = None) -> date:
    """Put an approved issue on the next slot, wait for it, and send it; return the day."""
    issue_id = installation.schedule_approved_issue(content)
    with installation.wiring.reading() as session:
        day = read_issue(session, issue_id).slot_day
    if day is None:
        raise AssertionError("The issue is on no slot.")
    installation.clock.now = instant_of(installation.wiring.cadence, day)
    for run_id in open_due_runs(installation.wiring):
        send_what_is_due(installation.wiring, run_id)
    return day


def take_into_archive(installation: Installation, content: IssueContent) -> date:
    """Let a file of a past day join the archive; return the day.

    Nobody approves a file, so it may hold what preflight would stop.
    """
    now = installation.clock()
    with installation.wiring.reading() as session:
        day = slot_choices(session, installation.wiring.cadence, now)[0].day
    installation.clock.now = instant_of(installation.wiring.cadence, day)
    file = installation.folder / "issue.md"
    file.write_text(write_issue(IssueFile(content=content, day=day, number=1, is_sample=True)))
    with installation.wiring.writing() as session:
        cadence = installation.wiring.cadence
        import_files(session, cadence, [file], TERMINAL, installation.clock())
    return day


def content_with(subject: str = "Share the lead", /, **changes: object) -> IssueContent:
    """An issue that lacks nothing, whose third item is changed like this."""
    content = complete_content(subject)
    first, second, third = content.items
    changed: Item = replace(third, **changes)  # type: ignore[arg-type]
    return replace(content, items=(first, second, changed))
