"""The board: what is ahead, what each slot lacks, and how an empty place is filled."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, event

from tests.support.banking import stock
from tests.support.colleague import Colleague, signed_in
from tests.support.installation import Installation
from tests.support.page import Page, text_of
from topthree.domain.editors.permission import Role
from topthree.services.proofing.keep_results import keep_results

FIRST, SECOND = "2026-12-03", "2026-12-17"


@pytest.fixture
def pat(installation: Installation) -> Colleague:
    return signed_in(installation, "Pat", Role.PUBLISHER)


@pytest.fixture
def stocked(installation: Installation, pat: Colleague) -> Colleague:
    with installation.wiring.writing() as session:
        stock(session, installation, pat.editor)
    return pat


def start(colleague: Colleague, day: str, place: int) -> Page:
    """Press “Choose one” in an empty place of a slot that has no issue."""
    page = colleague.browser.get("/desk/")
    csrf = page.select("input[name=csrf]")[0].get("value", "")
    data = {"day": day, "place": str(place), "csrf": csrf}
    return colleague.browser.post("/desk/issues/", data)


def slot(colleague: Colleague, number: int) -> str:
    return text_of(colleague.browser.get("/desk/").select(".slot")[number])


def test_an_empty_place_says_how_much_is_ready_for_its_day(stocked: Colleague) -> None:
    first = slot(stocked, 0)

    assert "A resource is missing 1 ready in the bank Choose one" in first
    assert "A reflection is missing None ready in the bank" in first


def test_choosing_for_an_empty_slot_starts_its_issue_once(stocked: Colleague) -> None:
    pages = [start(stocked, FIRST, 2) for _ in range(3)]

    assert {page.heading for page in pages} == {"Choose a reflection for place 2"}
    assert len({page.path for page in pages}) == 1
    assert "Issue for Thursday, December 3, 2026" in pages[0].text
    assert "3 places empty" in slot(stocked, 0)


def test_each_slot_says_how_much_there_is_to_mend_in_its_issue_as_it_is(
    installation: Installation, pat: Colleague
) -> None:
    issue_id = installation.schedule_approved_issue()
    unknown = slot(pat, 0)
    kept = [keep_results(installation.wiring) for _ in range(2)]
    checked = slot(pat, 0)
    pat.browser.get(f"/desk/issues/{issue_id}/")
    pat.fill_in({"greeting": "Dear teachers, TK."})
    changed = slot(pat, 0)
    keep_results(installation.wiring)
    found = slot(pat, 0)
    installation.clock.advance(timedelta(hours=1, seconds=1))

    assert "Not checked since the last change" in unknown
    assert kept == [1, 0]
    assert "to mend" not in checked
    assert "advice" in checked
    assert "Not checked since the last change" in changed
    assert "1 to mend" in found
    assert keep_results(installation.wiring) == 1


def test_what_is_put_into_a_place_shows_on_the_board_with_its_owner(stocked: Colleague) -> None:
    start(stocked, FIRST, 1)
    button = stocked.browser.page.one("button[name=item]").get("value", "")
    csrf = stocked.browser.page.select("input[name=csrf]")[0].get("value", "")
    stocked.browser.post(stocked.browser.page.path, {"item": button, "csrf": csrf})

    board = stocked.browser.get("/desk/")

    place = board.select(".slot")[0].cssselect(".place")[0]
    assert "empty" not in place.get("class", "")
    assert text_of(place).endswith("Pat")
    assert "2 places empty" in slot(stocked, 0)


def test_a_slot_says_when_an_item_closes_before_it(stocked: Colleague) -> None:
    stocked.browser.get("/desk/issues/1/slot/")
    stocked.browser.submit("form.choices", {"day": FIRST})
    early = slot(stocked, 0)
    stocked.browser.get("/desk/issues/1/slot/")
    stocked.browser.submit("form.choices", {"day": SECOND})
    late = slot(stocked, 1)

    assert "Closes 11 days after this issue" in early
    assert "Closes before this day" in late


def test_each_slot_leads_to_the_calendars_forms_filled_in(pat: Colleague) -> None:
    pat.browser.get("/desk/")

    page = pat.browser.follow(f".changing a[href*='skip'][href*='{SECOND}']")

    assert page.one("#skip-on option[selected]").get("value") == SECOND
    skipped = pat.browser.submit("form#skip")
    assert "The calendar is changed" in skipped.text
    assert "Nothing goes out between" in pat.browser.get("/desk/").text


def test_a_writer_sees_the_board_and_what_a_publisher_does_there(
    installation: Installation,
) -> None:
    wes = Colleague(installation, "Wes", Role.WRITER)
    wes.sign_in()

    page = wes.browser.get("/desk/")

    assert not page.select(".changing")
    assert not page.select("button[name=place]")
    assert "a publisher puts it on this day" in page.text


def test_writing_an_issue_begins_it_once(installation: Installation) -> None:
    wes = Colleague(installation, "Wes", Role.WRITER)
    wes.sign_in()

    first, again = wes.begin_issue(), wes.begin_issue()
    wes.browser.get(again)
    wes.fill_in({"greeting": "Dear teachers,"})

    assert first == again
    assert wes.begin_issue() != first


def test_a_publisher_writes_for_the_next_day_that_has_no_issue(pat: Colleague) -> None:
    pat.browser.get("/desk/")
    page = pat.browser.submit(".top form")

    assert page.heading == "Issue for Thursday, December 3, 2026"
    assert "Write an issue for Thu, Dec 17" in pat.browser.get("/desk/").text


def test_the_board_asks_the_database_as_often_for_much_as_for_little(
    installation: Installation, stocked: Colleague
) -> None:
    engine = installation.premises().engine
    assert isinstance(engine, Engine)
    for number in range(1, 7):
        start(
            stocked, (installation.clock() + timedelta(days=14 * number - 4)).date().isoformat(), 1
        )
    few = queries_of(engine, stocked, "/desk/")
    with installation.wiring.writing() as session:
        for _ in range(10):
            stock(session, installation, stocked.editor)

    many = queries_of(engine, stocked, "/desk/")

    assert many == few > 5


def queries_of(engine: Engine, colleague: Colleague, path: str) -> int:
    asked: list[object] = []

    def note(*_: object) -> None:
        asked.append(path)

    event.listen(engine, "before_cursor_execute", note)
    try:
        colleague.browser.get(path)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(asked)
