"""The main job from end to end, in a real browser, with mail over a real SMTP conversation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.accessibility import assert_accessible
from tests.support.browser import opened_page
from tests.support.databases import on_both_databases
from tests.support.relay import Relay
from tests.support.server import Server
from tests.support.watching import wait_until
from topthree.domain.clock import utc_now

TEACHER = "t.teacher@school.example"
HEADLINES = ("Borrow this worksheet", "What I heard in the hall", "Come to the convening")


_CODE = r"\b(\d{3}) (\d{3})\b"


@contextmanager
def running(server: Server) -> Iterator[Server]:
    server.start()
    try:
        yield server
    finally:
        if server.is_running:
            server.stop()


@pytest.fixture
def environment(database_url: str, relay: Relay) -> dict[str, str]:
    """A cadence whose slot is today, in a zone where it is about noon whenever the test runs."""
    now = utc_now()
    hours_to_noon = 12 - now.hour
    return {
        "TOPTHREE_DATABASE_URL": database_url,
        "TOPTHREE_SMTP_URL": relay.url,
        # The signs of these zones are the other way round: Etc/GMT-3 is three hours ahead.
        "TOPTHREE_TIME_ZONE": f"Etc/GMT{-hours_to_noon:+d}" if hours_to_noon else "Etc/GMT",
        "TOPTHREE_ANCHOR": now.date().isoformat(),
    }


@on_both_databases
def test_a_teacher_subscribes_two_editors_make_an_issue_it_arrives_and_the_teacher_leaves(
    browser: Browser, relay: Relay, environment: dict[str, str], tmp_path: Path
) -> None:
    before_noon = Server(tmp_path / "house", {**environment, "TOPTHREE_SEND_AT": "23:59:59"})
    with running(before_noon) as server:
        subscribe_and_confirm(browser, server, relay)
        address = write_an_issue(browser, server)
        approve_and_schedule(browser, server, relay, address)
        assert issues_sent_to_teacher(relay) == []
    with running(server_at_its_slot(tmp_path / "house", environment)) as server:
        message = issue_that_arrives(relay)
        assert_is_the_issue(message)
        read_in_the_archive(browser, server)
        leave(browser, server, message)


def subscribe_and_confirm(browser: Browser, server: Server, relay: Relay) -> None:
    with opened_page(browser, server.url) as page:
        page.goto("/")
        assert_accessible(page, "light")
        page.get_by_label("Your email address").fill(TEACHER)
        page.get_by_role("button", name="Send me the letter").click()
        page.get_by_role("heading", name="Check your inbox").wait_for()
        assert_accessible(page, "light")
        page.goto(link_in(newest(relay, "/c/"), "/c/"))
        assert_accessible(page, "light")
        page.get_by_role("button").click()
        page.get_by_role("heading", level=1).wait_for()
        assert "/c/" in page.url
        assert_accessible(page, "light")


def write_an_issue(browser: Browser, server: Server) -> str:
    """Sign in with the printed link, write, ask for approval; return the issue's address."""
    with opened_page(browser, server.url) as page:
        page.goto(printed_link(server, "First Editor"))
        assert_accessible(page, "light")
        page.get_by_role("button").click()
        page.get_by_role("button", name="Write an issue").click()
        assert_accessible(page, "light")
        page.locator("#subject").fill("Three for a short week")
        page.locator("#preheader").fill("A worksheet, a voice, a date.")
        for place, headline in enumerate(HEADLINES, start=1):
            page.locator(f"#item-{place}-headline").fill(headline)
            page.locator(f"#item-{place}-body").fill(f"Text of item {place}, **short** as ever.")
        page.locator("#item-2-contributor-name").fill("A teacher in Wareham")
        page.get_by_role("button", name="Save and preview").click()
        assert_accessible(page, "light")
        page.get_by_role("link", name="Write", exact=True).click()
        address = page.url.removeprefix(server.url)
        page.get_by_role("button", name="Ask for approval").click()
        page.get_by_label("Who should read it?").wait_for()
        page.get_by_role("button", name="Ask for approval").click()
        page.get_by_text("In review").first.wait_for()
        page.goto(f"{address}review/")
        assert page.get_by_role("button", name="Approve this text").count() == 0
        assert_accessible(page, "light")
        return address


