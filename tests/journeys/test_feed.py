"""Feed readers get every issue whole (RFC 4287), and search engines the list of pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from pathlib import Path
from urllib.robotparser import RobotFileParser

import pytest
from lxml import etree

from tests.support.client import PageClient
from tests.support.installation import Installation, complete_content, dismantle, install
from tests.support.page import Element
from tests.support.publishing import content_with, publish, take_into_archive
from topthree.domain.writing.item import Participation

NAMES = {"a": "http://www.w3.org/2005/Atom", "s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


def parsed(installation: Installation, path: str) -> Element:
    answer = installation.app.test_client().get(path)
    assert answer.status_code == 200
    return etree.fromstring(answer.data, etree.XMLParser(resolve_entities=False))


def texts(root: Element, path: str) -> list[str]:
    return [element.text or "" for element in root.iterfind(path, NAMES)]


def links(root: Element, path: str) -> dict[str, str]:
    found = root.iterfind(f"{path}a:link", NAMES)
    return {link.get("rel", ""): link.get("href", "") for link in found}


def test_the_feed_says_what_it_is(installation: Installation) -> None:
    publish(installation)

    answer = installation.app.test_client().get("/feed.atom")
    feed = parsed(installation, "/feed.atom")

    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert texts(feed, "a:title") == ["Teachers’ Top Three"]
    assert texts(feed, "a:author/a:name") == ["State Department of Education"]
    assert links(feed, "") == {
        "self": "http://letters.example/feed.atom",
        "alternate": "http://letters.example/issues/",
    }


def test_an_entry_holds_the_whole_issue(installation: Installation) -> None:
    closing = Participation(closes_on=date(2026, 12, 11), closes_at=time(17))
    publish(installation, content_with(participation=closing))

    feed = parsed(installation, "/feed.atom")

    assert texts(feed, "a:entry/a:title") == ["Share the lead"]
    assert texts(feed, "a:entry/a:published") == ["2026-12-03T11:00:00Z"]
    assert links(feed, "a:entry/") == {
        "alternate": "http://letters.example/issues/2026-12-03/",
    }
    (content,) = texts(feed, "a:entry/a:content")
    for words in (
        "<p>Dear teachers, here are three.</p>",
        "1. Five schools that share the lead</h2>",
        "<em>closest</em>",
        '<a href="https://www.example.gov/guide.pdf">The guide as PDF</a>',
        "A grade 5 teacher, Teacher, Revere",
        "<b>Closes Friday, December 11.</b> At 5:00 pm EST.",
    ):
        assert words in content


def test_the_feed_is_as_new_as_its_newest_entry(installation: Installation) -> None:
    publish(installation)
    publish(installation, complete_content("Ask the room"))

    feed = parsed(installation, "/feed.atom")

    assert texts(feed, "a:entry/a:title") == ["Ask the room", "Share the lead"]
    assert texts(feed, "a:updated") == texts(feed, "a:entry/a:updated")[:1]


def test_an_entry_does_not_change_with_the_days(installation: Installation) -> None:
    closing = Participation(closes_on=date(2026, 12, 5))
    publish(installation, content_with(participation=closing))
    before = parsed(installation, "/feed.atom")

    publish(installation, complete_content("Ask the room"))

    after = parsed(installation, "/feed.atom")
    old, kept = before.find("a:entry", NAMES), after.findall("a:entry", NAMES)[1]
    assert old is not None
    assert etree.tostring(old).split() == etree.tostring(kept).split()


def test_ids_stay_when_the_letter_moves_to_another_address(
    installation: Installation, database_url: str, tmp_path: Path
) -> None:
    publish(installation)
    moved = install(
        tmp_path / "moved", database_url, TOPTHREE_PUBLIC_URL="https://teachers.example/letter"
    )

    before, after = parsed(installation, "/feed.atom"), parsed(moved, "/feed.atom")
    dismantle(moved)

    assert texts(before, ".//a:id") == texts(after, ".//a:id")
    assert texts(before, ".//a:id") == [
        "tag:topthree.example,2026:letter",
        "tag:topthree.example,2026:issue/2026-12-03",
    ]
    assert links(after, "a:entry/") == {
        "alternate": "https://teachers.example/letter/issues/2026-12-03/"
    }


@pytest.mark.parametrize("hostile", ["</content>]]><x>&nbsp;", "{{ config }}"])
def test_no_text_breaks_the_feed(installation: Installation, hostile: str) -> None:
    content = content_with(headline=f"Three {hostile}", body=f"Body {hostile}")
    take_into_archive(installation, replace(content, subject=f"Subject {hostile}"))

    feed = parsed(installation, "/feed.atom")

    assert texts(feed, "a:entry/a:title") == [f"Subject {hostile}"]
    assert feed.find(".//x") is None


def test_a_feed_without_issues_is_valid_too(installation: Installation) -> None:
    feed = parsed(installation, "/feed.atom")

    assert texts(feed, "a:entry") == []
    assert texts(feed, "a:updated") == ["2026-08-13T10:00:00Z"]


def test_an_issue_in_spanish_says_so(installation: Installation) -> None:
    publish(installation, replace(complete_content("Liderar entre todos"), language="es"))

    feed = parsed(installation, "/feed.atom")

    entry = feed.find("a:entry", NAMES)
    assert entry is not None
    assert entry.get("{http://www.w3.org/XML/1998/namespace}lang") == "es"


def test_pages_lead_readers_to_the_feed(installation: Installation) -> None:
    publish(installation)
    reader = PageClient(installation.app)

    for path in ("/", "/issues/", "/issues/2026-12-03/", "/privacy/", "/nowhere"):
        link = reader.get(path).one('link[rel=alternate][type="application/atom+xml"]')
        assert link.get("href") == "/feed.atom"


def test_the_sitemap_names_every_issue(installation: Installation) -> None:
    publish(installation)

    sitemap = parsed(installation, "/sitemap.xml")

    assert texts(sitemap, "s:url/s:loc") == [
        "http://letters.example/",
        "http://letters.example/issues/",
        "http://letters.example/issues/2026-12-03/",
        "http://letters.example/privacy/",
        "http://letters.example/accessibility/",
    ]
    assert set(texts(sitemap, "s:url/s:lastmod")) == {"2026-12-03T11:00:00Z"}


def test_crawlers_may_read_all_that_is_public(installation: Installation) -> None:
    robots = RobotFileParser()

    robots.parse(installation.app.test_client().get("/robots.txt").text.splitlines())

    assert robots.can_fetch("*", "http://letters.example/issues/")
    assert not robots.can_fetch("*", "http://letters.example/desk/")
    assert robots.site_maps() == ["http://letters.example/sitemap.xml"]
