"""The circuit breaker of a run: when to go on, to feel one's way, or to wait for a person.

Sources: standards R-36 and R-37, reliability §2.6. Feed it with every ruling; ask it when you like.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from topthree.domain.sending.cause import Cause
from topthree.domain.sending.relay_reply import Fate, Ruling

#: Refusals of the sender that pause a run: so many, and so many in a thousand tried. The first
#: twenty being all refused is the same rule at its sharpest.
REFUSALS_TO_PAUSE = 20
REFUSALS_PER_MILLE = 50

#: A probe is called for when more than this many of the last 200 are 4xx or 5.7.x: a fifth.
RECENT = 200
MOST_TROUBLE_OF_RECENT = 40
#: ... or when this many connections in a row could not be opened.
FAILED_CONNECTIONS_TO_PROBE = 5
#: So many answers in a row without trouble end the probing.
GOOD_PROBES = 5

#: Addresses that do not exist, in a thousand tried; judged from this many on.
HARD_TRIED_AT_LEAST = 100
HARD_PER_MILLE_TO_WARN = 20
HARD_PER_MILLE_TO_PAUSE = 50

#: Complaints in a thousand sent; judged from this many on.
COMPLAINTS_SENT_AT_LEAST = 1_000
COMPLAINTS_PER_MILLE_TO_WARN = 1
COMPLAINTS_PER_MILLE_TO_PAUSE = 3


class Course(StrEnum):
    """What a run should do now."""

    GOING = "going"
    #: One message a minute, to see whether it is over.
    PROBE = "probe"
    #: Nothing, until a person has looked and resumes it.
    PAUSE = "pause"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What a run should do, and why, for people."""

    course: Course
    #: Empty while it is going.
    reason: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What is counted of a run, by one process or by all; kept, it outlives them."""

    #: Attempts that an answer ended, whatever it was.
    tried: int = 0
    accepted: int = 0
    #: Addresses that do not exist.
    hard: int = 0
    #: Refusals of the sender.
    refusals: int = 0
    #: Refusals of the message itself.
    malformed: int = 0
    #: People who called the issue spam; that is reported by others, and never seen here.
    complaints: int = 0

    def __add__(self, other: Tally) -> Tally:
        """Return what both have counted."""
        return Tally(
            tried=self.tried + other.tried,
            accepted=self.accepted + other.accepted,
            hard=self.hard + other.hard,
            refusals=self.refusals + other.refusals,
            malformed=self.malformed + other.malformed,
            complaints=self.complaints + other.complaints,
        )

    @property
    def is_well(self) -> bool:
        """Tell whether nothing speaks against the run."""
        return self.accepted == self.tried and not self.complaints and not self.hard


_GOING = Advice(course=Course.GOING)
_ACCEPT = Fate.ACCEPT


class Breaker:
    """What one process sees of a run, and what all of it advises; threads share it with a lock."""

    __slots__ = (
        "_accepted",
        "_elsewhere",
        "_failed_connections",
        "_hard",
        "_is_probing",
        "_is_well_elsewhere",
        "_last_trouble",
        "_malformed",
        "_refusals",
        "_tried",
        "_tried_at_failure",
        "_troubles",
    )

    def __init__(self) -> None:
        self._tried = self._accepted = self._hard = self._refusals = self._malformed = 0
        self._elsewhere = Tally()
        self._is_well_elsewhere = True
        self._failed_connections = 0
        self._tried_at_failure = 0
        #: Which answers, counted from the first, spoke of trouble, among the last 200.
        self._troubles: deque[int] = deque()
        self._last_trouble = 0
        self._is_probing = False

    def record(self, ruling: Ruling) -> None:
        """Count one answer. It is called for every message: an acceptance is two additions."""
        self._tried += 1
        if ruling.fate is _ACCEPT:
            self._accepted += 1
        else:
            self._record_failure(ruling)

    def record_connection(self, *, is_open: bool) -> None:
        """Count an attempt to open a connection.

        A row of failures ends with one that is made, or with an answer on another connection.
        """
        if is_open or self._tried != self._tried_at_failure:
            self._failed_connections = 0
        if not is_open:
            self._failed_connections += 1
            self._tried_at_failure = self._tried

    def hear(self, elsewhere: Tally) -> None:
        """Take in what was counted of the run elsewhere, in place of what was said before."""
        self._elsewhere = elsewhere
        self._is_well_elsewhere = elsewhere.is_well

    def tally(self) -> Tally:
        """Return what this process has counted so far, to be kept."""
        return Tally(
            tried=self._tried,
            accepted=self._accepted,
            hard=self._hard,
            refusals=self._refusals,
            malformed=self._malformed,
        )

    def advice(self) -> Advice:
        """Say what the run should do now."""
        is_well_here = self._failed_connections == 0 and self._accepted == self._tried
        if is_well_here and self._is_well_elsewhere:
            return _GOING
        advice = judge_tally(self.tally() + self._elsewhere)
        if advice.course is Course.GOING and (sentence := self._reason_to_probe()):
            return replace(advice, course=Course.PROBE, reason=sentence)
        return advice

    def _record_failure(self, ruling: Ruling) -> None:
        cause = ruling.cause
        self._hard += cause.is_hard
        if cause is Cause.OUR_MESSAGE:
            self._malformed += 1
        elif cause.counts_against_us:
            # R-36 counts 4.7.x as well: put off for who we are is refused for now.
            self._refusals += 1
        if ruling.fate is Fate.TRY_AGAIN or cause.counts_against_us:
            self._record_trouble()

    def _record_trouble(self) -> None:
        self._end_probing_if_good(answers=self._tried - 1)
        self._troubles.append(self._tried)
        self._last_trouble = self._tried
        while self._troubles[0] <= self._tried - RECENT:
            self._troubles.popleft()
        if len(self._troubles) > MOST_TROUBLE_OF_RECENT:
            self._is_probing = True

    def _end_probing_if_good(self, *, answers: int) -> None:
        if self._is_probing and answers - self._last_trouble >= GOOD_PROBES:
            self._is_probing = False
            self._troubles.clear()

    def _reason_to_probe(self) -> str:
        self._end_probing_if_good(answers=self._tried)
        is_unanswered = self._tried == self._tried_at_failure
        if is_unanswered and self._failed_connections >= FAILED_CONNECTIONS_TO_PROBE:
            return (
                f"The relay could not be reached {self._failed_connections} times in a row. "
                "One message a minute is tried until it can."
            )
        if self._is_probing:
            return (
                f"More than {MOST_TROUBLE_OF_RECENT} of the last {RECENT} messages were put off or "
                "refused for who we are. One message a minute is tried until that is over."
            )
        return ""


def judge_tally(tally: Tally) -> Advice:
    """Say what these figures of a run call for, whoever has counted them."""
    warnings = tuple(_warnings(tally))
    for reason in _REASONS_TO_PAUSE:
        if sentence := reason(tally):
            return Advice(course=Course.PAUSE, reason=sentence, warnings=warnings)
    return Advice(course=Course.GOING, warnings=warnings) if warnings else _GOING


def _malformed_message(tally: Tally) -> str:
    if not tally.malformed:
        return ""
    return (
        "The message itself was refused, as too big or malformed, and that may be so everywhere. "
        "Read the relay's words, and report it as a mistake of this software."
    )


def _refused_sender(tally: Tally) -> str:
    is_many = tally.refusals >= REFUSALS_TO_PAUSE
    if not (is_many and _reaches(tally.refusals, tally.tried, REFUSALS_PER_MILLE)):
        return ""
    return (
        f"{tally.refusals:,} of {tally.tried:,} messages were refused for who we are, not for whom "
        "they are for. Read the relay's words, and run `topthree doctor`."
    )


def _too_many_hard(tally: Tally) -> str:
    return _hard_sentence(tally) if _is_hard(tally, HARD_PER_MILLE_TO_PAUSE) else ""


def _too_many_complaints(tally: Tally) -> str:
    if _is_complained_of(tally, COMPLAINTS_PER_MILLE_TO_PAUSE):
        return _complaint_sentence(tally)
    return ""


#: From the most urgent to the least; each answers with a sentence, or nothing.
_REASONS_TO_PAUSE: tuple[Callable[[Tally], str], ...] = (
    _malformed_message,
    _refused_sender,
    _too_many_hard,
    _too_many_complaints,
)


def _warnings(tally: Tally) -> Iterator[str]:
    if _is_hard(tally, HARD_PER_MILLE_TO_WARN):
        yield _hard_sentence(tally)
    if _is_complained_of(tally, COMPLAINTS_PER_MILLE_TO_WARN):
        yield _complaint_sentence(tally)


def _is_hard(tally: Tally, per_mille: int) -> bool:
    return tally.tried >= HARD_TRIED_AT_LEAST and _reaches(tally.hard, tally.tried, per_mille)


def _is_complained_of(tally: Tally, per_mille: int) -> bool:
    is_judged = tally.accepted >= COMPLAINTS_SENT_AT_LEAST
    return is_judged and _reaches(tally.complaints, tally.accepted, per_mille)


def _reaches(part: int, whole: int, per_mille: int) -> bool:
    return part * 1_000 >= whole * per_mille


def _hard_sentence(tally: Tally) -> str:
    return (
        f"{tally.hard:,} of {tally.tried:,} addresses do not exist. Providers stop trusting a "
        "sender for that. Look at where the addresses came from."
    )


def _complaint_sentence(tally: Tally) -> str:
    return (
        f"{tally.complaints:,} of {tally.accepted:,} people called the issue spam. Providers stop "
        "trusting a sender for that. Look at where the addresses came from."
    )
