"""Who did what: what people do at the desk stands in the log, and who may read it."""

from __future__ import annotations

import json

import pytest

from tests.support.colleague import Colleague, signed_in
from tests.support.installation import Installation
from tests.support.page import Page, text_of
from tests.support.sending import send_what_is_due
from topthree.domain.editors.permission import Role
from topthree.services.audit.verify_audit import verify
from topthree.services.sending.open_run import open_due_runs


@pytest.fixture
def pat(installation: Installation) -> Colleague:
    return signed_in(installation, "Pat", Role.ADMINISTRATOR)


def rows(colleague: Colleague, query: str = "") -> list[str]:
    page = colleague.browser.get(f"/desk/audit/{query}")
    return words(page)


def words(page: Page) -> list[str]:
    return [" ".join(map(str, row.itertext())) for row in page.select("tbody tr")]


def test_what_people_do_stands_in_the_log_newest_first(
    installation: Installation, pat: Colleague
) -> None:
    wes = Colleague(installation, "Wes", Role.WRITER)
    wes.sign_in()
    path = wes.write_issue(button="submit")
    page = pat.browser.get(f"{path}review/")
    pat.browser.submit(f'form[action="{path}approve/"]')

    found = rows(pat)

    assert page.status == 200
    assert "Pat approved the issue" in found[0]
    assert "Wes asked for approval" in found[1]
    assert "Share the lead" in found[1]
    assert "Wes signed in" in " ".join(found)
    assert "the terminal added an editor" in " ".join(found)
    with installation.wiring.reading() as session:
        assert verify(session).problem == ""


def test_the_log_is_looked_through_by_person_act_thing_and_day(
    installation: Installation, pat: Colleague
) -> None:
    wes = Colleague(installation, "Wes", Role.WRITER)
    wes.sign_in()
    path = wes.write_issue()
    number = path.rstrip("/").rpartition("/")[2]
    pat.browser.get("/desk/audit/")

    by_person = pat.browser.submit("main form", {"who": f"editor-{wes.editor.id}"})
    people = {text_of(cell) for cell in by_person.select('td[data-h="Who"]')}

    assert people == {"Wes"}
    assert all("signed in" in row for row in rows(pat, "?act=signed-in"))
    assert all("issue 1" in row for row in rows(pat, f"?kind=issue&thing={number}"))
    assert rows(pat, "?since=2026-11-24") == []
    assert rows(pat, "?until=2026-11-22") == []
    assert rows(pat, "?since=2026-11-23&until=2026-11-23") == rows(pat)
    assert rows(pat, "?act=nonsense&who=editor-x&kind=?&since=never&before=-1") == rows(pat)


def test_what_is_told_beside_an_act_is_said_in_words(
    installation: Installation, pat: Colleague
) -> None:
    issue_id = installation.schedule_approved_issue()
    seen = text_of(pat.browser.get(f"/desk/issues/{issue_id}/review/").one(".print"))
    pat.begin_issue()
    pat.browser.get(f"/desk/issues/{issue_id}/")
    pat.fill_in({"subject": "Another subject"})

    changed, begun, planned, approved = rows(pat)[:4]

    assert "changed the issue version 2, which ended its approval" in changed
    assert "began an issue an issue without a subject" in begun
    assert "that of Thursday, December 3, 2026" in planned
    assert f"the text with the fingerprint {seen}" in approved


def test_looking_at_subscribers_is_in_the_log_without_their_addresses(
    installation: Installation, pat: Colleague
) -> None:
    installation.add_subscribers("ann@school.example", "ben@school.example")
    installation.schedule_approved_issue()
    installation.clock.now = installation.clock.now.replace(month=12, day=3)
    (run_id,) = open_due_runs(installation.wiring)
    send_what_is_due(installation.wiring, run_id)
    pat.sign_in()

    pat.browser.get("/desk/runs/1/people/?outcome=sent")
    pat.browser.submit('form[method="post"][action$="/people/"]', {"address": "ann@school.example"})
    pat.browser.flask.get("/desk/runs/1/people.csv").get_data()

    found = rows(pat)
    assert "exported subscribers" in found[0]
    assert "looked at subscribers a•••@school.example, found" in found[1]
    assert "looked at subscribers accepted by the relay, addresses whole" in found[2]
    assert not any("ann@" in row or "ben@" in row for row in found)


def test_the_log_is_taken_along_as_a_file_and_that_is_in_it(
    installation: Installation, pat: Colleague
) -> None:
    table = pat.browser.flask.get("/desk/audit/file").get_data(as_text=True)
    listed = json.loads(pat.browser.flask.get("/desk/audit/file?form=json").get_data())

    assert table.startswith('\ufeff"entry","at","who"')
    assert [each["act"] for each in listed[:3]] == ["audit-log-exported"] * 2 + ["signed-in"]
    assert listed[0]["details"] == '{"form":"json"}'
    assert len(listed[0]["hash"]) == 64


def test_pages_of_the_log_follow_each_other(installation: Installation, pat: Colleague) -> None:
    for number in range(60):
        installation.add_editor(f"Editor-{number}", Role.WRITER)

    first = rows(pat)
    pat.browser.follow("main section > p a.button")
    rest = words(pat.browser.page)

    assert len(first) == 50
    assert not set(first) & set(rest)
    assert "added an editor" in rest[-1]


def test_a_writer_sees_no_way_to_the_log(installation: Installation) -> None:
    wes = Colleague(installation, "Wes", Role.WRITER)
    page = wes.sign_in()

    refused = wes.browser.get("/desk/audit/")

    assert not page.select('nav a[href="/desk/audit/"]')
    assert (refused.status, "Ask a publisher" in refused.text) == (403, True)


def test_a_page_of_the_log_says_the_year(pat: Colleague) -> None:
    assert "Nov 23, 2026, 10:00 am EST" in rows(pat)[0]
