"""What holds for the public pages as a whole: the first page, the headers, no cookie, no trace."""

from __future__ import annotations

from datetime import date, time, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from tests.support.accessibility import assert_accessible
from tests.support.browser import opened_page
from tests.support.client import PageClient
from tests.support.installation import Installation, complete_content, dismantle, install
from tests.support.page import text_of
from tests.support.publishing import content_with, publish
from tests.support.server import StartServer
from tests.support.teacher import Teacher
from topthree.domain.writing.item import Link, Participation
from topthree.store.tables import metadata
from topthree.tokens import Purpose

PAGES = (
    "/",
    "/subscribe/",
    "/issues/",
    "/issues/2026-12-03/",
    "/privacy/",
    "/accessibility/",
    "/nowhere",
    "/c/x/",
    "/w/x/",
    "/u/x/",
    "/b/x/",
)
SCANNERS = ("Mozilla/5.0 (Windows NT 10.0)", "GoogleImageProxy", "Microsoft Office/16.0")


@pytest.fixture
def reader(installation: Installation) -> PageClient:
    return PageClient(installation.app)


def closing(on: date, at: time | None = None, url: str = "/apply") -> dict[str, object]:
    return {
        "participation": Participation(closes_on=on, closes_at=at),
        "link": Link(label="Apply", url=f"https://www.example.gov{url}"),
    }


def opening_words(reader: PageClient) -> list[str]:
    return [text_of(each) for each in reader.get("/").select("#open li")]


def everything(installation: Installation) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with installation.wiring.reading() as session:
        return {
            table.name: sorted((tuple(row) for row in session.execute(select(table))), key=str)
            for table in metadata.sorted_tables
        }


def test_the_first_page_shows_the_newest_issue(
    installation: Installation, reader: PageClient
) -> None:
    publish(installation, complete_content("Ask the room"))
    publish(installation, complete_content("Share the lead"))

    page = reader.get("/")

    assert page.title == "Teachers’ Top Three: a letter to teachers, every other Thursday"
    assert "No. 2, Thursday, December 17, 2026, one-minute read" in page.text
    assert "The next one comes on Thursday, December 31, 2026." in page.text
    assert [text_of(each) for each in page.select(".three h3")] == [
        "1. Five schools that share the lead",
        "2. I stopped planning alone",
        "3. Take a seat on a cabinet",
    ]
    assert reader.follow("#newest ~ p a").heading == "Share the lead"


def test_before_the_first_issue_the_first_page_invites(reader: PageClient) -> None:
    page = reader.get("/")

    assert "The earliest day for it is Thursday, December 3, 2026." in page.text
    assert "Nothing is waiting for an answer just now." in page.text


def test_open_now_lists_what_can_still_be_done_soonest_first(
    installation: Installation, reader: PageClient
) -> None:
    publish(installation, content_with(headline="Late", **closing(date(2027, 1, 29), url="/late")))
    publish(installation, content_with(headline="Over", **closing(date(2026, 12, 18), url="/over")))
    publish(installation, content_with(headline="No date"))
    publish(installation, content_with(headline="Soon", **closing(date(2027, 1, 20), url="/soon")))

    assert opening_words(reader) == [
        "Soon Closes Wednesday, January 20",
        "Late Closes Friday, January 29, 2027",
    ]


def test_open_now_drops_an_opportunity_at_its_hour(
    installation: Installation, reader: PageClient
) -> None:
    publish(installation, content_with(**closing(date(2026, 12, 3), time(17))))
    installation.clock.advance(timedelta(hours=11))
    at_five = opening_words(reader)

    installation.clock.advance(timedelta(minutes=1))

    assert at_five == ["Take a seat on a cabinet Closes Thursday, December 3"]
    assert opening_words(reader) == []


def test_open_now_keeps_an_opportunity_without_an_hour_until_midnight(
    installation: Installation, reader: PageClient
) -> None:
    publish(installation, content_with(**closing(date(2026, 12, 3))))
    installation.clock.advance(timedelta(hours=17, minutes=59))
    before_midnight = opening_words(reader)

    installation.clock.advance(timedelta(minutes=1))

    assert len(before_midnight) == 1
    assert opening_words(reader) == []


