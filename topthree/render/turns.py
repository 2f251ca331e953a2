"""Messages to editors about what is theirs to do at the desk."""

from __future__ import annotations

from dataclasses import dataclass

from topthree.domain.newsletter import Newsletter
from topthree.domain.notice import NoticeKind
from topthree.render.environment import render_message
from topthree.render.phrases import direction, phrases_for
from topthree.render.values import RenderedMessage

# The desk speaks English, whatever the letter does.
_LANGUAGE = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnMail:
    """What such a message says; what editors typed is plain text in it."""

    #: Also the folder of its templates.
    kind: NoticeKind
    #: The issue's subject; empty for a slot on which none stands.
    issue: str
    #: The day of its slot in words; empty if it stands on none.
    day: str
    #: When the slot comes, for a warning: “Thursday, December 3, 6:00 am EST”.
    moment: str
    #: Who did it.
    by: str
    #: Whether this reader was asked by name.
    is_named: bool
    #: What was said about it; may be empty.
    words: str
    #: The state of the issue: “draft”.
    state: str
    #: The page of the desk that it is about.
    url: str


def render_turn(newsletter: Newsletter, mail: TurnMail) -> RenderedMessage:
    """Return the message; its link leads to the desk, which asks to sign in first."""
    return render_message(
        mail.kind.value,
        newsletter=newsletter,
        language=_LANGUAGE,
        direction=direction(_LANGUAGE),
        phrases=phrases_for(_LANGUAGE),
        mail=mail,
    )
