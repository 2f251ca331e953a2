"""Publishers decide what goes out when: slots, the calendar, and sending by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.colleague import Colleague, signed_in
from tests.support.installation import Installation
from tests.support.page import Page, text_of
from tests.support.publishing import publish
from topthree.domain.editors.permission import Role
from topthree.services.sending.open_run import open_due_runs
from topthree.services.sending.send_by_hand import open_asked_runs

FIRST, SECOND, THIRD = "2026-12-03", "2026-12-17", "2026-12-31"


@pytest.fixture
def pat(installation: Installation) -> Colleague:
    return signed_in(installation, "Pat", Role.PUBLISHER)


def put_on(colleague: Colleague, path: str, day: str) -> Page:
    colleague.browser.get(f"{path}slot/")
    return colleague.browser.submit("form.choices", {"day": day})


def days_on(page: Page, selector: str) -> list[str]:
    return [text_of(heading) for heading in page.select(selector)]


def test_an_empty_board_invites(pat: Colleague) -> None:
    page = pat.browser.get("/desk/")

    days = ["Thu, Dec 3", "Thu, Dec 17", "Thu, Dec 31", "Thu, Jan 14", "Thu, Jan 28", "Thu, Feb 11"]
    assert days_on(page, ".slot h2") == days
    assert "Thursday, December 3, 6:00 am EST, in 9 days" in page.text
    assert len(page.select(".place.empty")) == 18
    assert "A reflection is missing" in page.text
    assert page.select(".shelf a[href='/desk/bank/new/']")
    assert "No letter has gone out yet" in page.text


def test_an_issue_written_for_a_day_stands_on_it(pat: Colleague) -> None:
    page = pat.browser.get("/desk/")
    csrf = page.select("input[name=csrf]")[0].get("value", "")

    page = pat.browser.post("/desk/issues/", {"day": SECOND, "csrf": csrf})

    assert page.heading == "Issue for Thursday, December 17, 2026"
    slots = pat.browser.get("/desk/").select(".slot")
    assert "3 places empty" in text_of(slots[1])
    assert "It lacks a subject and a preheader." in text_of(slots[1])
    assert "Pat had it last." in text_of(slots[1])
    assert [text_of(each) for each in slots[1].cssselect(".place strong")] == [
        "A resource is missing",
        "A reflection is missing",
        "An opportunity is missing",
    ]


def test_an_issue_is_put_on_a_slot_moved_and_taken_off(pat: Colleague) -> None:
    path = pat.write_issue()

    first = put_on(pat, path, FIRST)
    moved = put_on(pat, path, THIRD)
    off = pat.browser.submit("form.danger")

    assert "It stands on Thursday, December 3, 2026" in first.text
    assert "It stands on Thursday, December 31, 2026" in moved.text
    assert "It stands on no slot" in off.text


def test_two_who_choose_the_same_slot_do_not_get_it_both(pat: Colleague) -> None:
    first, second = pat.write_issue(), pat.write_issue()
    page = pat.browser.get(f"{second}slot/")
    put_on(pat, first, FIRST)
    csrf = page.select("input[name=csrf]")[0].get("value", "")

    page = pat.browser.post(f"{second}slot/", {"day": FIRST, "csrf": csrf})

    assert page.status == 409
    assert "Choose another slot" in page.text


@pytest.mark.parametrize(
    ("day", "status"), [("", 422), ("soon", 422), ("2026-12-04", 409), ("2026-11-19", 409)]
)
def test_only_a_slot_ahead_can_be_chosen(pat: Colleague, day: str, status: int) -> None:
    path = pat.write_issue()
    page = pat.browser.get(f"{path}slot/")
    csrf = page.select("input[name=csrf]")[0].get("value", "")

    page = pat.browser.post(f"{path}slot/", {"day": day, "csrf": csrf})

    assert page.status == status
    assert page.title.startswith("Error: ")


def test_a_slot_that_sent_nothing_says_why_and_what_to_do(
    installation: Installation, pat: Colleague
) -> None:
    path = pat.write_issue()
    put_on(pat, path, FIRST)
    installation.clock.now += timedelta(days=10)
    open_due_runs(installation.wiring)
    pat.sign_in()

    page = pat.browser.get("/desk/")

    silent = page.one(".silent")
    assert "Thu, Dec 3" in text_of(silent)
    assert "the issue was not approved" in text_of(silent)
    assert silent.cssselect(f"a[href='{path}slot/']")
    assert path not in [link.get("href") for link in page.select("#loose h3 a")]


def test_a_missed_issue_is_sent_by_hand_after_one_more_question(
    installation: Installation, pat: Colleague
) -> None:
    installation.add_subscribers("one@school.example", "two@school.example")
    issue_id = installation.schedule_approved_issue()
    installation.clock.now += timedelta(days=12)
    open_due_runs(installation.wiring)
    pat.sign_in()

    pat.browser.get("/desk/")
    asked = pat.browser.follow(".silent a[href$='/send/']")
    waits = pat.browser.submit("main form")
    installation.clock.now += timedelta(minutes=10)
    (run_id,) = open_asked_runs(installation.wiring)
    page = pat.browser.get(f"/desk/runs/{run_id}/")

    assert "Issue 1 goes to 2 teachers." in asked.text
    assert "leaves 10 minutes after you press" in asked.text
    assert "It leaves on Saturday, December 5, 10:10 am EST, as Pat asked" in waits.text
    assert page.heading == "Sending No. 1, Thursday, December 3, 2026"
    assert "0 of 2 accepted" in page.text
    assert f"/desk/issues/{issue_id}/" in page.source


def test_what_is_not_approved_is_not_sent_by_hand(pat: Colleague) -> None:
    path = pat.write_issue()

    asked = pat.browser.get(f"{path}send/")
    csrf = asked.select("input[name=csrf]")[0].get("value", "")
    page = pat.browser.post(f"{path}send/", {"csrf": csrf})

    assert "Only an approved issue can be sent" in asked.text
    assert not asked.select("main form")
    assert page.status == 409


def test_a_run_shows_its_figures(installation: Installation, pat: Colleague) -> None:
    installation.add_subscribers("one@school.example", "two@school.example")
    publish(installation)
    pat.sign_in()

    listed = pat.browser.get("/desk/runs/")
    page = pat.browser.follow("tbody a")

    assert "Share the lead" in listed.text
    assert "2 of 2 accepted" in page.text
    assert page.one("progress").get("value") == "2"


def test_without_a_run_the_page_says_when_one_begins(pat: Colleague) -> None:
    page = pat.browser.get("/desk/runs/")

    assert "Nothing has been sent yet" in page.text
    assert pat.browser.get("/desk/runs/77/").status == 404


def test_a_published_issue_cannot_be_written_or_moved(
    installation: Installation, pat: Colleague
) -> None:
    path = pat.write_issue()
    form = pat.browser.page
    publish(installation)
    pat.sign_in()
    csrf = pat.browser.page.select("input[name=csrf]")[0].get("value", "")

    sent = "/desk/issues/2/"
    shown = pat.browser.get(sent)
    fields = {"version": "1", "subject": "Later words", "language": "en", "csrf": csrf}
    sections = {f"item-{place}-section": "resource" for place in (1, 2, 3)}
    refused = pat.browser.post(sent, {**fields, **sections})

    assert form.path.startswith(path)
    assert not shown.select("#compose")
    assert "What was sent stays as it was sent" in shown.text
    assert refused.status == 409
    assert refused.one("#subject").get("value") == "Later words"


def change(colleague: Colleague, kind: str, **entries: str) -> Page:
    colleague.browser.get("/desk/calendar/")
    return colleague.browser.submit(f"form#{kind}", entries)


def test_the_calendar_is_changed_in_five_ways(pat: Colleague) -> None:
    change(pat, "skip", on=THIRD, note="winter break")
    change(pat, "move", on=SECOND, until="2026-12-18")
    change(pat, "extra", on="2027-01-20")
    change(pat, "pause", on="2027-02-01", until="2027-02-20")
    page = change(pat, "re-anchor", on="2027-03-02")

    days = [day.partition(", 20")[0] for day in days_on(page, "tbody th")]
    assert days[:7] == [
        "Thursday, December 3",
        "Friday, December 18",
        "Thursday, January 14",
        "Wednesday, January 20",
        "Thursday, January 28",
        "Thursday, February 25",
        "Tuesday, March 2",
    ]
    assert "moved from December 17" in page.text
    assert "The calendar is changed" in page.text


def test_the_board_says_where_nothing_goes_out(pat: Colleague) -> None:
    change(pat, "skip", on=SECOND)

    page = pat.browser.get("/desk/")

    assert "Nothing goes out between Thu, Dec 3 and Thu, Dec 31" in page.text


@pytest.mark.parametrize(
    ("kind", "entries", "field", "said"),
    [
        ("extra", {"on": ""}, "on", "Choose a day"),
        ("extra", {"on": "never"}, "on", "This is no date"),
        ("extra", {"on": "9999-12-31"}, "on", "This is no date"),
        ("extra", {"on": "2020-01-01"}, "on", "has passed"),
        ("move", {"until": ""}, "until", "Say until when"),
        ("pause", {"on": "2027-02-01", "until": "2027-01-01"}, "until", "ends before it begins"),
        ("skip", {"note": "x" * 121}, "note", "at most 120 fit"),
    ],
)
def test_a_slip_in_the_calendar_is_said_at_its_field(
    pat: Colleague, kind: str, entries: dict[str, str], field: str, said: str
) -> None:
    page = change(pat, kind, **entries)

    assert page.status == 422
    assert said in text_of(page.one(f"#{kind}-{field}-wrong"))
    assert page.one(f"#{kind}-{field}").get("value") == entries[field]
    assert page.select(f'.summary a[href="#{kind}-{field}"]')


def test_a_slot_with_an_issue_on_it_is_not_skipped_over_its_head(pat: Colleague) -> None:
    put_on(pat, pat.write_issue(), FIRST)

    page = change(pat, "skip", on=FIRST)

    assert page.status == 409
    assert "“Share the lead” stands on 2026-12-03" in page.text


def test_a_change_that_the_page_does_not_offer_is_refused(pat: Colleague) -> None:
    page = pat.browser.get("/desk/calendar/")
    csrf = page.select("input[name=csrf]")[0].get("value", "")

    page = pat.browser.post("/desk/calendar/", {"kind": "abolish", "csrf": csrf})

    assert page.status == 400


def test_a_slot_is_not_moved_onto_another_letter(pat: Colleague) -> None:
    put_on(pat, pat.write_issue(), FIRST)
    put_on(pat, pat.write_issue(), SECOND)

    page = change(pat, "move", on=FIRST, until=SECOND)

    assert page.status == 409
    assert "stands on 2026-12-17. Choose another slot" in page.text


def test_a_slot_is_not_moved_to_this_morning(pat: Colleague) -> None:
    page = change(pat, "move", on=FIRST, until="2026-11-23")

    assert page.status == 422
    assert "2026-11-23 has passed" in text_of(page.one("#move-until-wrong"))
    assert page.one("#move-until").get("value") == "2026-11-23"
