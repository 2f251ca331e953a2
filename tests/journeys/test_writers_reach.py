"""How far a writer reaches who sends what no page of theirs offers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.colleague import Colleague
from tests.support.databases import Databases
from tests.support.installation import Installation, dismantle, install
from topthree.domain.editors.permission import Role
from topthree.services.sending.open_run import open_due_runs
from topthree.services.sending.send_by_hand import open_asked_runs


@pytest.fixture
def installation(sqlite_databases: Databases, tmp_path: Path) -> Iterator[Installation]:
    for url in sqlite_databases.fresh():
        house = install(tmp_path / "house", url)
        yield house
        dismantle(house)


@pytest.fixture
def wes(installation: Installation) -> Colleague:
    wes = Colleague(installation, "Wes", Role.WRITER)
    wes.sign_in()
    return wes


def post(colleague: Colleague, path: str, **fields: str) -> int:
    """Send a form with a mark that is good, and return the status."""
    colleague.browser.get("/desk/")
    mark = colleague.browser.page.select("input[name=csrf]")[0].get("value", "")
    return colleague.browser.flask.post(path, data={"csrf": mark, **fields}).status_code


def test_a_writer_ends_an_approval_and_puts_nothing_of_their_own_in_its_place(
    installation: Installation, wes: Colleague
) -> None:
    issue = f"/desk/issues/{installation.schedule_approved_issue()}/"

    changed = post(wes, f"{issue}places/1/out/")
    refused = [
        post(wes, f"{issue}{way}/", day="2026-12-03", digest="0" * 64)
        for way in ("approve", "slot", "slot/off", "send", "send-back")
    ]
    pat = Colleague(installation, "Pat", Role.PUBLISHER)
    pat.sign_in()
    log = pat.browser.get("/desk/audit/?act=issue-saved").text
    installation.clock.advance(timedelta(days=10))

    assert changed == 303
    assert refused == [403] * 5
    assert "Wes" in log
    assert "which ended its approval" in log
    assert open_due_runs(installation.wiring) == ()


def test_what_waits_to_be_sent_does_not_go_once_a_writer_has_changed_it(
    installation: Installation, wes: Colleague
) -> None:
    issue = f"/desk/issues/{installation.schedule_approved_issue()}/"
    pat = Colleague(installation, "Pat", Role.PUBLISHER)
    pat.sign_in()
    asked = post(pat, f"{issue}send/")

    taken_back = post(wes, f"{issue}send/back/")
    wes.browser.get(issue)
    saved = wes.fill_in({"subject": "Words of mine"})
    installation.clock.advance(timedelta(minutes=11))

    assert (asked, taken_back) == (303, 403)
    assert "Saved" in saved.text
    assert open_asked_runs(installation.wiring) == ()


def test_a_writer_changes_nothing_of_what_went_out_and_sees_no_address_whole(
    installation: Installation, wes: Colleague
) -> None:
    installation.add_subscribers("ann@school.example")
    issue = f"/desk/issues/{installation.schedule_approved_issue()}/"
    installation.clock.advance(timedelta(days=10))
    open_due_runs(installation.wiring)
    wes.sign_in()
    before = wes.browser.get("/issues/2026-12-03/").source

    refused = [post(wes, f"{issue}{way}/") for way in ("places/1/out", "items/1/picture")]
    post(wes, issue, subject="Mine", version="1")
    people = wes.browser.get("/desk/runs/1/people/").text
    files = [
        wes.browser.flask.get(path).status_code
        for path in ("/desk/runs/1/people.csv", "/desk/runs/1/held/", "/desk/audit/file")
    ]

    assert refused == [409, 409]
    assert wes.browser.get("/issues/2026-12-03/").source == before
    assert ("a•••@school.example" in people, "ann@" in people) == (True, False)
    assert files == [403] * 3
