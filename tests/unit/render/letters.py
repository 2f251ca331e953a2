"""A newsletter and an edition that tests render, and what a rendered document says."""

from __future__ import annotations

import functools
import re
from dataclasses import replace
from datetime import date, time
from xml.etree.ElementTree import Element
from zoneinfo import ZoneInfo

import html5lib

from topthree.domain.newsletter import Edition, Newsletter
from topthree.domain.writing.issue import IssueContent
from topthree.domain.writing.item import Contributor, Item, Link, Participation, Section
from topthree.render.issue_message import render_issue
from topthree.render.values import RenderedMessage

EASTERN = ZoneInfo("America/New_York")

NEWSLETTER = Newsletter(
    name="Teachers’ Top Three",
    agency="State Department of Education",
    sender_name="Teachers’ Top Three",
    sender_address="letters@letters.example.gov",
    postal_address="1 Example Street, Springfield 00000",
    public_url="https://letters.example.gov",
)

RESOURCE = Item(
    section=Section.RESOURCE,
    kicker="What We’re Reading",
    headline="Five schools that share the lead",
    body=(
        "The person **closest to the work** decides. Take what you need:\n\n"
        "- [The guide as PDF](https://files.example.gov/guide.pdf) (12 pages, 1.1 MB)\n"
        "- [The guide as Word](https://files.example.gov/guide.docx?a=1&b=2) (240 kB)"
    ),
    link=Link(label="All five case studies", url="https://files.example.gov/cases"),
)
REFLECTION = Item(
    section=Section.REFLECTION,
    kicker="From the Classroom",
    headline="I stopped planning alone",
    body="Four of us meet on Tuesdays.\n\n> “I bring the page I am stuck on.”\n\nIt helps.",
    contributor=Contributor(name="Ana Ruiz", role="Grade 5 teacher", school="Revere"),
)
OPPORTUNITY = Item(
    section=Section.OPPORTUNITY,
    kicker="Get Involved",
    headline="Take a seat on a cabinet",
    body="1. Read [what they do](https://example.gov/cabinets)\n2. Answer three questions",
    link=Link(label="Apply for a seat", url="https://example.gov/apply"),
    participation=Participation(
        closes_on=date(2026, 12, 4),
        closes_at=time(17, 0),
        happens_on=date(2027, 1, 14),
        place="Worcester, in the library",
    ),
)
CONTENT = IssueContent(
    subject="Share the lead",
    preheader="Five schools, one hour on Tuesdays, and a chair with your name on it.",
    greeting="Dear teachers,\n\nhere are three small plans\nfor a long weekend.",
    items=(RESOURCE, REFLECTION, OPPORTUNITY),
)
EDITION = Edition(
    content=CONTENT, number=27, day=date(2026, 11, 19), next_day=date(2026, 12, 3), is_sample=True
)


def edition_with(item: Item) -> Edition:
    """Return the edition with this item in the first place."""
    return replace(EDITION, content=replace(CONTENT, items=(item, REFLECTION, OPPORTUNITY)))


@functools.cache
def rendered(edition: Edition = EDITION) -> RenderedMessage:
    return render_issue(edition, NEWSLETTER, time_zone=EASTERN)


@functools.cache
def document(html: str) -> Element:
    """Return the parsed document without the comments that only Outlook reads."""
    shown = re.sub(r"<!--.*?-->", "", html, flags=re.DOTALL)
    root = html5lib.parse(shown, namespaceHTMLElements=False)
    assert isinstance(root, Element)
    return root


def hrefs(html: str) -> set[str]:
    return {link.get("href", "") for link in document(html).iter("a")}


def words_of(element: Element) -> str:
    """Return the text of an element as a browser shows it."""
    return " ".join("".join(element.itertext()).split())


def style_blocks(html: str) -> list[str]:
    return re.findall(r"<style[^>]*>(.*?)</style>", html, re.DOTALL)


def declarations(element: Element) -> dict[str, str]:
    """Return what the element's style attribute declares."""
    pairs = (each.partition(":") for each in element.get("style", "").split(";") if ":" in each)
    return {name.strip(): value.strip() for name, _, value in pairs}
