"""What a relay's answer to one message means, and what becomes of the delivery.

Two tables are read from the top and the first row that fits counts: one for replies that a later
attempt may change (4xx), one for those that are final (5xx). Sources: standards Appendix B (which
has them from RFC 3463, the IANA registry and the providers' own pages), reliability §2.5.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from topthree.domain.sending.cause import Cause
from topthree.domain.sending.outcome import Outcome, Stage, Verdict
from topthree.domain.sending.relay_wording import (
    GREYLISTING,
    MESSAGE_SIZE,
    POLICY,
    RATE_LIMIT,
    SENDER,
    UNKNOWN_MAILBOX,
    plain_words,
    says,
)


class Fate(StrEnum):
    """What becomes of a delivery after an attempt."""

    ACCEPT = "accept"
    TRY_AGAIN = "try-again"
    GIVE_UP = "give-up"
    #: To be tried again or held, as the operator has chosen.
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What becomes of a delivery, and why."""

    fate: Fate
    cause: Cause
    #: The receiving domain is at fault rather than the mailbox: its other rows wait as well.
    holds_domain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A kind of reply; what a row leaves out it does not ask about."""

    cause: Cause
    #: SMTP reply codes.
    codes: tuple[int, ...] = ()
    #: Second and third number of the enhanced code (RFC 3463); the reply code gives the class.
    subject: int | None = None
    details: Sequence[int] = ()
    #: There is no enhanced code, or one that only says "other" (x.0.z, x.1.0).
    is_vague: bool = False
    #: One of these is said, in lower case.
    words: tuple[str, ...] = ()
    stage: Stage | None = None


#: 4xx: the delivery is tried again, whatever the row.
TEMPORARY_ROWS: tuple[Row, ...] = (
    # Gmail says of one busy mailbox that it is "receiving mail at a rate that …": no limit on us.
    Row(subject=2, details=(1, 2), cause=Cause.MAILBOX_UNAVAILABLE),
    Row(subject=4, details=(4,), cause=Cause.DOMAIN_TAKES_NO_MAIL),
    # Gmail's unusual rate; Microsoft's "server busy" and limits by reputation.
    Row(subject=7, details=(28, *range(500, 700)), cause=Cause.RATE_LIMIT),
    Row(words=RATE_LIMIT, cause=Cause.RATE_LIMIT),
    Row(words=GREYLISTING, cause=Cause.TEMPORARY),
    Row(subject=7, details=(0, *range(20, 28), *range(29, 33), 40), cause=Cause.SENDER_AUTH),
    Row(cause=Cause.TEMPORARY),
)

#: 5xx: never again to this recipient for this message (R-34).
FINAL_ROWS: tuple[Row, ...] = (
    Row(subject=7, details=(8, 9, 11, *range(20, 28), *range(29, 33)), cause=Cause.SENDER_AUTH),
    # No DMARC record (Gmail); DMARC failed, bulk mail not authenticated (Microsoft).
    Row(subject=7, details=(40, 509, 515), cause=Cause.SENDER_AUTH),
    Row(subject=7, cause=Cause.POLICY),
    Row(codes=(530, 534, 535, 538), cause=Cause.SENDER_AUTH),
    # RFC 7504 and 7505: the domain says itself that it takes no mail.
    Row(codes=(556,), cause=Cause.NO_SUCH_DOMAIN),
    Row(subject=1, details=(1, 3, 6, 10), cause=Cause.NO_SUCH_MAILBOX),
    Row(subject=1, details=(2,), cause=Cause.NO_SUCH_DOMAIN),
    # What is wrong is the sender's address, not the recipient's.
    Row(subject=1, details=(7, 8), cause=Cause.SENDER_AUTH),
    Row(subject=1, details=(4, 5), cause=Cause.MAILBOX_UNAVAILABLE),
    # 5.2.1 is both "disabled" and "too fast" at Gmail, and 5.2.2 "full" and "inactive": soft.
    Row(subject=2, cause=Cause.MAILBOX_UNAVAILABLE),
    Row(subject=3, details=(4,), cause=Cause.OUR_MESSAGE),
    # No master for the domain, no answer from its DNS; .310 and .312 are Microsoft's.
    Row(subject=4, details=(3, 4, 310, 312), cause=Cause.DOMAIN_TAKES_NO_MAIL),
    # The daily limit of Gmail's relay.
    Row(subject=4, details=(5,), cause=Cause.POLICY),
    # The address asks for SMTPUTF8 and the server has none (RFC 6531): it concerns one address.
    Row(subject=6, details=(7, 9), cause=Cause.UNWRITABLE),
    Row(subject=6, cause=Cause.OUR_MESSAGE),
    Row(codes=(521,), cause=Cause.DOMAIN_TAKES_NO_MAIL),
    Row(words=SENDER, cause=Cause.SENDER_AUTH),
    Row(words=POLICY, cause=Cause.POLICY),
    Row(codes=(552,), words=MESSAGE_SIZE, cause=Cause.OUR_MESSAGE),
    Row(codes=(552,), cause=Cause.MAILBOX_UNAVAILABLE),
    Row(
        codes=(550, 551, 553),
        is_vague=True,
        words=UNKNOWN_MAILBOX,
        stage=Stage.RECIPIENT,
        cause=Cause.NO_SUCH_MAILBOX,
    ),
    Row(words=UNKNOWN_MAILBOX, cause=Cause.MAILBOX_UNAVAILABLE),
    # Who is named in RCPT and refused only after the text is refused for the text.
    Row(codes=(550, 554), is_vague=True, stage=Stage.TEXT, cause=Cause.POLICY),
    Row(codes=(500, 502, 503, 504, 555), cause=Cause.PROTOCOL),
    Row(cause=Cause.UNEXPLAINED),
)

_ACCEPTED = Ruling(fate=Fate.ACCEPT, cause=Cause.ACCEPTED)
_UNKNOWN = Ruling(fate=Fate.UNKNOWN, cause=Cause.UNKNOWN)
_UNWRITABLE = Ruling(fate=Fate.GIVE_UP, cause=Cause.UNWRITABLE)

#: 421 by itself is the relay's own: it shuts down, or has enough of the connection. And a greylist
#: wants to see each sender and recipient twice, so that to keep its other recipients waiting would
#: take one wait for each of them.
_ABOUT_THE_DOMAIN = frozenset({Cause.RATE_LIMIT, Cause.SENDER_AUTH, Cause.DOMAIN_TAKES_NO_MAIL})

_ENHANCED = re.compile(r"\s*(?:[0-9]{3}[ -])?([245]\.[0-9]{1,3}\.[0-9]{1,3})(?!\.?[0-9])")
_FINAL_CLASS = 5


def enhanced_code(reply: str) -> str:
    """Return the code of RFC 3463 at the start of a reply's text ("5.1.1"), empty without one."""
    found = _ENHANCED.match(reply)
    return found[1] if found else ""


