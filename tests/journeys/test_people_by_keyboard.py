"""Who works at the desk and who did what, in a real browser by the keyboard alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.support.browser import opened_page
from tests.support.colleague import Colleague
from tests.support.databases import Databases
from tests.support.installation import Installation, dismantle, install
from tests.support.keyboard import assert_shown, press, tab_to, type_into
from tests.support.served import served
from topthree.domain.editors.permission import Role


@pytest.fixture
def house(sqlite_databases: Databases, tmp_path: Path) -> Iterator[Installation]:
    for url in sqlite_databases.fresh():
        installation = install(tmp_path / "house", url)
        yield installation
        dismantle(installation)


@contextmanager
def at_the_desk(house: Installation, browser: Browser, role: Role) -> Iterator[Page]:
    pat = Colleague(house, "Pat", role)
    pat.ask_to_sign_in()
    with served(house) as url, opened_page(browser, url) as page:
        page.goto(pat.link)
        press(page, "Open the desk")
        yield page


def test_an_administrator_invites_changes_and_removes_somebody(
    house: Installation, browser: Browser
) -> None:
    wes = Colleague(house, "Wes", Role.WRITER)
    wes.sign_in()
    with at_the_desk(house, browser, Role.ADMINISTRATOR) as page:
        press(page, "Editors")
        type_into(page, "Name", "Kim")
        type_into(page, "Work email address", "kim.school")
        type_into(page, "Role", "Publisher")
        press(page, "Invite")
        assert_shown(page, "Nobody was invited")
        type_into(page, "Work email address", "kim@school.example")
        press(page, "Invite")
        page.get_by_text("Invited.").wait_for()
        press(page, "Change Wes")
        type_into(page, "Role", "Editor")
        press(page, "Change the role")
        page.get_by_text("the new role holds").wait_for()
        signed_out = wes.browser.get("/desk/").heading
        wes.sign_in()
        press(page, "Change Wes")
        press(page, "Remove Wes")
        press(page, "Remove Wes")
        assert_shown(page, "Removed, and signed out everywhere")
        listed = page.locator("tbody").inner_text()

    assert signed_out == wes.browser.get("/desk/").heading == "Sign in to the desk"
    assert ("Kim" in listed, "Wes" in listed) == (True, False)


def test_a_publisher_looks_through_the_log_and_takes_it_along(
    house: Installation, browser: Browser
) -> None:
    with at_the_desk(house, browser, Role.PUBLISHER) as page:
        press(page, "Who did what")
        type_into(page, "Did what", "added an editor")
        press(page, "Show them")
        page.get_by_role("heading", name="What you asked for").wait_for()
        rows = page.locator("tbody tr").all_inner_texts()
        tab_to(page, "JSON")
        with page.expect_download() as taken:
            page.keyboard.press("Enter")
        listed = json.loads(taken.value.path().read_text())
        type_into(page, "Its number or date", "77")
        press(page, "Show them")
        assert_shown(page, "Nothing like that was done.")

    assert rows
    assert all("added an editor" in row for row in rows)
    assert {entry["act"] for entry in listed} == {"editor-added"}
