"""Before it goes: one sentence that says what goes to how many, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from topthree.domain.calendar_words import moment_words
from topthree.domain.how_many import how_many


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """What is about to go out."""

    #: What it is called: “Issue 27”.
    name: str
    #: How many would get it, were it to go at this moment.
    readers: int
    #: Aware, in the cadence's zone; None: as soon as somebody sends it.
    at: datetime | None

    @property
    def readers_words(self) -> str:
        """Return to how many: “48,213 teachers”."""
        return how_many(self.readers, "teacher")

    @property
    def sentence(self) -> str:
        """“Issue 27 goes to 48,213 teachers on Thursday, December 3 at 6:00 am EST.”."""
        when = "" if self.at is None else f" on {at_words(self.at)}"
        return f"{self.name} goes to {self.readers_words}{when}."


def at_words(at: datetime) -> str:
    """Return the moment for a sentence: “Thursday, December 3 at 6:00 am EST”."""
    return " at ".join(moment_words(at).rsplit(", ", 1))
