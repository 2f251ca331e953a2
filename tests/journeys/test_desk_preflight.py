"""Preflight at the desk: found under its field and on top, and nothing is approved against it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from playwright.sync_api import Browser

from tests.integration.test_checking_links import APPLY, Sites
from tests.support.browser import opened_page
from tests.support.colleague import Colleague, signed_in
from tests.support.installation import (
    Installation,
    complete_content,
    with_wiring,
)
from tests.support.kept_pictures import with_pictures
from tests.support.keyboard import press, tab_to
from tests.support.page import Page, text_of
from tests.support.served import served
from topthree.domain.editors.permission import Role
from topthree.domain.writing.issue import IssueContent
from topthree.domain.writing.item import Participation
from topthree.services.links.check_links import check_links


@pytest.fixture
def ana(installation: Installation) -> Colleague:
    return signed_in(installation, "Ana", Role.WRITER)


def with_body(body: str) -> IssueContent:
    first, second, third = complete_content().items
    return replace(complete_content(), items=(replace(first, body=body), second, third))


def listed(page: Page) -> list[tuple[str, str]]:
    rows = page.select(".preflight li")
    return [(text_of(row.cssselect(".kind")[0]), text_of(row)) for row in rows]


def test_a_finding_stands_on_top_and_under_its_field(ana: Colleague) -> None:
    page = ana.browser.get(ana.write_issue(with_body("Come on Monday, July 28.")))

    under = page.one("#item-1-body-found")
    assert "1 thing stops this issue. 1 piece of advice." in text_of(page.one("#preflight"))
    assert page.select('.preflight a[href="#item-1-body"]')
    assert [kind for kind, _ in listed(page)] == ["Stops it", "Advice", "In order"]
    assert "July 28, 2026 is a Tuesday. Look into the calendar" in text_of(under)
    assert "item-1-body-found" in page.one("#item-1-body").get("aria-describedby", "")


def test_what_stops_an_issue_is_found_and_mended_with_the_keyboard_alone(
    installation: Installation, browser: Browser
) -> None:
    ana = Colleague(installation, "Ana", Role.WRITER)
    ana.sign_in()
    path = ana.write_issue(with_body("The number is TK."))
    ben = Colleague(installation, "Ben", Role.WRITER)
    ben.ask_to_sign_in()

    with served(installation) as url, opened_page(browser, url, with_script=False) as page:
        page.goto(ben.link)
        press(page, "Open the desk")
        page.goto(path)
        before = page.locator("#preflight").inner_text()
        tab_to(page, "“TK” looks like something to be filled in")
        page.keyboard.press("Enter")
        page.keyboard.press("Control+A")
        page.keyboard.type("The number is 4.")
        press(page, "Ask for approval")
        after = page.locator("#preflight").inner_text()
        page.goto(path)
        under = page.locator("#item-1-body-found").count()

    assert before == "1 thing stops this issue. 1 piece of advice."
    assert after == "Nothing stops this issue. 1 piece of advice."
    assert under == 0


def test_asking_for_approval_is_refused_with_the_list(ana: Colleague) -> None:
    path = ana.write_issue(with_body("The number is TK."), button="submit")

    page = ana.browser.page
    assert page.status == 422
    assert text_of(page.one('.summary a[href="#item-1-body"]')).startswith("“TK” looks like")
    review = ana.browser.get(f"{path}review/")
    assert "Mend what stops it" in text_of(review.one("a.button"))
    assert f"{path}#item-1-body" in [a.get("href") for a in review.select(".preflight a")]
    assert "Put in what belongs there, or take it out." in text_of(review.one(".preflight"))


def test_what_comes_to_stop_it_in_review_refuses_the_approval(
    installation: Installation, ana: Colleague
) -> None:
    sites = Sites(statuses={APPLY: 404})
    house = with_wiring(installation, fetcher=sites)
    path = ana.write_issue(button="submit")
    paula = Colleague(house, "Paula", Role.PUBLISHER)
    paula.sign_in()
    page = paula.browser.get(f"{path}review/")
    digest = page.one("input[name=digest]").get("value", "")
    csrf = page.select("input[name=csrf]")[0].get("value", "")

    ana.browser.get(path)
    asked = ana.browser.submit("#compose", {}, button="check-links")
    check_links(house.wiring)
    refused = paula.browser.post(f"{path}approve/", {"csrf": csrf, "digest": digest})

    assert "The links are being checked" in asked.text
    assert refused.status == 422
    assert "leads nowhere: the site answers 404" in refused.text
    assert not refused.select("form[action$='/approve/']")
    assert "Something stops it" in refused.text


def test_links_are_checked_from_the_review_as_well(
    installation: Installation, ana: Colleague
) -> None:
    sites = Sites()
    house = with_wiring(installation, fetcher=sites)
    path = ana.write_issue()
    ana.browser.get(f"{path}review/")

    page = ana.browser.submit("form[action$='/links/']")

    assert page.path.startswith(f"{path}review/")
    assert "2 links are being checked" in text_of(page.one(".preflight"))
    assert check_links(house.wiring) == 2
    assert "Nothing stops this issue" in ana.browser.get(f"{path}review/").text


def test_a_picture_that_nobody_described_stops_the_issue_beside_its_button(
    installation: Installation, ana: Colleague
) -> None:
    content = with_pictures(installation, ana.editor, complete_content())
    first, second, third = content.items
    undescribed = replace(first.picture, alt="", is_decorative=False)
    items = (replace(first, picture=undescribed), second, third)

    page = ana.browser.get(ana.write_issue(replace(content, items=items)))

    button = page.one("#item-1-picture")
    assert page.select('.preflight a[href="#item-1-picture"]')
    assert button.get("aria-describedby") == "item-1-picture-found"
    assert "say in words what the picture shows" in text_of(page.one("#item-1-picture-found"))


def test_what_a_later_slot_comes_too_late_for_is_said_where_it_is_chosen(
    installation: Installation,
) -> None:
    first, second, third = complete_content().items
    third = replace(third, participation=Participation(closes_on=date(2026, 12, 10)))
    content = replace(complete_content(), items=(first, second, third))
    issue_id = installation.schedule_approved_issue(content)
    paula = Colleague(installation, "Paula", Role.PUBLISHER)
    paula.sign_in()
    before = paula.browser.get(f"/desk/issues/{issue_id}/slot/")

    after = paula.browser.submit("form.choices", {"day": "2026-12-17"})

    assert not before.select(".finding")
    assert "before the letter goes out on Thursday, December 17" in text_of(after.one(".finding"))


def test_an_installation_without_a_way_out_offers_no_check_of_links(ana: Colleague) -> None:
    page = ana.browser.get(ana.write_issue())

    assert "check the links" not in page.text
    assert "have not been checked" not in page.text
