"""A proof in which no check finds anything, and ways to spoil it."""

from __future__ import annotations

import functools
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from tests.support.sources import PACKAGE
from tests.unit.render.letters import EASTERN, NEWSLETTER
from topthree.domain.links.link_check import LinkCheck, LinkState
from topthree.domain.newsletter import Edition
from topthree.domain.preflight.proof import Proof
from topthree.domain.preflight.table import CHECKS, Check
from topthree.domain.writing.issue import IssueContent
from topthree.domain.writing.item import Contributor, Item, Link, Participation, Section
from topthree.render.issue_message import render_issue
from topthree.render.proof_parts import taken_apart, typed_parts
from topthree.render.values import RenderedMessage

SLOT = date(2026, 12, 3)
TODAY = date(2026, 11, 23)
STYLES = (Path(PACKAGE) / "web" / "static" / "tokens.css").read_text()
CHECKED_AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

RESOURCE = Item(
    section=Section.RESOURCE,
    kicker="What We’re Reading",
    headline="Five schools that share the lead",
    body=(
        "Read [the guide](https://files.example.gov/guide.pdf) (PDF, 12 pages) with a colleague"
        " on Monday, December 7.\n\n## What is in it\n\n- Who decides?\n- Who is closest?"
    ),
    link=Link(label="All five case studies", url="https://files.example.gov/cases"),
)
REFLECTION = Item(
    section=Section.REFLECTION,
    kicker="From the Classroom",
    headline="I stopped planning alone",
    body="Four of us meet on Tuesdays.\n\n> “I bring [to the table] what I am stuck on.”",
    contributor=Contributor(
        name="Ana Ruiz", role="Grade 5 teacher", school="Revere", consents_on=date(2026, 11, 9)
    ),
)
OPPORTUNITY = Item(
    section=Section.OPPORTUNITY,
    kicker="Get Involved",
    headline="Take a seat on a cabinet",
    body="Answer three questions, or write to [the desk](mailto:desk@example.gov).",
    link=Link(label="Apply for a seat", url="https://example.gov/apply"),
    participation=Participation(closes_on=date(2026, 12, 18), happens_on=date(2027, 1, 14)),
)
CONTENT = IssueContent(
    subject="Who decides? Ask it on a Monday",
    preheader="A worksheet, twenty minutes with the door open, and a chair.",
    greeting="Dear teachers, two letters are left this year.",
    items=(RESOURCE, REFLECTION, OPPORTUNITY),
)
ALIVE = LinkCheck(state=LinkState.ALIVE, status=200, checked_at=CHECKED_AT)


@functools.cache
def mail_html(content: IssueContent = CONTENT) -> RenderedMessage:
    """Return the mail of this content, rendered once."""
    edition = Edition(content=content, number=28, day=SLOT)
    return render_issue(edition, NEWSLETTER, time_zone=EASTERN)


def proof(content: IssueContent = CONTENT, **changes: Any) -> Proof:  # noqa: ANN401 - any field
    """Return the proof of this content, with other values in some fields.

    Its links are alive, and its mail is that of an issue in order.
    """
    parts = typed_parts(content)
    made = Proof(
        content=content,
        newsletter=NEWSLETTER,
        passages=parts.passages,
        links=parts.links,
        # Rendering takes its time, and few checks look at the mail.
        mail=taken_apart(mail_html(CONTENT)),
        page=parts.texts,
        page_styles=STYLES,
        slot=SLOT,
        goes_at=time(6, 0),
        today=TODAY,
        grades=parts.grades,
        link_checks={link.url: ALIVE for link in parts.links},
        recent_subjects=("Share the lead",),
    )
    return replace(made, **changes)


def with_item(place: int, item: Item) -> IssueContent:
    """Return the content with another item at this place (1 to 3)."""
    first, second, third = (
        item if here == place else each for here, each in enumerate(CONTENT.items, start=1)
    )
    return replace(CONTENT, items=(first, second, third))


def with_body(body: str, place: int = 1) -> IssueContent:
    """Return the content with another text at this place."""
    return with_item(place, replace(CONTENT.items[place - 1], body=body))


def check_named(code: str) -> Check:
    """Return the check with this code."""
    return next(check for check in CHECKS if check.code == code)