def test_of_what_is_run_again_open_now_lists_the_last_call(
    installation: Installation, reader: PageClient
) -> None:
    publish(installation, content_with(headline="Apply", **closing(date(2027, 1, 29))))
    publish(installation, content_with(headline="Last call", **closing(date(2027, 1, 29))))

    assert opening_words(reader) == ["Last call Closes Friday, January 29, 2027"]


def test_a_fresh_installation_says_what_to_do_next(reader: PageClient) -> None:
    page = reader.get("/")

    strip = text_of(page.one(".strip"))
    assert "type any address below" in strip
    assert "terminal" in strip
    assert {link.get("href") for link in page.select(".strip a")} == {"/desk/", "/desk/outbox/"}


def test_an_installation_with_a_relay_says_nothing_of_an_outbox(
    database_url: str, tmp_path: Path
) -> None:
    installation = install(
        tmp_path / "instance", database_url, TOPTHREE_SMTP_URL="smtp://user:pass@relay.example:587"
    )
    teacher = Teacher(installation)

    first, asked = teacher.browser.get("/"), teacher.ask_for_the_letter()
    dismantle(installation)

    assert "outbox" not in first.source + asked.source


def test_the_pages_about_us_carry_the_settings(database_url: str, tmp_path: Path) -> None:
    installation = install(
        tmp_path / "instance",
        database_url,
        TOPTHREE_NAME="Three for Teachers",
        TOPTHREE_AGENCY="Office of Schools",
        TOPTHREE_POSTAL_ADDRESS="2 Sample Road, Shelbyville 11111",
        TOPTHREE_SENDER_ADDRESS="three@schools.example",
    )
    reader = PageClient(installation.app)

    pages = [reader.get(path) for path in ("/privacy/", "/accessibility/", "/")]
    dismantle(installation)

    for page in pages:
        assert "Three for Teachers" in page.title
        assert "Office of Schools" in page.text
        assert "2 Sample Road, Shelbyville 11111" in page.text
        assert page.select('a[href="mailto:three@schools.example"]')
    assert "public records" in pages[0].text


def test_no_page_for_visitors_sets_a_cookie(installation: Installation, reader: PageClient) -> None:
    publish(installation)

    pages = [reader.get(path) for path in PAGES]

    assert not [page.path for page in pages if "Set-Cookie" in page.headers]
    assert not [page.path for page in pages if "Cookie" in page.headers.get("Vary", "")]


def test_every_page_has_a_title_of_its_own(installation: Installation, reader: PageClient) -> None:
    publish(installation)
    teacher = Teacher(installation)
    teacher.ask_for_the_letter()
    pages = [reader.get(path) for path in PAGES[:7]]
    pages += [teacher.browser.page, teacher.open_link("c"), teacher.press_the_button()]
    pages += [teacher.open_link("w"), teacher.press_the_button()]

    titles = [page.title for page in pages]

    assert len(set(titles)) == len(titles)
    assert all("Teachers’ Top Three" in title for title in titles)


@pytest.mark.parametrize("kind", "cwuob")
def test_pages_behind_links_in_mail_stay_out_of_sight(
    installation: Installation, kind: str
) -> None:
    purposes = {"c": Purpose.CONFIRM, "w": Purpose.DISOWN, "b": Purpose.UNDO_LEAVING}
    Teacher(installation).subscribe()
    purpose = purposes.get(kind, Purpose.UNSUBSCRIBE)
    good = installation.wiring.tokens.sign(purpose, 1, installation.clock())
    client = installation.app.test_client()

    answers = [
        send(f"/{kind}/{token}{slash}")
        for token in (good, "x")
        for slash in ("/", "")
        for send in (client.get, client.post)
    ]

    assert {answer.status_code for answer in answers} <= {200, 303, 404}
    for answer in answers:
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert "Set-Cookie" not in answer.headers


