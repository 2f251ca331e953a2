"""What only a real browser shows of the desk: counters, frames, focus, and life without script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.support.browser import opened_page
from tests.support.colleague import Colleague
from tests.support.installation import Installation
from tests.support.served import served
from topthree.domain.editors.permission import Role


def come_in(page: Page, ana: Colleague) -> str:
    """Sign in, begin an issue and return its path."""
    ana.ask_to_sign_in()
    page.goto(ana.link)
    page.get_by_role("button").click()
    page.get_by_role("button", name="Write an issue").click()
    return page.url


@pytest.mark.parametrize("with_script", [True, False])
def test_an_issue_is_written_with_and_without_script(
    installation: Installation, browser: Browser, *, with_script: bool
) -> None:
    ana = Colleague(installation, "Ana", Role.WRITER)

    with served(installation) as url, opened_page(browser, url, with_script=with_script) as page:
        come_in(page, ana)
        page.wait_for_load_state()
        page.locator("#subject").fill("Five")
        counted = page.locator("label[for=subject] small").inner_text()
        page.locator("#subject").press("Enter")
        saved = page.get_by_role("status").inner_text()
        page.locator("summary").first.click()
        page.locator("#item-1-place").fill("Malden")
        page.get_by_role("button", name="Save and preview").click()
        letter = page.frame_locator("iframe").get_by_role("heading", level=1).inner_text()

    assert counted == ("4 of 120 characters" if with_script else "0 of 120 characters")
    assert (saved, letter) == ("Saved.", "Five")


def test_after_a_slip_the_list_of_slips_has_the_focus(
    installation: Installation, browser: Browser
) -> None:
    ana = Colleague(installation, "Ana", Role.WRITER)

    with served(installation) as url, opened_page(browser, url, with_script=False) as page:
        come_in(page, ana)
        page.locator("#item-1-link-url").fill("nowhere")
        page.get_by_role("button", name="Save", exact=True).last.click()
        page.get_by_role("alert").wait_for()
        focused = page.evaluate("document.activeElement.className")
        page.get_by_role("link", name="Item 1: a link starts").click()
        target = page.evaluate("document.querySelector(':target').id")

    assert (focused, target) == ("summary", "item-1-link-url")
