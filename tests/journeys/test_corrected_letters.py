"""A slip is seen while the letter goes out: it is paused, corrected, approved anew, and goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.colleague import Colleague
from tests.support.databases import Databases
from tests.support.installation import Installation, dismantle, install
from tests.support.page import text_of
from tests.support.sending import send_what_is_due
from topthree.domain.editors.permission import Role
from topthree.domain.ids import IssueId, RunId
from topthree.services.sending.open_run import open_due_runs


@pytest.fixture
def installation(sqlite_databases: Databases, tmp_path: Path) -> Iterator[Installation]:
    """On SQLite alone: what the services do on PostgreSQL, their own tests show."""
    for url in sqlite_databases.fresh():
        house = install(tmp_path / "house", url)
        house.add_subscribers("ann@school.example")
        yield house
        dismantle(house)


@pytest.fixture
def issue_id(installation: Installation) -> IssueId:
    return installation.schedule_approved_issue()


@pytest.fixture
def run_id(installation: Installation, issue_id: IssueId) -> RunId:
    installation.clock.now = installation.clock.now.replace(month=12, day=3, hour=11)
    (opened,) = open_due_runs(installation.wiring)
    return opened


def arrived(installation: Installation, name: str, role: Role) -> Colleague:
    colleague = Colleague(installation, name, role)
    colleague.sign_in()
    return colleague


def test_who_has_not_got_it_gets_it_corrected_once_somebody_else_has_read_that(
    installation: Installation, issue_id: IssueId, run_id: RunId
) -> None:
    pat, quinn = (
        arrived(installation, "Pat", Role.PUBLISHER),
        arrived(installation, "Quinn", Role.EDITOR),
    )
    path = f"/desk/runs/{run_id}/"
    pat.browser.get(path)
    pat.browser.submit("form[action$='/pause/']")
    asked = pat.browser.get(f"/desk/issues/{issue_id}/correct/")
    pat.browser.submit("#correct", {"subject": "Share the load", "note": "It is the load."})

    pat.browser.get(path)
    refused = pat.browser.submit("form[action$='/resume/']")
    own = pat.browser.get(f"{path}corrected/")
    quinn.browser.get(path)
    read = quinn.browser.follow("a[href$='/corrected/']")
    approved = quinn.browser.submit("form[action$='/corrected/']")
    pat.browser.get(path)
    pat.browser.submit("form[action$='/resume/']")
    send_what_is_due(installation.wiring, run_id)

    assert "Pause its run first" in text_of(asked.one("main .note"))
    assert refused.status == 409
    assert "nobody gets a slip that is known" in refused.text
    assert not own.select("main form")
    assert "You made the last change" in own.text
    assert [text_of(each) for each in read.select(".difference h3")] == ["Subject"]
    assert "It is the load." in read.text
    assert "as Quinn approved it" in approved.text
    letters = [each for each in installation.outbox() if each.recipient == "ann@school.example"]
    assert [each.subject for each in letters] == ["Share the load"]
