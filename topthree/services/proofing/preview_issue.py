"""What an issue will look like: the page, the mail and its text, exactly as they would be made."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from topthree.domain.ids import IssueId, SubscriberId
from topthree.domain.newsletter import Edition, Newsletter
from topthree.mail.message import Splicer, freeze_issue, issue_message_id
from topthree.render.issue_message import render_issue
from topthree.render.page import IssuePage, issue_page
from topthree.render.values import RenderedMessage
from topthree.services.links.linked_documents import linked_documents
from topthree.services.planning.slots_ahead import next_slot_after, slot_choices
from topthree.services.wiring import Wiring
from topthree.services.writing.read_issue import IssueView, read_issue
from topthree.store.sending.runs import find_run_of_issue
from topthree.store.subscribers.subscribers import find_subscriber_by_key
from topthree.tokens import Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """An issue as page and as message; the links to leave hold a placeholder."""

    subject: str
    html: str
    text: str
    page: IssuePage
    #: Bytes of the HTML part; mail programs cut it at about 102,400.
    size: int


def preview_issue(session: Session, wiring: Wiring, issue_id: IssueId, now: datetime) -> Preview:
    """Return the issue as it would go out, or as it went.

    :raises NotFound: if there is no such issue.
    """
    issue = read_issue(session, issue_id)
    edition = edition_of(session, wiring, issue, now)
    zone = wiring.cadence.zone
    rendered = rendered_issue(edition, wiring.newsletter, zone)
    run = find_run_of_issue(session, issue_id)
    html = run.html if run else rendered.html
    return Preview(
        subject=rendered.subject,
        html=html,
        text=run.text if run else rendered.text,
        page=issue_page(
            edition, wiring.newsletter, time_zone=zone, today=wiring.cadence.day_at(now)
        ),
        size=len(html.encode()),
    )


def render_eml(
    session: Session, wiring: Wiring, issue: IssueView, address: str, now: datetime
) -> bytes:
    """Return the whole message as it would go to this address, or as it went.

    The links to leave work if the address is a subscriber's; otherwise they name nobody.
    """
    run = find_run_of_issue(session, issue.id)
    subscriber = find_subscriber_by_key(session, address.casefold())
    subject = subscriber.id if subscriber else SubscriberId(0)
    token = wiring.tokens.sign(Purpose.UNSUBSCRIBE, subject, now)
    domain = wiring.newsletter.domain
    if run is None:
        return Splicer(_frozen_message(session, wiring, issue, now)).splice(
            recipient=address,
            token=token,
            message_id=f"<preview-{issue.digest[:24]}@{domain}>",
            date=now,
        )
    return Splicer(run.message).splice(
        recipient=subscriber.address if subscriber and subscriber.address else address,
        token=token,
        message_id=issue_message_id(run.id, subject, domain=domain, salt=run.salt),
        date=run.opened_at,
    )


def _frozen_message(session: Session, wiring: Wiring, issue: IssueView, now: datetime) -> bytes:
    """Return the message with placeholders, as a run opened now would freeze it."""
    edition = edition_of(session, wiring, issue, now)
    rendered = rendered_issue(edition, wiring.newsletter, wiring.cadence.zone)
    return freeze_issue(rendered, wiring.newsletter, key=edition.key)


# Pages ask for the same issue again and again while it is worked on, and inlining takes its time.
@functools.lru_cache(maxsize=64)
def rendered_issue(edition: Edition, newsletter: Newsletter, zone: ZoneInfo) -> RenderedMessage:
    """Return the issue's message with placeholders, made once for the same content."""
    return render_issue(edition, newsletter, time_zone=zone)


def edition_of(session: Session, wiring: Wiring, issue: IssueView, now: datetime) -> Edition:
    """Return the issue with the number and the day it has, or would get."""
    day = issue.day or issue.slot_day or _likely_day(session, wiring, issue, now)
    return Edition(
        content=issue.content,
        number=issue.number,
        day=day,
        next_day=next_slot_after(session, wiring.cadence, day),
        is_sample=issue.is_sample,
        documents=linked_documents(session, issue.content),
    )


def _likely_day(session: Session, wiring: Wiring, issue: IssueView, now: datetime) -> date:
    """Return the next free slot's day; a correction waits for none."""
    is_correction = issue.content.corrects is not None
    choices = () if is_correction else slot_choices(session, wiring.cadence, now)
    return choices[0].day if choices else wiring.cadence.day_at(now)
