"""The item bank: items that stand in no issue yet, the states they pass, and their details."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from enum import StrEnum

from topthree.domain.ids import EditorId
from topthree.domain.plain_text import (
    line_problems,
    normalise_line,
    normalise_text,
    text_problems,
)
from topthree.domain.refusal import Conflict, Problem
from topthree.domain.writing.item import HEADLINE_LIMIT, Item, Participation
from topthree.domain.years import is_plausible

TAG_LIMIT = 30
TAGS_LIMIT = 10
NOTE_LIMIT = 1_000
LAST_CALL = "Last call"


class BankState(StrEnum):
    """Where an item of the bank stands."""

    IDEA = "idea"
    DRAFTING = "drafting"
    READY = "ready"
    #: It stands in an issue or went out in one; the issue's text is the one that counts.
    USED = "used"


class BankEvent(StrEnum):
    """What can happen to an item of the bank; the value is the verb used when it is refused."""

    EDIT = "be written here"
    SHELVE = "go back among the ideas"
    TAKE_UP = "be drafted"
    FINISH = "be called ready"
    PUT = "be put into an issue"
    TAKE_OUT = "be taken out of an issue"


_I, _D, _R, _U = BankState.IDEA, BankState.DRAFTING, BankState.READY, BankState.USED

#: Every state and every event; None means that the event is refused in that state.
BANK_TRANSITIONS: dict[tuple[BankState, BankEvent], BankState | None] = {
    (_I, BankEvent.EDIT): _I,
    (_I, BankEvent.SHELVE): _I,
    (_I, BankEvent.TAKE_UP): _D,
    (_I, BankEvent.FINISH): _R,
    (_I, BankEvent.PUT): _U,
    (_I, BankEvent.TAKE_OUT): None,
    (_D, BankEvent.EDIT): _D,
    (_D, BankEvent.SHELVE): _I,
    (_D, BankEvent.TAKE_UP): _D,
    (_D, BankEvent.FINISH): _R,
    (_D, BankEvent.PUT): _U,
    (_D, BankEvent.TAKE_OUT): None,
    (_R, BankEvent.EDIT): _R,
    (_R, BankEvent.SHELVE): _I,
    (_R, BankEvent.TAKE_UP): _D,
    (_R, BankEvent.FINISH): _R,
    (_R, BankEvent.PUT): _U,
    (_R, BankEvent.TAKE_OUT): None,
    # Two texts of one item would drift apart: while it stands in an issue, it is written there.
    (_U, BankEvent.EDIT): None,
    (_U, BankEvent.SHELVE): None,
    (_U, BankEvent.TAKE_UP): None,
    (_U, BankEvent.FINISH): None,
    (_U, BankEvent.PUT): None,
    (_U, BankEvent.TAKE_OUT): _D,
}


def next_bank_state(state: BankState, event: BankEvent) -> BankState:
    """Return the state after the event.

    :raises Conflict: if an item in this state does not allow the event.
    """
    after = BANK_TRANSITIONS[state, event]
    if after is None:
        standing = "it stands in an issue" if state is BankState.USED else "it stands in none"
        message = f"This item cannot {event}: {standing}. Look at it once more, or make a copy."
        raise Conflict(message)
    return after


@dataclass(frozen=True, slots=True, kw_only=True)
class BankDetails:
    """What the desk keeps about an item of the bank; readers never see it."""

    #: As :func:`read_tags` returns them.
    tags: tuple[str, ...] = ()
    owner_id: EditorId | None = None
    #: The last day on which it makes sense to print it.
    use_by: date | None = None
    note: str = ""


def read_tags(text: str) -> tuple[str, ...]:
    """Return the words between commas: in small letters, single-spaced, each once, in order."""
    words = (" ".join(normalise_line(word).casefold().split()) for word in text.split(","))
    return tuple(sorted(set(filter(None, words))))


def tidy_details(details: BankDetails) -> BankDetails:
    """Return the details as they are kept."""
    tags = read_tags(",".join(details.tags))
    return replace(details, tags=tags, note=normalise_text(details.note))


def details_problems(details: BankDetails) -> list[Problem]:
    """Say what keeps these details from being saved."""
    problems = text_problems("note", "The note", details.note, NOTE_LIMIT)
    if len(details.tags) > TAGS_LIMIT:
        message = f"There are {len(details.tags):,} tags; {TAGS_LIMIT} are enough. Leave some out."
        problems.append(Problem(field="tags", message=message))
    else:
        for tag in details.tags:
            problems += line_problems("tags", "One of the tags", tag, TAG_LIMIT)
    if details.use_by is not None and not is_plausible(details.use_by):
        message = f"The year {details.use_by.year} is a slip. Check the date."
        problems.append(Problem(field="use-by", message=message))
    return problems


def last_day(item: Item, use_by: date | None) -> date | None:
    """Return the last day on which the item can be printed; None if it keeps."""
    return min(filter(None, (item.participation.closes_on, use_by)), default=None)


def is_open_after(participation: Participation, at: datetime) -> bool:
    """Tell whether something with a closing date is still open after this moment.

    :param at: in the newsletter's zone, as closing times are.
    """
    if participation.closes_on is None:
        return False
    closes_at = participation.closes_at or time.max
    return (participation.closes_on, closes_at) > (at.date(), at.time())


def as_last_call(item: Item) -> Item:
    """Return the item as it is run again: under the kicker that says so, and in the headline."""
    headline = item.headline
    if headline and not headline.casefold().startswith(LAST_CALL.casefold()):
        marked = f"{LAST_CALL}: {headline}"
        headline = marked if len(marked) <= HEADLINE_LIMIT else headline
    return replace(item, kicker=LAST_CALL, headline=headline)


def places_after(before: tuple[Item, ...], after: tuple[Item, ...]) -> dict[int, int]:
    """Return where an issue's items (places 1 to 3) stand after a save; who is left out is gone.

    An item is known again by its headline or its text, since it may have been moved and edited in
    one save; one that is found nowhere was rewritten where it stood, or emptied.
    """
    places = range(1, len(before) + 1)
    found: dict[int, int] = {}
    for is_it in (_same_here, _same, _alike_here, _alike, _rewritten_here):
        for old in places:
            here = before[old - 1]
            for new in places:
                is_free = old not in found and new not in found.values() and not here.is_empty
                if is_free and is_it((old, here), (new, after[new - 1])):
                    found[old] = new
    return found


_Standing = tuple[int, Item]


def _same_here(old: _Standing, new: _Standing) -> bool:
    return old == new


def _same(old: _Standing, new: _Standing) -> bool:
    return old[1] == new[1]


def _alike_here(old: _Standing, new: _Standing) -> bool:
    return old[0] == new[0] and _alike(old, new)


def _alike(old: _Standing, new: _Standing) -> bool:
    one, other = old[1], new[1]
    return (bool(one.headline) and one.headline == other.headline) or (
        bool(one.body) and one.body == other.body
    )


def _rewritten_here(old: _Standing, new: _Standing) -> bool:
    return old[0] == new[0] and not new[1].is_empty
