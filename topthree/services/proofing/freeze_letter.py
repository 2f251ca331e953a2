"""Making a letter ready to be sent: its bytes as everybody gets them, while no lock is held."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from topthree.domain.newsletter import Edition
from topthree.domain.refusal import Invalid
from topthree.mail.message import freeze_issue
from topthree.render.issue_message import render_issue, size_problems
from topthree.render.values import RenderedMessage
from topthree.services.wiring import Wiring


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenLetter:
    """A letter made ready outside of the transaction that lets it go."""

    edition: Edition
    rendered: RenderedMessage
    message: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the content: what an approval is bound to."""
        return self.edition.content.digest()

    @property
    def message_digest(self) -> str:
        """SHA-256 of the bytes that everybody gets."""
        return hashlib.sha256(self.message).hexdigest()


def freeze_letter(wiring: Wiring, edition: Edition) -> FrozenLetter:
    """Render the letter and freeze its bytes; whoever lets it go compares what was rendered.

    :raises Invalid: if it is so long that mail programs cut it.
    """
    rendered = render_issue(edition, wiring.newsletter, time_zone=wiring.cadence.zone)
    too_large = size_problems(rendered)
    if too_large:
        raise Invalid(*too_large)
    message = freeze_issue(rendered, wiring.newsletter, key=edition.key)
    return FrozenLetter(edition=edition, rendered=rendered, message=message)
