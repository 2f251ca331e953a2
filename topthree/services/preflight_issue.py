"""Preflight: everything that is checked before an issue goes out, in one list."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from topthree.domain.issue import IssueContent
from topthree.domain.newsletter import UNSUBSCRIBE_PLACEHOLDER, Edition, Newsletter
from topthree.domain.preflight.document import Element, parse
from topthree.domain.preflight.finding import Finding
from topthree.domain.preflight.proof import Passage, Proof, RenderedMail, ShownLink
from topthree.domain.preflight.table import preflight
from topthree.domain.refusal import Invalid, Problem
from topthree.render.issue_message import render_issue
from topthree.render.readability import reading_grade
from topthree.render.shown import shown_links, shown_passages, shown_texts
from topthree.services.preview_issue import edition_of
from topthree.services.read_desk import IssueView
from topthree.services.wiring import Wiring
from topthree.store.issues import recent_subjects
from topthree.store.link_checks import known_checks

#: So many issues back a subject is remembered: half a year.
_REMEMBERED = 13
#: As many issues as are worked on at the same time, and their pages looked at again and again.
_KEPT = 64


def preflight_issue(
    session: Session, wiring: Wiring, issue: IssueView, now: datetime
) -> tuple[Finding, ...]:
    """Return what stops the issue, and then what could be better; asks nobody on the network."""
    edition = edition_of(session, wiring, issue, now)
    subjects = recent_subjects(session, issue.id, _REMEMBERED)
    return _preflight(session, wiring, edition, now, (issue.slot_day is not None, subjects))


def preflight_content(
    session: Session, wiring: Wiring, edition: Edition, now: datetime, *, is_planned: bool
) -> tuple[Finding, ...]:
    """Return the same for what does not stand in the database, such as a file.

    :param is_planned: whether the edition's day is one that was decided on.
    """
    subjects = recent_subjects(session, None, _REMEMBERED)
    return _preflight(session, wiring, edition, now, (is_planned, subjects))


def require_no_stop(session: Session, wiring: Wiring, issue: IssueView, now: datetime) -> None:
    """Let the issue pass only if nothing stops it.

    :raises Invalid: with everything that does.
    """
    stops = [found for found in preflight_issue(session, wiring, issue, now) if found.stops]
    if stops:
        raise Invalid(*(Problem(field=found.field, message=found.words) for found in stops))


def _preflight(
    session: Session,
    wiring: Wiring,
    edition: Edition,
    now: datetime,
    known: tuple[bool, tuple[str, ...]],
) -> tuple[Finding, ...]:
    is_planned, subjects = known
    zone = wiring.cadence.zone
    words = _typed(edition.content)
    urls = {link.url for link in words.links}
    proof = Proof(
        content=edition.content,
        newsletter=wiring.newsletter,
        passages=words.passages,
        links=words.links,
        mail=_mail(edition, wiring.newsletter, zone),
        page=words.texts,
        page_styles=wiring.page_styles,
        slot=edition.day if is_planned else None,
        today=now.astimezone(zone).date(),
        grades=words.grades,
        link_checks=None if wiring.fetcher is None else known_checks(session, urls),
        recent_subjects=subjects,
    )
    return preflight(proof)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Typed:
    """What can be said of a content by itself."""

    passages: tuple[Passage, ...]
    links: tuple[ShownLink, ...]
    texts: Element
    grades: Mapping[str, float]


# Both are pure, and pages ask for the same content again and again while it is worked on.
@functools.lru_cache(maxsize=_KEPT)
def _typed(content: IssueContent) -> _Typed:
    passages = shown_passages(content)
    grades = {
        passage.field: reading_grade([block.words for block in passage.blocks])
        for passage in passages
        if passage.is_english and passage.field.endswith("-body")
    }
    return _Typed(
        passages=passages,
        links=shown_links(content),
        texts=shown_texts(content),
        grades={field: grade for field, grade in grades.items() if grade is not None},
    )


@functools.lru_cache(maxsize=_KEPT)
def _mail(edition: Edition, newsletter: Newsletter, zone: ZoneInfo) -> RenderedMail:
    rendered = render_issue(edition, newsletter, time_zone=zone)
    html = rendered.html.encode()
    document = parse(rendered.html)
    ways_out = [
        link
        for link in document.all("a")
        if UNSUBSCRIBE_PLACEHOLDER in link.attributes.get("href", "") and link.words
    ]
    return RenderedMail(
        size=len(html),
        way_out=html.rfind(UNSUBSCRIBE_PLACEHOLDER.encode()) if ways_out else None,
        document=document,
        styles="\n".join(style.words for style in document.all("style")),
        text=rendered.text,
    )
