"""A correction is a small issue for those who got the one that it corrects, and for nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.support.faults import Fault, Phase
from tests.support.installation import Installation, complete_content, dismantle, install
from tests.support.relay import Relay
from tests.support.sending import send_what_is_due
from topthree.domain.archive.issue_key import IssueKey
from topthree.domain.audit.entry import TERMINAL
from topthree.domain.editors.permission import Role
from topthree.domain.ids import IssueId, SubscriberId
from topthree.domain.refusal import Conflict
from topthree.domain.sending.warm_up import parse_warm_up
from topthree.domain.writing.issue import missing_from
from topthree.domain.writing.issue_file import IssueFile, write_issue
from topthree.domain.writing.issue_file import read_issue as read_file
from topthree.services.agreeing.review_issue import Asking, Reading, approve_issue, submit_issue
from topthree.services.archive.begin_correction import begin_correction
from topthree.services.archive.browse_archive import list_archive, read_archived
from topthree.services.archive.exchange_issue_files import import_files
from topthree.services.archive.record_run import record_runs
from topthree.services.identity.editor_view import EditorView
from topthree.services.planning.schedule_issue import Placing, schedule_issue
from topthree.services.sending.announce import announce
from topthree.services.sending.open_run import open_due_runs, send_now
from topthree.services.sending.report_run import RunView, read_run
from topthree.services.subscribers.unsubscribe import unsubscribe
from topthree.services.writing.compose_issue import Save, save_issue
from topthree.services.writing.read_issue import IssueView, find_issue_named, read_issue
from topthree.tokens import Purpose

THE_DAY = date(2026, 12, 3)


@pytest.fixture
def house(database_url: str, relay: Relay, tmp_path: Path) -> Iterator[Installation]:
    """Ann and Ben get the first issue, Cy's address is refused; the clock stands a day later."""
    installation = install(tmp_path / "house", database_url, TOPTHREE_SMTP_URL=relay.url)
    relay.add_fault(Fault(phase=Phase.RCPT, recipient="cy@school.example", refuse="550 no"))
    installation.add_subscribers("ann@school.example", "ben@school.example", "cy@school.example")
    yield installation
    dismantle(installation)


@pytest.fixture
def pat(house: Installation) -> EditorView:
    return house.add_editor("Pat", Role.PUBLISHER)


@pytest.fixture
def first(house: Installation, pat: EditorView) -> IssueId:
    issue_id = house.schedule_approved_issue()
    house.clock.now = house.clock.now.replace(month=12, day=3, hour=11)
    (run_id,) = open_due_runs(house.wiring)
    send_what_is_due(house.wiring, run_id)
    house.clock.now = house.clock.now.replace(month=12, day=4, hour=15)
    return issue_id


def begin(house: Installation, issue_id: IssueId, editor: EditorView) -> IssueView:
    with house.wiring.writing() as session:
        return begin_correction(session, issue_id, editor, house.clock())


def approve(house: Installation, issue_id: IssueId, author: EditorView) -> None:
    reader = house.add_editor(f"Reader-{issue_id}", Role.PUBLISHER)
    now = house.clock()
    with house.wiring.writing() as session:
        digest = read_issue(session, issue_id).digest
        submit_issue(session, house.wiring, Asking(issue_id=issue_id), author, now)
        reading = Reading(issue_id=issue_id, digest=digest)
        approve_issue(session, house.wiring, reading, reader, now)


def send(house: Installation, issue_id: IssueId, editor: EditorView) -> RunView:
    run_id = send_now(house.wiring, issue_id, editor)
    send_what_is_due(house.wiring, run_id)
    with house.wiring.reading() as session:
        return read_run(session, run_id)


def bodies(content: bytes) -> tuple[str, str]:
    """Return what the text part and the HTML part of a message say."""
    plain, rich = message_from_bytes(content, policy=policy.default).iter_parts()
    return plain.get_content().replace("\r\n", "\n"), rich.get_content()


def leave(house: Installation, subscriber: int) -> None:
    with house.wiring.writing() as session:
        tokens, now = house.wiring.tokens, house.clock()
        token = tokens.sign(Purpose.UNSUBSCRIBE, SubscriberId(subscriber), now)
        unsubscribe(session, tokens, token, by_one_click=True, now=now)


