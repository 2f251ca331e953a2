"""A published issue's page is corrected with a note, while what was sent stays as it was sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.support.databases import Databases
from tests.support.installation import Installation, complete_content, dismantle, install
from topthree.domain.archive.issue_key import IssueKey
from topthree.domain.audit.entry import TERMINAL, Recorded
from topthree.domain.editors.permission import Role
from topthree.domain.ids import IssueId
from topthree.domain.refusal import Conflict, Invalid, NotAllowed
from topthree.domain.writing.issue import IssueContent
from topthree.domain.writing.issue_file import Malformed
from topthree.services.archive.browse_archive import list_archive, read_archived, read_as_sent
from topthree.services.archive.correct_issue import Corrected, Correcting, correct_issue
from topthree.services.archive.exchange_issue_files import import_files
from topthree.services.archive.record_run import record_runs
from topthree.services.audit.log import Wanted, list_entries
from topthree.services.identity.editor_view import EditorView
from topthree.services.sending.open_run import open_due_runs
from topthree.services.writing.read_issue import read_issue

THE_DAY = date(2026, 12, 3)
SENT = complete_content()
RIGHT = replace(SENT, subject="Share the lead, and the load")


@pytest.fixture
def pat(installation: Installation) -> EditorView:
    return installation.add_editor("Pat", Role.PUBLISHER)


@pytest.fixture
def issue_id(installation: Installation) -> IssueId:
    """An issue that has gone out, a day ago."""
    issue_id = installation.schedule_approved_issue(SENT)
    installation.clock.now = installation.clock.now.replace(month=12, day=3, hour=11)
    open_due_runs(installation.wiring)
    installation.clock.advance(timedelta(days=1))
    return issue_id


@pytest.fixture
def empty_house(sqlite_databases: Databases, tmp_path: Path) -> Iterator[Installation]:
    for url in sqlite_databases.fresh():
        house = install(tmp_path / "empty", url)
        yield house
        dismantle(house)


def correct(
    house: Installation,
    editor: EditorView,
    issue_id: IssueId,
    content: IssueContent = RIGHT,
    *,
    note: str = "The subject said half of it.",
    based_on: int = 0,
) -> Corrected:
    correcting = Correcting(issue_id=issue_id, based_on=based_on, content=content, note=note)
    with house.wiring.writing() as session:
        return correct_issue(session, correcting, editor, house.clock())


def test_the_page_says_what_is_right_and_the_record_what_was_sent(
    installation: Installation, pat: EditorView, issue_id: IssueId
) -> None:
    with installation.wiring.reading() as session:
        before = read_issue(session, issue_id)

    correct(installation, pat, issue_id)

    with installation.wiring.reading() as session:
        page = read_archived(session, installation.wiring.cadence, IssueKey(day=THE_DAY))
        record = read_as_sent(session, installation.wiring.cadence, IssueKey(day=THE_DAY))
        (entry,) = list_archive(session)
        assert read_issue(session, issue_id) == before
    assert page.edition.content == RIGHT
    assert record.edition.content == SENT
    assert (entry.subject, entry.modified_at) == (RIGHT.subject, installation.clock())
    assert [(each.note, each.by) for each in page.corrections] == [
        ("The subject said half of it.", "Pat")
    ]


def test_a_second_correction_stands_above_the_first(
    installation: Installation, pat: EditorView, issue_id: IssueId
) -> None:
    correct(installation, pat, issue_id)
    installation.clock.advance(timedelta(hours=1))
    later = replace(RIGHT, preheader="A guide, a voice, a chair.")

    stands = correct(installation, pat, issue_id, later, note="Fewer words.", based_on=1)

    assert stands.content == later
    assert [each.note for each in stands.corrections] == [
        "Fewer words.",
        "The subject said half of it.",
    ]


def test_two_who_correct_at_once_do_not_overwrite_each_other(
    installation: Installation, pat: EditorView, issue_id: IssueId
) -> None:
    correct(installation, pat, issue_id)

    with pytest.raises(Conflict, match="Pat has corrected"):
        correct(installation, pat, issue_id, replace(SENT, subject="Mine"))


WRONG = (
    (RIGHT, "", "Say in one sentence"),
    (RIGHT, "x" * 301, "at most 300 fit"),
    (RIGHT, "a \u202e b", "hidden character"),
    (SENT, "Nothing", "Nothing is changed"),
    (replace(SENT, subject=""), "Gone", "no subject"),
    (replace(SENT, subject="x" * 200), "Long", "at most 120 fit"),
)


def test_what_is_no_correction_is_refused(
    installation: Installation, pat: EditorView, issue_id: IssueId
) -> None:
    wim = installation.add_editor("Wim", Role.EDITOR)

    for content, note, said in WRONG:
        with pytest.raises(Invalid, match=said):
            correct(installation, pat, issue_id, content, note=note)
    with pytest.raises(NotAllowed):
        correct(installation, wim, issue_id)


def test_what_has_not_gone_out_is_not_corrected(
    installation: Installation, pat: EditorView
) -> None:
    waiting = installation.schedule_approved_issue()

    with pytest.raises(Conflict, match="has not gone out"):
        correct(installation, pat, waiting)


def test_the_public_record_keeps_both_and_the_log_names_who(
    installation: Installation, pat: EditorView, issue_id: IssueId
) -> None:
    record_runs(installation.wiring)
    folder = installation.wiring.issues_folder / THE_DAY.isoformat()
    before = {file.name: file.read_bytes() for file in folder.iterdir()}

    correct(installation, pat, issue_id)
    record_runs(installation.wiring)

    after = {file.name: file.read_bytes() for file in folder.iterdir()}
    facts = json.loads(after.pop("record.json"))
    corrected = after.pop("corrected.md").decode()
    assert after == {name: raw for name, raw in before.items() if name != "record.json"}
    assert RIGHT.subject in corrected
    assert [each["note"] for each in facts["corrections"]] == ["The subject said half of it."]
    assert newest_entry(installation).who.name == "Pat"


def test_a_correction_comes_back_with_the_files_of_the_record(
    installation: Installation,
    pat: EditorView,
    issue_id: IssueId,
    empty_house: Installation,
) -> None:
    correct(installation, pat, issue_id)
    record_runs(installation.wiring)
    folder = installation.wiring.issues_folder / THE_DAY.isoformat()
    wiring, now = empty_house.wiring, installation.clock()
    record = (folder / "record.json").read_bytes()

    (folder / "record.json").write_text("{}")
    with pytest.raises(Malformed, match="does not say when and why"), wiring.writing() as session:
        import_files(session, wiring.cadence, [folder], TERMINAL, now)
    (folder / "record.json").write_bytes(record)
    with wiring.writing() as session:
        import_files(session, wiring.cadence, [folder], TERMINAL, now)
        page = read_archived(session, wiring.cadence, IssueKey(day=THE_DAY))
        sent = read_as_sent(session, wiring.cadence, IssueKey(day=THE_DAY))

    assert (page.edition.content, sent.edition.content) == (RIGHT, SENT)
    assert [(each.note, each.at) for each in page.corrections] == [
        ("The subject said half of it.", now)
    ]


def newest_entry(house: Installation) -> Recorded:
    with house.wiring.reading() as session:
        return list_entries(session, Wanted(), limit=1).entries[0]