def judge(outcome: Outcome) -> Ruling:
    """Say what becomes of the delivery whose attempt ended so; there is an answer to anything.

    Only a 5xx, or having nothing to say to the relay, is final; whatever else was not taken is
    tried again. What could mean two things is read the way that spares the subscriber.
    """
    if outcome.verdict is Verdict.ACCEPTED:
        return _ACCEPTED
    if outcome.verdict is Verdict.UNKNOWN:
        return _UNKNOWN
    is_refused = outcome.verdict is Verdict.REFUSED
    if is_refused and outcome.code == 0:
        return _UNWRITABLE
    if is_refused and outcome.code // 100 == _FINAL_CLASS:
        return Ruling(fate=Fate.GIVE_UP, cause=_cause(FINAL_ROWS, outcome))
    return _put_off(outcome)


def _put_off(outcome: Outcome) -> Ruling:
    cause = _cause(TEMPORARY_ROWS, outcome)
    return Ruling(fate=Fate.TRY_AGAIN, cause=cause, holds_domain=cause in _ABOUT_THE_DOMAIN)


def _cause(rows: tuple[Row, ...], outcome: Outcome) -> Cause:
    status, text = _status(outcome.reply), plain_words(outcome.reply)
    return next(row.cause for row in rows if _fits(row, outcome, status=status, text=text))


def _fits(row: Row, outcome: Outcome, *, status: tuple[int | None, int], text: str) -> bool:
    subject, detail = status
    return (
        (not row.codes or outcome.code in row.codes)
        and (row.subject is None or row.subject == subject)
        and (not row.details or detail in row.details)
        and (row.stage is None or row.stage is outcome.stage)
        and not (row.is_vague and _is_telling(subject, detail))
        and (not row.words or says(text, row.words))
    )


def _is_telling(subject: int | None, detail: int) -> bool:
    return subject not in (None, 0) and (subject, detail) != (1, 0)


def _status(reply: str) -> tuple[int | None, int]:
    """Return subject and detail of the enhanced code; no subject without a code."""
    code = enhanced_code(reply)
    if not code:
        return None, 0
    _, subject, detail = code.split(".")
    return int(subject), int(detail)
