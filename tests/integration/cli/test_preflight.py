"""Preflight at the terminal: the same findings as at the desk, of issues and of files."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

from tests.integration.cli.conftest import Terminal
from tests.support.installation import Installation, complete_content
from topthree.domain.editors.permission import Role
from topthree.domain.writing.issue import IssueContent
from topthree.domain.writing.issue_file import IssueFile, write_issue
from topthree.domain.writing.item import Participation
from topthree.services.planning.schedule_issue import Placing, schedule_issue
from topthree.services.writing.compose_issue import create_issue

SLOT = date(2026, 12, 3)


def closing(day: date) -> IssueContent:
    first, second, third = complete_content().items
    third = replace(third, participation=Participation(closes_on=day))
    return replace(complete_content(), items=(first, second, third))


def planned(installation: Installation, content: IssueContent) -> None:
    publisher = installation.add_editor("Paula", Role.PUBLISHER)
    with installation.wiring.writing() as session:
        issue = create_issue(session, content, publisher, installation.clock())
        placing = Placing(issue_id=issue.id, day=SLOT)
        schedule_issue(
            session, installation.wiring.cadence, placing, publisher, installation.clock()
        )


def test_an_issue_is_checked_against_its_slot_and_the_command_ends_with_1(
    terminal: Terminal, installation: Installation
) -> None:
    planned(installation, closing(date(2026, 12, 2)))

    result = terminal.run("issues", "check", "2026-12-03", "--preflight", "--json")

    (checked,) = json.loads(result.stdout)
    assert result.exit_code == 1
    assert "Of 1 issue, 1 cannot go out" in result.stderr
    assert checked["findings"][0] == {
        "code": "deadline-past",
        "severity": "stops",
        "place": "item-3-closes-on",
        "message": "Item 3 closes on Wednesday, December 2, 2026, before the letter goes out on"
        " Thursday, December 3, 2026.",
        "todo": "Correct the date, or take another item.",
    }


def test_advice_alone_stops_nothing_and_is_printed_with_its_place(
    terminal: Terminal, installation: Installation
) -> None:
    planned(installation, complete_content())

    said = terminal.output("issues", "check", "2026-12-03", "--preflight")

    assert "2026-12-03: “Share the lead”. Nothing stops it; 1 piece of advice." in said
    assert "advice  no-consent  Item 2: day of the contributor’s consent" in said


def test_a_file_is_checked_with_its_own_date(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "issue.md"
    file.write_text(write_issue(IssueFile(content=closing(date(2026, 12, 2)), day=SLOT)))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "issue.md").write_text("nothing")

    result = terminal.run("issues", "check", str(tmp_path), "--preflight")

    assert result.exit_code == 1
    assert "deadline-past" in result.stdout
    assert "other/issue.md, line 1" in result.stdout
    assert "Of 2 issues, 2 cannot go out" in result.stderr


def test_an_issue_at_the_desk_is_only_checked_in_full(terminal: Terminal) -> None:
    result = terminal.run("issues", "check", "2026-12-03")

    assert result.exit_code == 2
    assert "add --preflight" in result.stderr
    assert "There is no issue of 2026-12-03" in terminal.refusal(
        "issues", "check", "2026-12-03", "--preflight"
    )
