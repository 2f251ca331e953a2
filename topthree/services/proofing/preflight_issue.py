"""Preflight: everything that is checked before an issue goes out, in one list."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from topthree.domain.ids import IssueId
from topthree.domain.newsletter import Edition, Newsletter
from topthree.domain.planning.cadence import instant_of
from topthree.domain.preflight.finding import Finding
from topthree.domain.preflight.proof import Proof, RenderedMail
from topthree.domain.preflight.table import CHECKS, preflight
from topthree.domain.refusal import Invalid, Problem
from topthree.render.proof_parts import taken_apart, typed_parts
from topthree.services.proofing.preview_issue import edition_of, rendered_issue
from topthree.services.wiring import Wiring
from topthree.services.writing.read_issue import IssueView
from topthree.store.link_checks import known_checks, waiting_links
from topthree.store.writing.issues import recent_subjects

#: So many issues back a subject is remembered: half a year.
_REMEMBERED = 13
#: As many issues as are worked on at the same time, and their pages looked at again and again.
_KEPT = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """What the checks have found."""

    #: What stops the issue first, then advice.
    findings: tuple[Finding, ...] = ()
    #: How many links are being looked at; what comes of it is found the next time.
    links_under_way: int = 0

    @property
    def stops(self) -> tuple[Finding, ...]:
        """What has to be mended before the issue can be approved."""
        return tuple(found for found in self.findings if found.stops)

    @property
    def advice(self) -> tuple[Finding, ...]:
        """What could be better."""
        return tuple(found for found in self.findings if not found.stops)

    @property
    def in_order(self) -> int:
        """How many checks have found nothing."""
        return len(CHECKS) - len({found.code for found in self.findings})

    def of(self, field: str) -> tuple[Finding, ...]:
        """Return what concerns this field."""
        return tuple(found for found in self.findings if found.field == field)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """What is checked: an edition, and where it comes from."""

    edition: Edition
    #: When it goes out, in the cadence's zone; None if that is not decided on.
    goes_at: datetime | None
    #: None if it stands in a file.
    issue_id: IssueId | None = None


def preflight_issue(session: Session, wiring: Wiring, issue: IssueView, now: datetime) -> Preflight:
    """Return what stops the issue, and what could be better; asks nobody on the network.

    A published issue has nothing to be found any more.
    """
    if issue.status.is_published:
        return Preflight()
    edition = edition_of(session, wiring, issue, now)
    goes_at = None if issue.slot_day is None else instant_of(wiring.cadence, issue.slot_day)
    copy = Copy(edition=edition, goes_at=goes_at, issue_id=issue.id)
    return preflight_copy(session, wiring, copy, now)


def preflight_going(session: Session, wiring: Wiring, issue: IssueView, now: datetime) -> Preflight:
    """Return the same for an issue that goes out at this moment, whatever slot it stands on."""
    edition = edition_of(session, wiring, issue, now)
    goes_at = now.astimezone(wiring.cadence.zone)
    copy = Copy(edition=edition, goes_at=goes_at, issue_id=issue.id)
    return preflight_copy(session, wiring, copy, now)


def require_no_stop(found: Preflight) -> None:
    """Let an issue pass only if nothing stops it.

    :raises Invalid: with everything that does.
    """
    if found.stops:
        raise Invalid(*(Problem(field=each.field, message=each.words) for each in found.stops))


def preflight_copy(session: Session, wiring: Wiring, copy: Copy, now: datetime) -> Preflight:
    """Return the same for any copy of an issue, such as a file's."""
    edition, zone = copy.edition, wiring.cadence.zone
    words = _typed(edition.content)
    urls = {link.url for link in words.links}
    is_checking = wiring.fetcher is not None
    under_way = waiting_links(session, urls) if is_checking else frozenset[str]()
    proof = Proof(
        content=edition.content,
        newsletter=wiring.newsletter,
        passages=words.passages,
        links=words.links,
        mail=_mail(edition, wiring.newsletter, zone),
        page=words.texts,
        page_styles=wiring.page_styles,
        slot=copy.goes_at.date() if copy.goes_at else None,
        goes_at=copy.goes_at.time() if copy.goes_at else None,
        today=wiring.cadence.day_at(now),
        grades=words.grades,
        link_checks=known_checks(session, urls) if is_checking else None,
        links_under_way=under_way,
        recent_subjects=recent_subjects(session, copy.issue_id, _REMEMBERED),
    )
    return Preflight(findings=preflight(proof), links_under_way=len(under_way))


@functools.lru_cache(maxsize=_KEPT)
def _mail(edition: Edition, newsletter: Newsletter, zone: ZoneInfo) -> RenderedMail:
    return taken_apart(rendered_issue(edition, newsletter, zone))


# Pages ask for the same content again and again while it is worked on.
_typed = functools.lru_cache(maxsize=_KEPT)(typed_parts)