def test_looking_changes_nothing(installation: Installation) -> None:
    """Mail scanners open every link, some with a whole browser (standards R-110)."""
    teacher = Teacher(installation)
    teacher.subscribe()
    publish(installation)
    other = Teacher(installation, "ann@revere.example")
    other.ask_for_the_letter()
    paths = [*PAGES, "/feed.atom", "/sitemap.xml", "/robots.txt", "/healthz", "/confirm-code/"]
    paths += [other.link("c"), other.link("w"), teacher.link("u")]
    paths += [teacher.link("u").replace("/u/", "/o/"), teacher.link("u").replace("/u/", "/b/")]
    before = everything(installation)
    client = installation.app.test_client()

    for path in paths:
        for scanner in SCANNERS:
            for method in ("GET", "HEAD", "OPTIONS"):
                client.open(path, method=method, headers={"User-Agent": scanner})

    assert everything(installation) == before
    assert before["subscriptions"]


def test_the_watchman_is_told_that_all_is_well(installation: Installation) -> None:
    answer = installation.app.test_client().get("/healthz")

    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_watchman_is_told_that_the_database_is_away(tmp_path: Path) -> None:
    missing = tmp_path / "missing" / "database.sqlite"
    installation = install(tmp_path / "instance", f"sqlite:///{missing}")

    answer = installation.app.test_client().get("/healthz")
    dismantle(installation)

    assert answer.status_code == 503


def test_style_sheets_and_icon_are_kept_for_good(reader: PageClient) -> None:
    page = reader.get("/")
    addresses = [
        link.get("href", "") for link in page.select("link[rel=stylesheet], link[rel=icon]")
    ]

    answers = [reader.flask.get(address) for address in addresses]

    assert len(answers) == 3
    for answer in answers:
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        answer.close()


@pytest.mark.parametrize("path", ["/subscribe/", "/confirm-code/", "/c/x/", "/u/x/"])
@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00", b"address=%00%ff&code=%ed%a0%80"])
def test_a_form_that_no_browser_sends_gets_a_page(
    reader: PageClient, path: str, body: bytes
) -> None:
    page = reader.post(path, body, headers={"Content-Type": "application/x-www-form-urlencoded"})

    assert page.status in (404, 422)


@pytest.mark.parametrize("path", ["/issues/", "/u/x/", "/c/x/"])
def test_a_page_answers_only_what_it_is_for(reader: PageClient, path: str) -> None:
    answer = reader.flask.delete(path)

    assert answer.status_code == 405


def test_people_with_any_ability_can_use_every_page(
    browser: Browser, start_server: StartServer
) -> None:
    server = start_server()
    with opened_page(browser, server.url) as page:
        for path in ("/", "/subscribe/", "/issues/", "/privacy/", "/accessibility/", "/c/x/"):
            page.goto(path)
            assert_accessible(page)
        page.goto("/issues/")
        page.click(".issues h3 a")
        assert_accessible(page)


def test_no_page_is_wider_than_a_small_phone(browser: Browser, start_server: StartServer) -> None:
    server = start_server()
    with opened_page(browser, server.url) as page:
        page.set_viewport_size({"width": 320, "height": 640})
        for path in ("/", "/subscribe/", "/issues/", "/privacy/", "/accessibility/", "/c/x/"):
            page.goto(path)
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= 320, path


def test_a_teacher_subscribes_without_script_and_with_the_keyboard_alone(
    browser: Browser, start_server: StartServer
) -> None:
    server = start_server()
    with opened_page(browser, server.url, with_script=False) as page:
        page.goto("/subscribe/")
        page.focus("#address")
        page.keyboard.type("teacher at springfield")
        page.keyboard.press("Enter")
        page.wait_for_selector(".summary")
        wrong = page.title()
        page.keyboard.press("Control+A")
        page.keyboard.type("teacher@springfield.example")
        page.keyboard.press("Enter")
        page.wait_for_selector("#code")

        assert wrong.startswith("Error: ")
        assert page.text_content("h1") == "Check your inbox"
