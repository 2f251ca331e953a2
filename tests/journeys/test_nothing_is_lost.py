"""In a real browser: what is typed is kept whatever happens, and two who write see each other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.accessibility import assert_accessible
from tests.support.browser import opened_page
from tests.support.colleague import Colleague
from tests.support.databases import Databases
from tests.support.installation import Installation, dismantle, install
from tests.support.served import served
from tests.support.watching import wait_until
from topthree.domain.editors.permission import Role
from topthree.domain.ids import IssueId
from topthree.services.writing.read_issue import IssueView, read_issue

ISSUE = IssueId(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A served desk, and browsers to come in with."""

    house: Installation
    browser: Browser
    url: str

    @contextmanager
    def as_editor(self, name: str, *, with_script: bool = True) -> Iterator[Page]:
        with opened_page(self.browser, self.url, with_script=with_script) as page:
            self.let_in(page, Colleague(self.house, name, Role.EDITOR))
            yield page

    def let_in(self, page: Page, colleague: Colleague) -> None:
        colleague.ask_to_sign_in()
        page.goto(colleague.link)
        page.get_by_role("button").click()
        page.get_by_role("heading", level=1).wait_for()

    def begin(self, page: Page) -> None:
        page.goto("/desk/issues/")
        page.get_by_role("button", name="Write an issue").click()
        page.locator("#subject").wait_for()
        # Who closes the page before its scripts are there has not typed much.
        page.wait_for_load_state()

    def issue(self) -> IssueView:
        with self.house.wiring.reading() as session:
            return read_issue(session, ISSUE)


@pytest.fixture
def desk(sqlite_databases: Databases, browser: Browser, tmp_path: Path) -> Iterator[Desk]:
    for url in sqlite_databases.fresh():
        house = install(tmp_path / "house", url)
        with served(house) as origin:
            yield Desk(house=house, browser=browser, url=origin)
        dismantle(house)


def test_what_is_typed_is_kept_without_pressing_save(desk: Desk) -> None:
    with desk.as_editor("Ana") as page:
        desk.begin(page)
        page.keyboard.press("Tab")
        page.locator("#subject").press_sequentially("Five schools")
        expect(page.locator("#saving")).to_contain_text("Saved")
        assert_accessible(page, "light", "dark")

    assert desk.issue().content.subject == "Five schools"


def test_a_browser_that_is_closed_at_once_has_lost_nothing(desk: Desk) -> None:
    with desk.as_editor("Ana") as page:
        desk.begin(page)
        page.locator("#item-1-body").fill("Typed and gone")
        page.close()
        again = page.context.new_page()
        wait_until(lambda: is_back(again, "Typed and gone"))


def is_back(page: Page, text: str) -> bool:
    """Look anew: a farewell may still be on its way when somebody comes back."""
    page.goto(f"/desk/issues/{ISSUE}/", wait_until="networkidle")
    here = page.get_by_role("button", name="Take it into the form")
    if here.count():
        here.press("Enter")
    return page.locator("#item-1-body").input_value() == text


def test_what_the_desk_never_got_is_offered_beside_what_it_has(desk: Desk) -> None:
    with desk.as_editor("Ana") as page:
        desk.begin(page)
        page.context.set_offline(offline=True)
        # A browser that is killed says no farewell.
        page.evaluate("navigator.sendBeacon = () => false")
        page.locator("#item-1-headline").fill("Only here")
        expect(page.locator("#saving")).to_contain_text("Your text is kept in this browser")
        page.close()
        page.context.set_offline(offline=False)
        again = page.context.new_page()
        again.goto(f"/desk/issues/{ISSUE}/")
        offer = again.get_by_role("region", name="This browser has text that was never saved")
        expect(offer).to_contain_text("Item 1: headline")
        assert_accessible(again, "light", "dark")
        offer.get_by_role("button", name="Take it into the form").press("Enter")
        expect(again.locator("#saving")).to_contain_text("Saved")

    assert desk.issue().content.items[0].headline == "Only here"


def test_more_text_than_the_desk_takes_stays_on_the_page(desk: Desk) -> None:
    with desk.as_editor("Ana") as page:
        desk.begin(page)
        # On its way each of them takes six bytes.
        page.locator("#item-1-body").fill("é" * 1_400_000)
        page.locator("#subject").press("Enter")
        expect(page.locator("#saving")).to_contain_text("more text than the desk takes")
        left = page.locator("#item-1-body").evaluate("field => field.value.length")

    assert left == 1_400_000


def test_a_session_that_ends_while_one_writes_loses_nothing(desk: Desk) -> None:
    with desk.as_editor("Ana") as page:
        desk.begin(page)
        cookies = page.context.cookies()
        page.context.clear_cookies()
        page.locator("#subject").fill("Typed too late")
        expect(page.locator("#saving")).to_contain_text("Sign in again in another tab")
        expect(page.locator("#saving")).to_contain_text("kept in this browser")
        page.context.add_cookies(cookies)  # type: ignore[arg-type]
        expect(page.locator("#saving")).to_contain_text("Saved", timeout=15_000)

    assert desk.issue().content.subject == "Typed too late"


def test_without_script_a_form_that_came_too_late_is_sent_again_after_signing_in(
    desk: Desk,
) -> None:
    with desk.as_editor("Ana", with_script=False) as page:
        desk.begin(page)
        cookies = page.context.cookies()
        page.locator("#subject").fill("Typed too late")
        page.locator("#item-2-body").fill("Two\n\nparagraphs")
        page.context.clear_cookies()
        page.get_by_role("button", name="Save", exact=True).last.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("nothing is lost")
        expect(page.locator("main")).to_contain_text("Typed too late")
        page.context.add_cookies(cookies)  # type: ignore[arg-type]
        page.get_by_role("button", name="Send it again").press("Enter")
        expect(page.get_by_role("status")).to_contain_text("Saved.")

    content = desk.issue().content
    assert (content.subject, content.items[1].body) == ("Typed too late", "Two\n\nparagraphs")


def test_two_editors_see_each_other_and_choose_by_keyboard_what_stays(desk: Desk) -> None:
    with desk.as_editor("Ana") as ana, desk.as_editor("Bo") as bo:
        desk.begin(ana)
        expect(ana.locator("#presence")).to_be_empty()
        bo.goto(f"/desk/issues/{ISSUE}/")
        expect(bo.locator("#presence")).to_contain_text("Also open with Ana")
        bo.locator("#subject").fill("Bo’s subject")
        bo.locator("#greeting").fill("Bo’s greeting")
        expect(bo.locator("#saving")).to_contain_text("Saved")
        ana.locator("#subject").fill("Ana’s subject")
        ana.locator("#preheader").fill("Ana’s preheader")
        expect(ana.locator("#saving")).to_contain_text("Bo saved it meanwhile")
        assert desk.issue().content.subject == "Bo’s subject"
        ana.locator("#subject").press("Enter")
        expect(ana.get_by_role("heading", name="What both of you changed")).to_be_visible()
        expect(ana.locator("#greeting")).to_have_value("Bo’s greeting")
        assert_accessible(ana, "light", "dark")
        ana.get_by_role("radio", name="Mine").focus()
        ana.keyboard.press("ArrowRight")
        expect(ana.get_by_role("radio", name="Bo’s")).to_be_checked()
        ana.get_by_role("button", name="Save with these choices").press("Enter")
        expect(ana.get_by_role("status")).to_contain_text("Saved")

    content = desk.issue().content
    said = (content.subject, content.preheader, content.greeting)
    assert said == ("Bo’s subject", "Ana’s preheader", "Bo’s greeting")