def test_a_correction_begins_with_what_it_is_about(
    house: Installation, pat: EditorView, first: IssueId
) -> None:
    correction = begin(house, first, pat)
    again = begin(house, first, house.add_editor("Quinn", Role.WRITER))

    content = correction.content
    assert content.subject == "Correction: Share the lead"
    assert "In our letter of Thursday, December 3, 2026, “Share the lead”" in content.greeting
    assert (content.corrects, correction.missing) == (THE_DAY, ())
    assert again.id == correction.id


def test_it_goes_to_those_who_got_the_first_and_are_still_there(
    house: Installation, relay: Relay, pat: EditorView, first: IssueId
) -> None:
    leave(house, 2)
    house.add_subscribers("dee@school.example")
    correction = begin(house, first, pat)
    approve(house, correction.id, pat)
    relay.wait_for(2)
    with house.wiring.reading() as session:
        going = announce(session, house.wiring.cadence, read_issue(session, correction.id))

    run = send(house, correction.id, pat)

    sent = relay.wait_for(3)[2:]
    assert going.sentence == (
        "The correction of the issue of Thursday, December 3, 2026 goes to 1 teacher."
    )
    assert (run.audience, [each.recipients for each in sent]) == (1, [("ann@school.example",)])


def test_it_may_go_on_the_day_of_its_issue_which_keeps_its_address(
    house: Installation, relay: Relay, pat: EditorView, first: IssueId
) -> None:
    house.clock.now = house.clock.now.replace(day=3, hour=15)
    correction = begin(house, first, pat)
    approve(house, correction.id, pat)

    send(house, correction.id, pat)

    with house.wiring.reading() as session:
        there = read_archived(session, house.wiring.cadence, IssueKey(day=THE_DAY))
        (key,) = there.sent_corrections
        page = read_archived(session, house.wiring.cadence, key)
        days = [(entry.day, entry.key) for entry in list_archive(session)]
        ran = find_issue_named(session, str(key))
    assert str(key) == f"2026-12-03-correction-{page.edition.number}"
    assert days == [(THE_DAY, key), (THE_DAY, IssueKey(day=THE_DAY))]
    assert there.following is not None
    assert (there.following.key, ran.id) == (key, correction.id)
    mail = relay.accepted[-1].content.decode()
    assert f"Archived-At: <http://letters.example/issues/{key}/>" in mail


def test_two_corrections_and_an_issue_fit_on_one_day_and_the_slot_still_runs(
    house: Installation, pat: EditorView, first: IssueId
) -> None:
    house.clock.now = house.clock.now.replace(day=17, hour=6)
    for _ in range(2):
        correction = begin(house, first, pat)
        approve(house, correction.id, pat)
        send(house, correction.id, pat)
    house.clock.now = house.clock.now.replace(day=10)
    third = house.schedule_approved_issue()
    house.clock.now = house.clock.now.replace(day=17, hour=11)

    (run_id,) = open_due_runs(house.wiring)

    with house.wiring.reading() as session:
        assert read_run(session, run_id).issue_id == third
        keys = [str(entry.key) for entry in list_archive(session)]
    assert keys == [
        "2026-12-17",
        "2026-12-17-correction-3",
        "2026-12-17-correction-2",
        "2026-12-03",
    ]


def test_it_stands_on_no_slot(house: Installation, pat: EditorView, first: IssueId) -> None:
    correction = begin(house, first, pat)
    placing = Placing(issue_id=correction.id, day=date(2026, 12, 17))

    with (
        house.wiring.writing() as session,
        pytest.raises(Conflict, match="A correction waits for no slot"),
    ):
        schedule_issue(session, house.wiring.cadence, placing, pat, house.clock())


def test_the_files_of_a_day_with_two_come_back_as_two(
    house: Installation, pat: EditorView, first: IssueId
) -> None:
    house.clock.now = house.clock.now.replace(day=3, hour=15)
    correction = begin(house, first, pat)
    approve(house, correction.id, pat)
    send(house, correction.id, pat)
    record_runs(house.wiring)

    with house.wiring.writing() as session:
        reports = import_files(
            session,
            house.wiring.cadence,
            [house.wiring.issues_folder],
            TERMINAL,
            house.clock(),
        )

    assert [(Path(each.path).parent.name, each.is_new) for each in reports] == [
        ("2026-12-03", False),
        ("2026-12-03-correction-2", False),
    ]