def approve_and_schedule(browser: Browser, server: Server, relay: Relay, address: str) -> None:
    """Sign in by address and code, approve as the second person, and put it on today's slot."""
    with opened_page(browser, server.url) as page:
        page.goto(f"{address}review/")
        page.locator("input[name=address]").fill("publisher@topthree.example")
        page.get_by_role("button").first.click()
        assert_accessible(page, "light")
        page.locator("#code").fill(code_in(newest(relay, "/desk/sign-in/")))
        page.locator("form:has(#code) button").click()
        page.get_by_role("button", name="Approve this text").click()
        page.get_by_role("heading", name="Approved").wait_for()
        page.goto(f"{address}slot/")
        assert_accessible(page, "light")
        page.get_by_role("button", name="Put it there").click()
        page.get_by_text("so it goes out by itself").wait_for()
        page.goto("/desk/")
        assert page.get_by_text(HEADLINES[0]).count() == 1
        assert_accessible(page, "light")


def server_at_its_slot(folder: Path, environment: dict[str, str]) -> Server:
    """The same house, whose slot comes in a moment."""
    zone_hours = -int(environment["TOPTHREE_TIME_ZONE"].removeprefix("Etc/GMT") or 0)
    soon = utc_now() + timedelta(hours=zone_hours, seconds=3)
    return Server(folder, {**environment, "TOPTHREE_SEND_AT": f"{soon:%H:%M:%S}"})


def issue_that_arrives(relay: Relay) -> EmailMessage:
    wait_until(lambda: bool(issues_sent_to_teacher(relay)))
    (message,) = issues_sent_to_teacher(relay)
    return message


def assert_is_the_issue(message: EmailMessage) -> None:
    plain = message.get_body(("plain",))
    rich = message.get_body(("html",))
    assert plain is not None
    assert rich is not None
    assert message["Subject"] == "Three for a short week"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for headline in HEADLINES:
        assert headline in plain.get_content()
        assert re.search(rf"<h2[^>]* style=[^>]*>{headline}<", rich.get_content())


def read_in_the_archive(browser: Browser, server: Server) -> None:
    with opened_page(browser, server.url) as page:
        page.goto("/issues/")
        assert_accessible(page, "light")
        page.get_by_role("link", name="Three for a short week").first.click()
        for place, headline in enumerate(HEADLINES, start=1):
            assert page.locator(f"#item-{place}").get_by_text(headline).count() >= 1
        assert_accessible(page, "light")
        feed = page.request.get("/feed.atom").text()
        assert "Three for a short week" in feed


def leave(browser: Browser, server: Server, message: EmailMessage) -> None:
    with opened_page(browser, server.url) as page:
        page.goto(link_in(message, "/u/"))
        assert "t•••@school.example" in page.content()
        assert_accessible(page, "light")
        page.get_by_role("button").click()
        page.get_by_role("heading", name="Done").wait_for()
        assert_accessible(page, "light")
        page.get_by_role("button", name=re.compile("mistake")).click()
        assert_accessible(page, "light")
        page.goto(link_in(message, "/u/"))
        page.get_by_role("button", name="Unsubscribe").click()
        page.get_by_role("heading", name="Done").wait_for()


def printed_link(server: Server, who: str) -> str:
    found = re.search(rf"{who}\s+(http\S+)", server.output)
    assert found, server.output
    return found[1]


def newest(relay: Relay, part: str) -> EmailMessage:
    """Wait for a message with this in its text: others may come before and after it."""
    wait_until(lambda: bool(messages_with(relay, part)))
    return messages_with(relay, part)[-1]


def messages_with(relay: Relay, part: str) -> list[EmailMessage]:
    messages = [parsed(accepted.content) for accepted in relay.accepted]
    return [message for message in messages if re.search(part, text_in(message))]


def text_in(message: EmailMessage) -> str:
    plain = message.get_body(("plain",))
    assert plain is not None
    return str(plain.get_content())


def issues_sent_to_teacher(relay: Relay) -> list[EmailMessage]:
    messages = [parsed(accepted.content) for accepted in relay.sent_to(TEACHER)]
    return [message for message in messages if "List-Unsubscribe" in message]


def parsed(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def link_in(message: EmailMessage, part: str) -> str:
    found = re.search(rf"<(http\S+{part}\S+)>", text_in(message))
    assert found, text_in(message)
    return found[1]


def code_in(message: EmailMessage) -> str:
    found = re.search(_CODE, text_in(message))
    assert found, text_in(message)
    return found[1] + found[2]
