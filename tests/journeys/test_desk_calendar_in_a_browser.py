"""Planning around a break, taking a send back and correcting a page, with the keyboard alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from tests.support.accessibility import assert_accessible
from tests.support.browser import opened_page
from tests.support.colleague import Colleague
from tests.support.desk_session import open_desk
from tests.support.installation import Installation
from tests.support.keyboard import press, tab_to
from tests.support.publishing import publish
from tests.support.served import served
from topthree.domain.editors.permission import Role
from topthree.services.sending.send_by_hand import open_asked_runs

RIGHT = "https://www.example.gov/the-right-guide.pdf"


@pytest.fixture
def house(installation: Installation) -> Installation:
    """One issue has gone out a day ago; another waits for its slot."""
    installation.add_subscribers("ann@school.example", "ben@school.example")
    publish(installation)
    installation.clock.advance(timedelta(days=1))
    installation.schedule_approved_issue()
    return installation


def test_a_break_is_brought_in_and_a_slot_moved_out_of_it_without_script(
    house: Installation, browser: Browser
) -> None:
    pat = Colleague(house, "Pat", Role.PUBLISHER)
    pat.ask_to_sign_in()

    with served(house) as url, opened_page(browser, url, with_script=False) as page:
        page.goto(pat.link)
        press(page, "Open the desk")
        press(page, "Calendar")
        press(page, "The school calendar")
        tab_to(page, "Or paste the dates")
        page.keyboard.type("December 24, 2026 - January 3 Winter break")
        press(page, "Read the dates")
        press(page, "Take over")
        press(page, "calendar")
        marked = page.locator("tbody tr", has_text="School break").inner_text()
        press(page, "Move it to Thu, Jan 7")
        press(page, "Move it")
        left = page.locator("tbody tr", has_text="School break").count()
        moved = page.locator("section[aria-labelledby=made]").inner_text()

    assert "Thursday, December 31, 2026" in marked
    assert left == 0
    assert "Moved Thursday, December 31, 2026 to Thursday, January 7, 2027" in moved


def test_a_send_is_taken_back_from_the_board_without_script(
    house: Installation, browser: Browser
) -> None:
    pat = Colleague(house, "Pat", Role.PUBLISHER)
    pat.ask_to_sign_in()

    with served(house) as url, opened_page(browser, url, with_script=False) as page:
        page.goto(pat.link)
        press(page, "Open the desk")
        page.goto("/desk/issues/2/send/")
        asked = page.locator(".lead").inner_text()
        press(page, "Send it to 2 teachers")
        press(page, "Board")
        press(page, "Take it back")
        back = page.get_by_role("status").inner_text()

    house.clock.advance(timedelta(hours=1))
    assert "Issue 2 goes to 2 teachers." in asked
    assert "nothing was sent" in back
    assert open_asked_runs(house.wiring) == ()


def test_dates_that_were_read_and_a_send_that_was_asked_for_can_be_used_by_anyone(
    house: Installation, browser: Browser
) -> None:
    pat = Colleague(house, "Pat", Role.PUBLISHER)

    with served(house) as url, opened_page(browser, url) as page:
        open_desk(page, house, pat.editor)
        page.goto("/desk/calendar/breaks/")
        page.get_by_label("Or paste the dates").fill("December 24, 2026 - January 3 Winter break")
        page.get_by_role("button", name="Read the dates").click()
        page.get_by_role("button", name="Take over").wait_for()
        assert_accessible(page)
        page.goto("/desk/issues/2/send/")
        page.get_by_role("button", name="Send it to 2 teachers").click()
        page.get_by_role("button", name="Take it back").wait_for()
        assert_accessible(page)


def test_a_page_is_corrected_without_script(house: Installation, browser: Browser) -> None:
    pat = Colleague(house, "Pat", Role.PUBLISHER)
    pat.ask_to_sign_in()

    with served(house) as url, opened_page(browser, url, with_script=False) as page:
        page.goto(pat.link)
        press(page, "Open the desk")
        page.goto("/desk/issues/1/")
        press(page, "Correct its page")
        tab_to(page, "What was wrong, and what is right")
        page.keyboard.type("The guide’s link led nowhere; it is mended.")
        tab_to(page, "Address of the link")
        page.keyboard.press("Control+A")
        page.keyboard.type(RIGHT)
        press(page, "Correct the page")
        press(page, "Its page")
        note = page.locator(".amended").inner_text()
        link = page.get_by_role("link", name="The guide as PDF").get_attribute("href")

    assert note.startswith("Corrected on December 4, 2026: The guide’s link led nowhere")
    assert link == RIGHT
