"""Suggesting that a letter says when the next one comes, when that is not in a fortnight."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from topthree.domain.planning.cadence import FORTNIGHT, Cadence
from topthree.domain.writing.issue import IssueContent
from topthree.render.next_line import names_day, next_line
from topthree.services.planning.slots_ahead import next_slot_after


@dataclass(frozen=True, slots=True, kw_only=True)
class NextLine:
    """What a letter should say, and whether its greeting does."""

    #: The sentence, in the language of the letter.
    line: str
    next_day: date
    #: How many days lie between the two.
    gap: int
    is_said: bool


def suggest_next_line(
    session: Session, cadence: Cadence, content: IssueContent, slot_day: date | None
) -> NextLine | None:
    """Return what the letter of this slot should say; None if the next comes in a fortnight.

    None as well as long as either of the two days is not known.
    """
    next_day = None if slot_day is None else next_slot_after(session, cadence, slot_day)
    if slot_day is None or next_day is None or next_day - slot_day == FORTNIGHT:
        return None
    return NextLine(
        line=next_line(content.language, slot_day, next_day),
        next_day=next_day,
        gap=(next_day - slot_day).days,
        is_said=names_day(content.greeting, content.language, next_day),
    )
