"""What comes back about a letter that went out, and what follows from each kind of it.

Sources: RFC 3464 (bounces), RFC 5965 (complaints), standards R-42 to R-48 and Appendix B.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from topthree.domain.sending.cause import Cause, cause_of_expiry
from topthree.domain.sending.outcome import Outcome, Stage, Verdict
from topthree.domain.sending.relay_reply import enhanced_code, judge
from topthree.domain.subscribers.subscription import SuppressionReason


class FeedbackKind(StrEnum):
    """What came back, as it is stored and counted."""

    #: The mailbox does not exist.
    HARD = "hard bounce"
    #: It is full, or busy, and it may work next time.
    SOFT = "soft bounce"
    #: It did not arrive, and that says nothing about the address.
    OTHER = "other bounce"
    #: The person called it spam.
    COMPLAINT = "complaint"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """What follows from one kind of feedback, for the person and for the run."""

    #: The address is closed to our mail at the first time.
    closes_address: SuppressionReason | None = None
    #: It is closed after several issues in a row (R-46).
    counts_toward_closing: bool = False
    ends_subscription: bool = False


#: One row for each kind (R-45, R-46, R-48).
CONSEQUENCES: Mapping[FeedbackKind, Consequence] = MappingProxyType(
    {
        FeedbackKind.HARD: Consequence(closes_address=SuppressionReason.HARD_BOUNCE),
        FeedbackKind.SOFT: Consequence(counts_toward_closing=True),
        FeedbackKind.OTHER: Consequence(),
        FeedbackKind.COMPLAINT: Consequence(
            closes_address=SuppressionReason.COMPLAINT, ends_subscription=True
        ),
    }
)

#: RFC 3464 §2.3.3: whether a message is lost to whom the action is about. What is delayed is still
#: on its way; what is relayed or expanded has left the sight of whoever reports.
IS_LOST: Mapping[str, bool] = MappingProxyType(
    {
        "failed": True,
        "delayed": False,
        "delivered": False,
        "relayed": False,
        "expanded": False,
    }
)

#: RFC 5965 §7.3, RFC 6430 and RFC 6591: whether a person has complained. The others come from
#: machines, or say the contrary.
IS_COMPLAINT: Mapping[str, bool] = MappingProxyType(
    {
        "abuse": True,
        "fraud": True,
        "opt-out": True,
        "not-spam": False,
        "virus": False,
        "other": False,
        "auth-failure": False,
    }
)

_FROM_MILDEST = (FeedbackKind.OTHER, FeedbackKind.SOFT, FeedbackKind.HARD)
_DIAGNOSTIC = re.compile(
    r"\s*(?:[A-Za-z0-9.-]{1,40}\s*;)?\s*(?:([45][0-9]{2})[ -]?)?(.*)", re.DOTALL
)
_FINAL_CLASS = "5"
#: What stands for a reply code where a report gives none: “mailbox unavailable”.
_NO_CODE = {"4": 450, "5": 550}


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """That a message is lost to one recipient, in the words of the report."""

    #: RFC 3463, such as 5.1.1; empty: the report gives none.
    status: str
    #: What the last server said, as in ``smtp; 550 5.1.1 unknown``.
    diagnostic: str
    #: Whether those who report it say that it may work another time, whatever the status says.
    may_pass: bool = False

    @property
    def cause(self) -> Cause:
        """Why, by the table for what servers say to us: here they say it to somebody else.

        What could be final or not is read as not, which spares the subscriber (R-44).
        """
        code, _ = self._said()
        is_final = (self.status or code)[:1] == _FINAL_CLASS and code[:1] in ("", _FINAL_CLASS)
        cause = self._judged(is_final=is_final)
        return self._judged(is_final=False) if cause.is_hard and self.may_pass else cause

    @property
    def kind(self) -> FeedbackKind:
        """What it comes to."""
        if self.cause.is_hard:
            return FeedbackKind.HARD
        return FeedbackKind.SOFT if self.cause.blames_subscriber else FeedbackKind.OTHER

    def _judged(self, *, is_final: bool) -> Cause:
        code, words = self._said()
        reply = words if enhanced_code(words) else f"{self.status} {words}"
        number = int(code) if code else _NO_CODE[_FINAL_CLASS if is_final else "4"]
        if not is_final:
            verdict = Verdict.DEFERRED
            return cause_of_expiry(judge(Outcome(verdict=verdict, code=number, reply=reply)).cause)
        at_recipient = Outcome(
            verdict=Verdict.REFUSED, code=number, reply=reply, stage=Stage.RECIPIENT
        )
        return judge(at_recipient).cause

    def _said(self) -> tuple[str, str]:
        found = _DIAGNOSTIC.fullmatch(self.diagnostic)
        return (found[1] or "", found[2]) if found else ("", self.diagnostic)


def mildest(failures: tuple[Failure, ...]) -> Failure:
    """Return the failure that says least against the address, of at least one.

    An address that hands mail on to several has several, and only one of them need be dead.
    """
    return min(failures, key=lambda failure: _FROM_MILDEST.index(failure.kind))
