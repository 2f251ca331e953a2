"""Issues as files: all or none are taken in, and what went out comes back the same."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.support.installation import Installation, complete_content
from tests.support.sending import send_what_is_due
from topthree.domain.audit.entry import TERMINAL
from topthree.domain.refusal import NotFound, Refusal
from topthree.domain.writing.issue import IssueStatus
from topthree.domain.writing.issue_file import IssueFile, write_issue
from topthree.services.archive.exchange_issue_files import (
    FileReport,
    check_files,
    export_issue,
    import_files,
)
from topthree.services.archive.record_run import record_runs
from topthree.services.sending.open_run import open_due_runs
from topthree.services.writing.read_issue import find_issue_named, list_issues

SAMPLES = Path(__file__).resolve().parents[2] / "issues"


def take_in(installation: Installation, *paths: Path) -> tuple[FileReport, ...]:
    with installation.wiring.writing() as session:
        return import_files(
            session, installation.wiring.cadence, paths, TERMINAL, installation.clock()
        )


def write(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True)
    file = folder / "issue.md"
    file.write_text(text)
    return file


def issue_count(installation: Installation) -> int:
    with installation.wiring.reading() as session:
        return len(list_issues(session))


def test_the_samples_fill_the_archive_and_leave_a_draft(installation: Installation) -> None:
    take_in(installation, SAMPLES)

    with installation.wiring.reading() as session:
        issues = list_issues(session)
        newest = find_issue_named(session, "2026-11-19")
    assert [issue.status for issue in issues].count(IssueStatus.SENT) == 7
    assert [issue.status for issue in issues].count(IssueStatus.DRAFT) == 1
    assert (newest.number, newest.is_sample) == (27, True)


def test_importing_twice_adds_nothing(installation: Installation) -> None:
    take_in(installation, SAMPLES)
    count = issue_count(installation)

    reports = take_in(installation, SAMPLES)

    assert {report.outcome for report in reports} == {"there already"}
    assert issue_count(installation) == count


def test_one_bad_file_keeps_all_the_others_out(installation: Installation, tmp_path: Path) -> None:
    good = write_issue(IssueFile(content=complete_content()))
    write(tmp_path / "in" / "a", good)
    write(tmp_path / "in" / "b", good.replace("# Reflection", "# Reflexion"))

    with pytest.raises(Refusal, match=r"b/issue.md, line \d+: "):
        take_in(installation, tmp_path / "in")
    assert issue_count(installation) == 0


def test_checking_names_each_bad_file_and_changes_nothing(
    installation: Installation, tmp_path: Path
) -> None:
    good = write_issue(IssueFile(content=complete_content()))
    write(tmp_path / "a", good)
    write(tmp_path / "b", good.replace("headline: I stopped", "headlin: I stopped"))

    fine, bad = check_files([tmp_path])

    assert (fine.subject, fine.refused) == ("Share the lead", "")
    assert "line" in bad.refused
    assert "headline" in bad.refused
    assert issue_count(installation) == 0


def test_a_folder_without_issues_is_no_import(installation: Installation, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"no issue\.md"):
        take_in(installation, tmp_path)


def test_a_link_to_a_file_elsewhere_is_not_followed(
    installation: Installation, tmp_path: Path
) -> None:
    secret = write(tmp_path / "elsewhere", write_issue(IssueFile(content=complete_content())))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "issue.md").symlink_to(secret)

    with pytest.raises(NotFound):
        take_in(installation, tmp_path / "in")


def test_a_day_that_has_passed_needs_the_record_of_its_run(
    installation: Installation, tmp_path: Path
) -> None:
    content = write_issue(IssueFile(content=complete_content(), day=find_past_slot(), number=12))
    file = write(tmp_path / "in", content)

    with pytest.raises(Refusal, match="has passed"):
        take_in(installation, file)
    (tmp_path / "in" / "record.json").write_text("{}")
    (report,) = take_in(installation, file)
    assert report.outcome == "archive"


@pytest.mark.parametrize("day", [date(1, 1, 1), date(1999, 12, 31), date(9999, 12, 31)])
def test_a_day_that_is_a_slip_is_refused_even_for_a_sample(
    installation: Installation, tmp_path: Path, day: date
) -> None:
    file = IssueFile(content=complete_content(), day=day, number=1, is_sample=True)

    with pytest.raises(Refusal, match=f"the year {day.year} is a slip"):
        take_in(installation, write(tmp_path / "in", write_issue(file)))
    assert issue_count(installation) == 0


def find_past_slot() -> date:
    return date(2026, 10, 8)


def test_a_day_ahead_is_planned_if_it_is_a_slot(installation: Installation, tmp_path: Path) -> None:
    slot = write(
        tmp_path / "a", write_issue(IssueFile(content=complete_content(), day=date(2026, 12, 3)))
    )
    other = write(
        tmp_path / "b", write_issue(IssueFile(content=complete_content(), day=date(2026, 12, 4)))
    )

    (report,) = take_in(installation, slot)

    assert report.outcome == "draft, planned for 2026-12-03"
    with pytest.raises(Refusal, match="no letter goes out on 2026-12-04"):
        take_in(installation, other)


def test_what_was_sent_and_recorded_comes_back_whole_in_another_installation(
    installation: Installation, tmp_path: Path
) -> None:
    installation.add_subscribers("ann@school.example")
    issue_id = installation.schedule_approved_issue()
    installation.clock.now = installation.clock.now.replace(month=12, day=3, hour=11)
    (run_id,) = open_due_runs(installation.wiring)
    send_what_is_due(installation.wiring, run_id)
    record_runs(installation.wiring)
    recorded = installation.wiring.issues_folder / "2026-12-03" / "issue.md"

    with installation.wiring.reading() as session:
        sent = find_issue_named(session, str(issue_id))
        again = export_issue(session, sent, tmp_path / "out")

    assert again.read_bytes() == recorded.read_bytes()
    (report,) = check_files([recorded])
    assert report.refused == ""
    assert take_in(installation, recorded)[0].outcome == "there already"
