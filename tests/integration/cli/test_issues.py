"""Issues, at the terminal: what there is, what it looks like, and its way out."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Terminal
from tests.support.installation import Installation, complete_content, with_wiring
from tests.support.sending import send_what_is_due
from topthree.domain.editors.permission import Role
from topthree.domain.ids import IssueId
from topthree.services.agreeing.review_issue import Asking, submit_issue
from topthree.services.sending.finish_run import unfinished_runs
from topthree.services.sending.send_by_hand import open_asked_runs
from topthree.services.writing.compose_issue import create_issue

SAMPLES = Path(__file__).parents[3] / "issues"
KEYS = {
    "id",
    "number",
    "day",
    "status",
    "subject",
    "is_sample",
    "missing_count",
    "edited_at",
    "edited_by",
    "items",
}


@pytest.fixture
def waiting(installation: Installation) -> IssueId:
    """An issue that Wanda wrote and submitted; Paula is a publisher."""
    writer = installation.add_editor("Wanda", Role.EDITOR)
    installation.add_editor("Paula", Role.PUBLISHER)
    with installation.wiring.writing() as session:
        issue = create_issue(session, complete_content(), writer, installation.clock())
        asking = Asking(issue_id=issue.id)
        submit_issue(session, installation.wiring, asking, writer, installation.clock())
    return issue.id


def test_an_issue_is_listed_with_its_state_for_people_and_for_programs(
    terminal: Terminal, waiting: IssueId
) -> None:
    table = terminal.output("issues", "list")
    rows = terminal.json("issues", "list")

    assert "in review" in table
    assert "Share the lead" in table
    assert isinstance(rows, list)
    assert set(rows[0]) == KEYS
    assert rows[0]["id"] == waiting


def test_without_issues_the_list_says_how_to_begin(terminal: Terminal) -> None:
    assert "There is no issue yet." in terminal.output("issues", "list")


def test_nobody_approves_at_the_terminal_what_they_wrote(
    terminal: Terminal, waiting: IssueId
) -> None:
    said = terminal.refusal("issues", "approve", str(waiting), "--as", "wanda@desk.example")

    assert "somebody else has to approve it" in said


def test_a_second_person_approves_and_puts_on_the_first_free_slot(
    terminal: Terminal, waiting: IssueId
) -> None:
    as_paula = ("--as", "paula@desk.example")

    terminal.output("issues", "approve", str(waiting), *as_paula)
    said = terminal.output("issues", "schedule", str(waiting), "--slot", "next", *as_paula)

    assert "Thursday, 2026-12-03, 06:00 EST" in said
    assert "yet to be approved" not in said
    assert "approved" in terminal.output("cadence", "show", "--count", "1")


def test_a_draft_may_hold_a_slot_and_is_told_what_it_lacks(
    terminal: Terminal, waiting: IssueId
) -> None:
    schedule = ("issues", "schedule", str(waiting), "--slot", "2026-12-17")

    said = terminal.output(*schedule, "--as", "paula@desk.example")

    assert "yet to be approved" in said


def test_a_day_that_is_no_slot_takes_no_issue(terminal: Terminal, waiting: IssueId) -> None:
    schedule = ("issues", "schedule", str(waiting), "--slot", "2026-12-04")

    assert "No letter goes out on 2026-12-04" in terminal.refusal(
        *schedule, "--as", "paula@desk.example"
    )


def test_an_editor_may_not_plan_and_a_stranger_may_nothing(
    terminal: Terminal, waiting: IssueId
) -> None:
    schedule = ("issues", "schedule", str(waiting), "--slot", "next", "--as")

    assert "may not put an issue on a slot" in terminal.refusal(*schedule, "wanda@desk.example")
    assert "nobody at the desk" in terminal.refusal(*schedule, "stranger@desk.example")


def test_both_parts_are_printed_byte_for_byte_as_the_message_holds_them(
    terminal: Terminal, waiting: IssueId
) -> None:
    render = ("issues", "render", str(waiting), "--to", "ana@school.example", "--format")

    eml = terminal.run(*render, "eml").stdout_bytes
    parts = {part.get_content_type(): part for part in message_from_bytes(eml).walk()}

    html, text = terminal.run(*render, "html"), terminal.run(*render, "text")
    assert html.stdout_bytes == parts["text/html"].get_payload(decode=True)
    assert text.stdout_bytes == parts["text/plain"].get_payload(decode=True)


def test_what_is_rendered_for_a_subscriber_is_what_that_subscriber_got(
    terminal: Terminal, installation: Installation
) -> None:
    installation.add_subscribers("ana@school.example", "ben@school.example")
    issue_id = installation.schedule_approved_issue()
    terminal.output("issues", "send", str(issue_id), "--as", _publisher(terminal))
    installation.clock.advance(timedelta(minutes=10))
    open_asked_runs(installation.wiring)

    printed = terminal.run(
        "issues", "render", str(issue_id), "--format", "eml", "--to", "ana@school.example"
    )

    rendered = message_from_bytes(printed.stdout_bytes, policy=policy.default)
    sent = _sent_to(installation, "ana@school.example")
    assert _content(rendered) == _content(sent)
    assert rendered["List-Unsubscribe"] == sent["List-Unsubscribe"]


def test_the_page_is_the_one_of_the_web(terminal: Terminal, waiting: IssueId) -> None:
    printed = terminal.run("issues", "render", str(waiting), "--format", "page")

    assert printed.stdout_bytes == terminal.launcher.page(waiting)


def test_an_issue_that_is_not_there_is_named(terminal: Terminal) -> None:
    assert "no issue of 2026-01-01" in terminal.refusal("issues", "render", "2026-01-01")
    assert "no issue with the id 77" in terminal.refusal("issues", "render", "77")


def test_sending_waits_and_says_until_when_it_can_be_taken_back(
    terminal: Terminal, installation: Installation
) -> None:
    installation.add_subscribers("ana@school.example")
    issue_id = installation.schedule_approved_issue()

    said = terminal.output("issues", "send", str(issue_id), "--as", _publisher(terminal))

    assert "Issue 1 goes to 1 teacher. It leaves on Monday, November 23 at 10:10 am EST." in said
    assert f"topthree issues take-back {issue_id}" in said
    assert terminal.json("runs", "list") == []


def test_what_is_taken_back_is_not_sent(terminal: Terminal, installation: Installation) -> None:
    issue_id = installation.schedule_approved_issue()
    publisher = _publisher(terminal)
    terminal.output("issues", "send", str(issue_id), "--as", publisher)

    said = terminal.output("issues", "take-back", str(issue_id), "--as", publisher)
    installation.clock.advance(timedelta(hours=1))

    assert "is not sent" in said
    assert open_asked_runs(installation.wiring) == ()


def test_without_a_while_to_take_it_back_sending_opens_a_run_and_says_where_to_look(
    terminal: Terminal, installation: Installation
) -> None:
    installation.add_subscribers("ana@school.example")
    issue_id = installation.schedule_approved_issue()
    publisher = _publisher(terminal)
    terminal.launcher.installation = with_wiring(installation, undo_window=timedelta(0))

    said = terminal.output("issues", "send", str(issue_id), "--as", publisher)

    assert "goes to 1 subscriber." in said
    assert "topthree runs show 1" in said
    runs = terminal.json("runs", "list")
    assert isinstance(runs, list)
    assert (runs[0]["issue"], runs[0]["audience"], runs[0]["queued"]) == (issue_id, 1, 1)


def test_what_is_not_approved_is_not_sent(terminal: Terminal, waiting: IssueId) -> None:
    said = terminal.refusal("issues", "send", str(waiting), "--as", "paula@desk.example")

    assert "cannot be sent" in said
    assert terminal.json("runs", "list") == []


def test_the_samples_are_in_order(terminal: Terminal) -> None:
    assert "In order: " in terminal.output("issues", "check", str(SAMPLES))


def test_each_bad_file_is_named_with_its_line_and_the_reason(
    terminal: Terminal, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.md"
    bad.write_text("subject: One\ncolour: red\n")

    result = terminal.run("issues", "check", str(bad), str(SAMPLES))

    assert result.exit_code == 1
    assert f"{bad}, line 2: " in result.stdout
    assert ", 1 cannot be taken in." in result.stderr


def test_one_bad_file_keeps_all_others_out(terminal: Terminal, tmp_path: Path) -> None:
    bad = tmp_path / "bad.md"
    bad.write_text("subject: One\ncolour: red\n")

    said = terminal.refusal("issues", "import", str(SAMPLES), str(bad))

    assert f"{bad}, line 2: " in said
    assert terminal.json("issues", "list") == []


def test_what_is_exported_and_imported_again_is_there_already(
    terminal: Terminal, tmp_path: Path
) -> None:
    terminal.output("issues", "import", str(SAMPLES))
    before = terminal.json("issues", "list")
    terminal.output("issues", "export", "--to", str(tmp_path / "out"))

    day = "2026-11-19"
    said = terminal.output("issues", "import", str(tmp_path / "out" / day))

    written = (tmp_path / "out" / day / "issue.md").read_text()
    assert written == (SAMPLES / day / "issue.md").read_text()
    assert "there already" in said
    assert terminal.json("issues", "list") == before


def _publisher(terminal: Terminal) -> str:
    editors = terminal.json("editors", "list")
    assert isinstance(editors, list)
    return next(str(editor["address"]) for editor in editors if editor["role"] == "publisher")


def _sent_to(installation: Installation, address: str) -> EmailMessage:
    for run_id in unfinished_runs(installation.wiring):
        send_what_is_due(installation.wiring, run_id)
    for file in (installation.folder / "outbox" / "new").iterdir():
        message = message_from_bytes(file.read_bytes(), policy=policy.default)
        if message["To"] == address:
            return message
    raise AssertionError(f"Nothing was sent to {address}.")


def _content(message: EmailMessage) -> list[str]:
    return [part.get_content() for part in message.walk() if not part.is_multipart()]
