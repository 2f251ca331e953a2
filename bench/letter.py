"""The everyday issue as a message: rendered, frozen, and made one teacher's own in both ways."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from bench.material import everyday_content, opened_house
from topthree.domain.archive.issue_key import IssueKey
from topthree.domain.ids import RunId, SubscriberId
from topthree.domain.newsletter import UNSUBSCRIBE_PLACEHOLDER, Edition, Newsletter
from topthree.mail.message import Personal, Splicer, build_issue, freeze_issue, issue_message_id
from topthree.render.issue_message import render_issue
from topthree.render.values import RenderedMessage
from topthree.services.wiring import Wiring
from topthree.tokens import Purpose

_DAY = date(2026, 11, 19)
_KEY = IssueKey(day=_DAY)
_NOW = datetime(2026, 11, 19, 11, tzinfo=UTC)
_ADDRESS = "a.teacher@school-1.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """An issue, rendered and frozen, and the values of one teacher."""

    newsletter: Newsletter
    rendered: RenderedMessage
    frozen: bytes
    personal: Personal
    splicer: Splicer

    def splice(self) -> bytes:
        """Make the frozen message this teacher's own, as the sender does."""
        mine = self.personal
        return self.splicer.splice(
            recipient=mine.recipient, token=mine.token, message_id=mine.message_id, date=mine.date
        )

    def build(self) -> bytes:
        """Make the same message from its bodies."""
        own = replace(
            self.rendered,
            text=self._with_token(self.rendered.text),
            html=self._with_token(self.rendered.html),
        )
        return build_issue(own, self.newsletter, self.personal, key=_KEY)

    def _with_token(self, body: str) -> str:
        return body.replace(UNSUBSCRIBE_PLACEHOLDER, self.personal.token)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """An issue that anybody can send: its parts, and one teacher's message made of them."""

    sender: str
    subject: str
    text: str
    html: str
    message: bytes

    @property
    def size(self) -> str:
        """Return the size of the message in words."""
        return f"{len(self.message) / 1000:.1f} kB"


def finish(folder: Path) -> Finished:
    """Render the everyday issue in a house made in this folder."""
    with opened_house(folder) as house:
        letter = make_letter(house.wiring)
    return Finished(
        sender=letter.newsletter.sender_address,
        subject=letter.rendered.subject,
        text=letter.rendered.text,
        html=letter.rendered.html,
        message=letter.splice(),
    )


def freeze(wiring: Wiring) -> tuple[RenderedMessage, bytes]:
    """Render the issue and freeze its message, as is done once for each run."""
    edition = Edition(content=everyday_content(), number=1, day=_DAY)
    rendered = render_issue(edition, wiring.newsletter, time_zone=wiring.cadence.zone)
    return rendered, freeze_issue(rendered, wiring.newsletter, key=_KEY)


def make_letter(wiring: Wiring) -> Letter:
    """Render the issue and take one teacher's values."""
    rendered, frozen = freeze(wiring)
    token = wiring.tokens.sign(Purpose.UNSUBSCRIBE, SubscriberId(1), _NOW)
    domain = wiring.newsletter.domain
    message_id = issue_message_id(RunId(1), SubscriberId(1), domain=domain, salt="salt")
    return Letter(
        newsletter=wiring.newsletter,
        rendered=rendered,
        frozen=frozen,
        personal=Personal(recipient=_ADDRESS, token=token, message_id=message_id, date=_NOW),
        splicer=Splicer(frozen),
    )
