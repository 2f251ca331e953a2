"""Each step of agreeing by keyboard alone, on pages that are good for everybody in each state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.support.browser import opened_page
from tests.support.colleague import Colleague, signed_in
from tests.support.databases import Databases
from tests.support.desk_session import open_desk
from tests.support.installation import Installation, dismantle, install
from tests.support.keyboard import assert_shown, press, type_into
from tests.support.publishing import publish
from tests.support.served import served
from topthree.domain.editors.permission import Role


@pytest.fixture
def house(sqlite_databases: Databases, tmp_path: Path) -> Iterator[Installation]:
    for url in sqlite_databases.fresh():
        installation = install(tmp_path / "house", url)
        yield installation
        dismantle(installation)


@contextmanager
def at(url: str, house: Installation, browser: Browser, colleague: Colleague) -> Iterator[Page]:
    with opened_page(browser, url) as page:
        open_desk(page, house, colleague.editor)
        yield page


def send_back(page: Page, why: str) -> None:
    type_into(page, "Or: what has to change?", why)
    press(page, "Send it back")
    assert_shown(page, "Sent back to its writers with your reason")


def share(page: Page, whom: str) -> str:
    """Make a link and return its path."""
    press(page, "Share")
    type_into(page, "For whom is it?", whom)
    press(page, "Make the link")
    assert_shown(page, "Copy it into a message")
    return page.locator(".links a.mono").inner_text().removeprefix("http://letters.example")


def comment_by_link(page: Page, words: str) -> None:
    type_into(page, "Your name", "Mo")
    type_into(page, "Your comment", words)
    press(page, "Send the comment")
    assert_shown(page, "The editors have your comment")


def send_a_test(page: Page, address: str) -> None:
    press(page, "Preview")
    type_into(page, "Send a test to", address)
    press(page, "Send a test")
    assert_shown(page, "to 1 address. It is what stands here now.")


def test_a_draft_is_sent_back_shared_tried_in_an_inbox_and_approved(
    house: Installation, browser: Browser
) -> None:
    ann, ben = (signed_in(house, name, Role.EDITOR) for name in ("Ann", "Ben"))
    path = ann.write_issue(button="submit")

    with (
        served(house) as url,
        at(url, house, browser, ann) as anns,
        at(url, house, browser, ben) as bens,
        opened_page(browser, url) as guests,
    ):
        bens.goto(f"{path}review/")
        send_back(bens, "The office says Friday.")
        anns.goto(path)
        anns.get_by_text("Sent back: The office says Friday.").wait_for()
        guests.goto(share(anns, "Mo"))
        comment_by_link(guests, "Lovely.")
        send_a_test(anns, "me@elsewhere.example")
        press(anns, "Review")
        press(anns, "Ask for approval")
        bens.goto(f"{path}review/")
        press(bens, "Approve this text")
        assert_shown(bens, "Approved: exactly this text goes out")


def test_somebody_comes_in_by_the_digits_and_signs_out_elsewhere(
    house: Installation, browser: Browser
) -> None:
    ana = signed_in(house, "Ana", Role.WRITER)

    with served(house) as url, opened_page(browser, url) as page:
        page.goto("/desk/bank/")
        type_into(page, "Your work email address", "ana@desk.example")
        press(page, "Send me a link and a code")
        type_into(page, "The six digits", "12")
        press(page, "Open the desk")
        assert_shown(page, "These digits do not sign you in")
        type_into(page, "The six digits", ana.code)
        press(page, "Open the desk")
        assert page.url == f"{url}/desk/bank/"
        press(page, "Ana, writer")
        press(page, "Sign out there")
        assert_shown(page, "Signed out there.")
        press(page, "Sign out")
        assert_shown(page, "You are signed out")

    assert ana.browser.get("/desk/").heading == "Sign in to the desk"


def test_what_went_out_is_corrected_by_a_note_and_by_a_letter(
    house: Installation, browser: Browser
) -> None:
    house.add_subscribers("ann@school.example")
    publish(house)
    pat = signed_in(house, "Pat", Role.PUBLISHER)

    with served(house) as url, at(url, house, browser, pat) as page:
        page.goto("/desk/issues/1/correct/")
        press(page, "Correct the page")
        assert_shown(page, "Say in one sentence what was wrong")
        page.goto("/desk/issues/1/")
        press(page, "Send a correction…")
        page.get_by_text("goes to those who got that one").wait_for()
