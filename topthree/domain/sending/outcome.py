"""What the relay answered to one message, and where in the conversation it did."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What the relay's answer to one message comes to."""

    ACCEPTED = "accepted"
    #: 4xx to RCPT, DATA or the final dot: this recipient later.
    DEFERRED = "deferred"
    #: 5xx: never again to this recipient for this message.
    REFUSED = "refused"
    #: The final dot was sent and no answer came: it may have been accepted.
    UNKNOWN = "unknown"


class Stage(StrEnum):
    """What the relay was answering when it settled the matter of one message."""

    RECIPIENT = "recipient"
    DATA = "data"
    #: The final dot, or the whole of a chunk marked as the last.
    TEXT = "text"
    #: Nothing was said to the relay, or nothing heard from it.
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one attempt ended, in the relay's own words."""

    verdict: Verdict
    #: SMTP reply code, 0 where there was none.
    code: int
    reply: str
    stage: Stage = Stage.NONE