def test_its_mail_has_no_empty_places_and_the_pages_lead_to_each_other(
    house: Installation, relay: Relay, pat: EditorView, first: IssueId
) -> None:
    correction = begin(house, first, pat)
    approve(house, correction.id, pat)
    send(house, correction.id, pat)

    with house.wiring.reading() as session:
        page = read_archived(
            session, house.wiring.cadence, IssueKey(day=date(2026, 12, 4), correction=2)
        )
        corrected = read_archived(session, house.wiring.cadence, IssueKey(day=THE_DAY))
    mail = relay.accepted[-1].content.decode()
    assert "RESOURCE" not in mail
    plain, rich = bodies(relay.accepted[-1].content)
    first_page = "http://letters.example/issues/2026-12-03/"
    assert f"This corrects the letter of December 3, 2026:\n<{first_page}>" in plain
    assert re.search(rf'<a [^>]*href="{first_page}"[^>]*>This corrects the letter of', rich)
    assert page.edition.content.corrects == THE_DAY
    assert page.edition.number == corrected.edition.number + 1
    assert corrected.sent_corrections == (page.edition.key,)


def test_an_item_that_is_begun_has_to_be_whole(
    house: Installation, pat: EditorView, first: IssueId
) -> None:
    content = begin(house, first, pat).content
    one = replace(content.items[0], headline="The right link")

    begun = replace(content, items=(one, *content.items[1:]))
    without = replace(content, greeting="")

    assert [problem.field for problem in missing_from(begun)] == ["item-1-body"]
    assert [problem.field for problem in missing_from(without)] == ["greeting"]


def test_whom_it_corrects_is_not_changed_by_a_form(
    house: Installation, pat: EditorView, first: IssueId
) -> None:
    correction = begin(house, first, pat)
    ordinary = house.schedule_approved_issue()

    with house.wiring.writing() as session:
        for issue_id, wrong in ((correction.id, None), (ordinary, THE_DAY)):
            issue = read_issue(session, issue_id)
            content = replace(issue.content, subject="Changed", corrects=wrong)
            save = Save(issue_id=issue_id, version=issue.version, content=content)
            save_issue(session, save, pat, house.clock())

    with house.wiring.reading() as session:
        assert read_issue(session, correction.id).content.corrects == THE_DAY
        assert read_issue(session, ordinary).content.corrects is None


def test_it_waits_until_the_first_is_done(
    house: Installation, relay: Relay, pat: EditorView
) -> None:
    issue_id = house.schedule_approved_issue()
    house.clock.now = house.clock.now.replace(month=12, day=3, hour=11)
    (run_id,) = open_due_runs(house.wiring)
    correction = begin(house, issue_id, pat)
    approve(house, correction.id, pat)
    house.clock.advance(timedelta(days=1))

    with pytest.raises(Conflict, match="is still going out"):
        send_now(house.wiring, correction.id, pat)

    send_what_is_due(house.wiring, run_id)
    assert send(house, correction.id, pat).audience == 2


def test_a_correction_of_a_correction_or_of_a_draft_is_refused(
    house: Installation, pat: EditorView, first: IssueId
) -> None:
    correction = begin(house, first, pat)

    with pytest.raises(Conflict, match="has not gone out"):
        begin(house, correction.id, pat)

    approve(house, correction.id, pat)
    send(house, correction.id, pat)
    with pytest.raises(Conflict, match="is a correction itself"):
        begin(house, correction.id, pat)


def test_a_sender_who_warms_up_spreads_only_those_who_got_the_first(
    house: Installation, pat: EditorView, first: IssueId
) -> None:
    house.add_subscribers("dee@school.example", "eve@school.example")
    correction = begin(house, first, pat)
    approve(house, correction.id, pat)
    slow = replace(house.wiring, warm_up=parse_warm_up("2026-12-04 1"))

    run_id = send_now(slow, correction.id, pat)

    with house.wiring.reading() as session:
        assert read_run(session, run_id).audience == 2


def test_a_file_keeps_what_an_issue_corrects() -> None:
    content = replace(complete_content(), corrects=THE_DAY)

    text = write_issue(IssueFile(content=content))

    assert "corrects: 2026-12-03" in text
    assert read_file(text, name="issue.md").content == content
