from __future__ import annotations

from collections.abc import Iterator
from threading import Thread

import pytest
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from tests.support.accessibility import assert_accessible
from tests.support.browser import opened_page
from tests.support.network import LOOPBACK
from tests.support.sample_site import make_site


@pytest.fixture
def origin() -> Iterator[str]:
    server = make_server(LOOPBACK, 0, make_site(), threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://{LOOPBACK}:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("with_script", [True, False])
def test_a_form_is_sent_and_the_redirect_followed(
    browser: Browser, origin: str, *, with_script: bool
) -> None:
    with opened_page(browser, origin, with_script=with_script) as page:
        page.goto("/")
        page.get_by_label("Address").fill("new@school.example")
        page.get_by_role("button", name="Send").click()

        assert page.url == f"{origin}/"
        assert "address=new@school.example" in page.get_by_role("heading").inner_text()


def test_every_page_on_the_way_is_checked(browser: Browser, origin: str) -> None:
    def visit() -> None:
        with opened_page(browser, origin) as page:
            page.goto("/without-language")
            page.get_by_role("link", name="Next").click()
            page.get_by_role("button", name="Find").click()

    with pytest.raises(AssertionError, match="<html> has no lang"):
        visit()


def test_a_request_to_anyone_else_is_stopped_and_told(browser: Browser, origin: str) -> None:
    def visit() -> None:
        with opened_page(browser, origin) as page, page.expect_event("requestfailed"):
            page.goto("/meddling", wait_until="commit")

    with pytest.raises(AssertionError, match="asked someone else: http://elsewhere"):
        visit()


def test_breaking_the_policy_is_told(browser: Browser, origin: str) -> None:
    def visit() -> None:
        with opened_page(browser, origin) as page, page.expect_event("console"):
            page.goto("/")
            page.evaluate("document.body.innerHTML = '<p style=\"color: red\">Words</p>'")

    with pytest.raises(AssertionError, match="Content Security Policy"):
        visit()


def test_an_error_in_a_script_is_told(browser: Browser, origin: str) -> None:
    def visit() -> None:
        with opened_page(browser, origin) as page, page.expect_event("pageerror"):
            page.goto("/failing")

    with pytest.raises(AssertionError, match="in a script: It broke"):
        visit()


def test_axe_passes_a_good_page_and_finds_what_cannot_be_read(
    browser: Browser, origin: str
) -> None:
    with opened_page(browser, origin) as page:
        page.goto("/")
        assert_accessible(page)

        page.evaluate("document.querySelector('h1').style.color = '#eee'")

        with pytest.raises(AssertionError, match="color-contrast"):
            assert_accessible(page)
