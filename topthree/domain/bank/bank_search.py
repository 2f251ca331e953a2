"""What an editor looks for in the item bank."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from topthree.domain.bank.bank_item import BankState
from topthree.domain.ids import EditorId
from topthree.domain.writing.item import Section

#: What has to be printed within this span is printed soon or never.
SOON = timedelta(days=28)
_MOST_WORDS = 8
_LONGEST_WORD = 80


class UseBy(StrEnum):
    """How much time is left to print an item."""

    SOON = "soon"
    PAST = "past"


@dataclass(frozen=True, slots=True, kw_only=True)
class BankSearch:
    """Each criterion narrows the search; those left out do not."""

    #: As typed; every word of it must stand somewhere in the item.
    words: str = ""
    section: Section | None = None
    state: BankState | None = None
    tag: str = ""
    owner_id: EditorId | None = None
    use_by: UseBy | None = None
    #: Only what can still be printed on this day.
    keeps_until: date | None = None

    def terms(self) -> tuple[str, ...]:
        """Return the words one by one, as they are compared; no more than anybody means."""
        return tuple(word[:_LONGEST_WORD] for word in self.words.casefold().split()[:_MOST_WORDS])
