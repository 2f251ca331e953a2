"""Anyone reads past issues: the list, each issue's page, and what a cache may keep of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from tests.support.client import PageClient
from tests.support.installation import Installation, complete_content
from tests.support.page import Page, text_of
from tests.support.publishing import content_with, publish, take_into_archive
from tests.support.teacher import Teacher
from topthree.domain.writing.item import Participation

FIRST = "/issues/2026-12-03/"
NO_DATES = (
    "2026-12-04",
    "2026-13-01",
    "2026-02-30",
    "20261203",
    "2026-W49-4",
    "2026-12-3",
    "+2026-12-03",
    "\uff12\uff10\uff12\uff16-12-03",
    "0000-00-00",
    "9999-12-31",
    "2026-12-03%00",
    "2026-12-03'--",
    "..%2f..%2fetc%2fpasswd",
    "x" * 3000,
)
HOSTILE = (
    "<script>alert(1)</script>",
    "</title><script>alert(2)</script>",
    '"><img src=x onerror=alert(3)>',
    "{{ config }}{% raw %}${7 + 7}#{7 + 7}",
    "&lt;b&gt; &amp;amp; <b>",
)


@pytest.fixture
def reader(installation: Installation) -> PageClient:
    return PageClient(installation.app)


def deadline(on: date, at: time | None = None) -> Participation:
    return Participation(closes_on=on, closes_at=at)


def property_of(page: Page, name: str) -> str | None:
    return page.one(f'meta[property="{name}"]').get("content")


def test_past_issues_stand_newest_first_under_their_school_year(
    installation: Installation, reader: PageClient
) -> None:
    publish(installation, complete_content("Share the lead"))
    publish(installation, complete_content("Ask the room"))
    installation.clock.now += timedelta(days=200)
    publish(installation, complete_content("Before the first bell"))

    page = reader.get("/issues/")

    assert [text_of(year) for year in page.select(".year h2")] == ["2027–28", "2026–27"]
    assert [text_of(link) for link in page.select(".issues h3 a")] == [
        "Before the first bell",
        "Ask the room",
        "Share the lead",
    ]


def test_a_row_of_the_list_names_section_and_headline_of_each_item(
    installation: Installation, reader: PageClient
) -> None:
    publish(installation)

    rows = reader.get("/issues/").select(".issues ol li")

    assert [text_of(row) for row in rows] == [
        "1 resource: Five schools that share the lead",
        "2 reflection: I stopped planning alone",
        "3 opportunity: Take a seat on a cabinet",
    ]
    assert reader.follow(".issues h3 a").heading == "Share the lead"


def test_an_empty_archive_is_an_invitation(reader: PageClient) -> None:
    page = reader.get("/issues/")

    assert "The earliest day for it is Thursday, November 26, 2026" not in page.text
    assert "The first letter is being written." in page.text
    assert reader.follow(".vacant a").heading == "Get the letter"


def test_an_issue_has_everything_that_its_letter_had(
    installation: Installation, reader: PageClient
) -> None:
    publish(installation, content_with(participation=deadline(date(2026, 12, 11), time(17))))

    page = reader.get(FIRST)

    for words in (
        "No. 1",
        "Thursday, December 3, 2026",
        "Dear teachers, here are three.",
        "What We’re Reading",
        "The person closest to the work decides.",
        "The guide as PDF example.gov",
        "A grade 5 teacher, Teacher, Revere",
        "Closes Friday, December 11 In 8 days. At 5:00 pm EST.",
        "Apply for a seat",
        "This is the first one.",
        "Comes on Thursday, December 17, 2026",
    ):
        assert words in page.text
    assert page.one("#item-3 time").get("datetime") == "2026-12-11T17:00-05:00"


def test_each_item_can_be_linked_to(installation: Installation, reader: PageClient) -> None:
    publish(installation)

    page = reader.get(FIRST)

    assert [text_of(each) for each in page.select("section.item h2")] == [
        "1. Five schools that share the lead",
        "2. I stopped planning alone",
        "3. Take a seat on a cabinet",
    ]
    assert [each.get("id") for each in page.select("section.item")] == [
        "item-1",
        "item-2",
        "item-3",
    ]
    assert [each.get("href") for each in page.select(".tools a")] == [
        f"http://letters.example{FIRST}#item-{place}" for place in (1, 2, 3)
    ]


def test_issues_lead_to_the_ones_before_and_after(
    installation: Installation, reader: PageClient
) -> None:
    publish(installation, complete_content("Share the lead"))
    publish(installation, complete_content("Ask the room"))

    first = reader.get(FIRST)
    second = reader.follow(".prevnext p:last-child a")

    assert "Next: No. 2, December 17 Ask the room" in first.text
    assert second.heading == "Ask the room"
    assert reader.follow(".prevnext p:first-child a").heading == "Share the lead"


def test_deadlines_are_counted_down_and_then_over(
    installation: Installation, reader: PageClient
) -> None:
    publish(installation, content_with(participation=deadline(date(2026, 12, 5))))
    said = []
    for _ in range(4):
        said.append(text_of(reader.get(FIRST).one(".deadline div")))
        installation.clock.advance(timedelta(days=1))

    assert said == [
        "Closes Saturday, December 5 In 2 days.",
        "Closes Saturday, December 5 Tomorrow.",
        "Closes Saturday, December 5 Today.",
        "Closed Saturday, December 5",
    ]


def test_each_text_says_which_language_it_is_in(
    installation: Installation, reader: PageClient
) -> None:
    content = content_with(language="en", participation=deadline(date(2026, 12, 5)))
    publish(installation, replace(content, language="es"))

    page = reader.get(FIRST)

    assert page.root.get("lang") == "en"
    assert page.one("h1").get("lang") == "es"
    assert page.one("#item-1 .text").get("lang") == "es"
    assert page.one("#item-3 .text").get("lang") == "en"
    assert "jueves 3 de diciembre de 2026" in page.text
    assert "Closes Saturday, December 5" in page.text


def test_other_sites_learn_what_an_issue_is(installation: Installation, reader: PageClient) -> None:
    publish(installation)

    page = reader.get(FIRST)

    address = f"http://letters.example{FIRST}"
    assert page.one("link[rel=canonical]").get("href") == address
    assert property_of(page, "og:url") == address
    assert property_of(page, "og:type") == "article"
    assert property_of(page, "og:title") == "Share the lead"
    assert (
        property_of(page, "og:description") == "A guide, a voice, and a chair with your name on it."
    )
    assert property_of(page, "article:published_time") == "2026-12-03T11:00:00Z"


def test_the_address_without_a_slash_leads_to_the_one_with(
    installation: Installation, reader: PageClient
) -> None:
    publish(installation)

    answer = reader.flask.get(FIRST.rstrip("/"))

    assert answer.status_code == 308
    assert answer.headers["Location"].endswith(FIRST)


def test_what_is_no_date_of_an_issue_is_not_found(
    installation: Installation, reader: PageClient
) -> None:
    publish(installation)

    for day in NO_DATES:
        page = reader.get(f"/issues/{day}/")
        assert (day, page.status) == (day, 404)
        assert page.select('main a[href="/issues/"]')


def test_an_issue_that_has_not_gone_out_is_nowhere(
    installation: Installation, reader: PageClient
) -> None:
    installation.schedule_approved_issue(complete_content("Not yet"))

    pages = [reader.get(path) for path in ("/", "/issues/", "/feed.atom", "/sitemap.xml")]

    assert reader.get(FIRST).status == 404
    assert not [page.path for page in pages if "Not yet" in page.source or FIRST in page.source]


def test_hostile_text_is_shown_as_it_was_typed(
    installation: Installation, reader: PageClient
) -> None:
    hostile = " ".join(HOSTILE[:3])
    content = content_with(headline=hostile, kicker=hostile[:40], body=" ".join(HOSTILE))
    hostile_content = replace(content, subject=hostile, greeting=" ".join(HOSTILE))
    take_into_archive(installation, hostile_content)

    issue = reader.get(FIRST)
    pages = [issue, reader.get("/issues/"), reader.get("/")]

    assert not [page.path for page in pages if page.select("script, img, main b b")]
    assert issue.heading == hostile
    assert issue.title.startswith(hostile)
    assert text_of(issue.one(".greeting")) == " ".join(HOSTILE)
    for text in HOSTILE[:4]:
        assert text in text_of(issue.one("#item-3 .text"))


def test_pages_name_no_reader(installation: Installation, reader: PageClient) -> None:
    teacher = Teacher(installation)
    teacher.subscribe()
    publish(installation)
    token = teacher.link("u").split("/")[2]

    for path in ("/", "/issues/", FIRST, "/feed.atom", "/sitemap.xml"):
        source = reader.get(path).source
        assert teacher.address not in source
        assert "springfield.example" not in source
        assert token not in source


def test_a_reader_who_has_the_page_is_told_that_it_has_not_changed(
    installation: Installation, reader: PageClient
) -> None:
    publish(installation)

    for path in ("/", "/issues/", FIRST, "/feed.atom", "/sitemap.xml"):
        mark = reader.get(path).headers["ETag"]
        answer = reader.flask.get(path, headers={"If-None-Match": mark})
        head = reader.flask.head(path)
        assert answer.status_code == 304
        assert answer.data == b""
        assert answer.headers["ETag"] == mark == head.headers["ETag"]
        assert not mark.startswith("W/")
        assert head.headers["Cache-Control"] == "public, max-age=300"
        assert "Vary" not in head.headers
        assert "Set-Cookie" not in head.headers


def test_a_page_says_when_it_changed(installation: Installation, reader: PageClient) -> None:
    paths = ("/issues/", FIRST, "/feed.atom", "/sitemap.xml")
    publish(installation)
    before = {"If-Modified-Since": "Thu, 03 Dec 2026 11:00:00 GMT"}
    unchanged = [reader.flask.get(path, headers=before).status_code for path in paths]

    publish(installation)

    changed = [reader.flask.get(path, headers=before).status_code for path in paths]
    assert unchanged == [304] * 4
    assert changed == [200] * 4


def test_a_page_with_a_deadline_changes_at_midnight_until_it_is_over(
    installation: Installation, reader: PageClient
) -> None:
    publish(installation, content_with(participation=deadline(date(2026, 12, 5))))
    changed = []
    for _ in range(5):
        changed.append(reader.get(FIRST).headers["Last-Modified"])
        installation.clock.advance(timedelta(days=1))

    assert changed == [
        "Thu, 03 Dec 2026 11:00:00 GMT",
        "Fri, 04 Dec 2026 05:00:00 GMT",
        "Sat, 05 Dec 2026 05:00:00 GMT",
        "Sun, 06 Dec 2026 05:00:00 GMT",
        "Sun, 06 Dec 2026 05:00:00 GMT",
    ]


def test_every_issue_is_in_the_list(installation: Installation, reader: PageClient) -> None:
    days = [publish(installation, complete_content(f"Letter {number}")) for number in range(5)]

    links = [each.get("href") for each in reader.get("/issues/").select(".issues h3 a")]

    assert links == [f"/issues/{day}/" for day in reversed(days)]
