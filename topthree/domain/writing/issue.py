"""An issue: its content, the states it passes, and what makes it complete."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, time
from enum import StrEnum

from topthree.domain.language import is_language, language_problem
from topthree.domain.plain_text import (
    line_problems,
    normalise_line,
    normalise_text,
    text_problems,
)
from topthree.domain.refusal import Conflict, Problem
from topthree.domain.writing.item import Item, Section, missing_parts, storable_problems, tidy_item

PLACES = (1, 2, 3)
SUBJECT_LIMIT = 120
PREHEADER_LIMIT = 110
GREETING_LIMIT = 1_000


def _empty_items() -> tuple[Item, Item, Item]:
    return (
        Item(section=Section.RESOURCE),
        Item(section=Section.REFLECTION),
        Item(section=Section.OPPORTUNITY),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueContent:
    """Everything an editor writes for one issue; approval binds to its digest."""

    subject: str = ""
    preheader: str = ""
    #: Plain text, paragraphs separated by a blank line; may be empty.
    greeting: str = ""
    language: str = "en"
    items: tuple[Item, Item, Item] = field(default_factory=_empty_items)
    #: The day of the issue that this one corrects; it goes to those who got that one (ADR 0018).
    corrects: date | None = None

    @property
    def written_places(self) -> tuple[int, ...]:
        """The places (1 to 3) that are shown: all, but for those that a correction leaves empty."""
        items = zip(PLACES, self.items, strict=True)
        return tuple(place for place, item in items if not self.corrects or not item.is_empty)

    def item_at(self, place: int) -> Item:
        """Return the item at this place (1 to 3)."""
        return self.items[place - 1]

    def with_item(self, place: int, item: Item) -> IssueContent:
        """Return the content with another item at this place (1 to 3)."""
        first, second, third = (
            item if at == place else old for at, old in zip(PLACES, self.items, strict=True)
        )
        return replace(self, items=(first, second, third))

    def canonical(self) -> str:
        """Return the content as JSON, the same for the same content; see ``content_json``."""
        return json.dumps(
            asdict(self), sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain
        )

    def digest(self) -> str:
        """Return the SHA-256, in hex, of the content's canonical JSON."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()


def tidy(content: IssueContent) -> IssueContent:
    """Return the content as it is kept: blanks trimmed, line ends LF, text in NFC."""
    first, second, third = content.items
    return replace(
        content,
        subject=normalise_line(content.subject),
        preheader=normalise_line(content.preheader),
        greeting=normalise_text(content.greeting),
        language=content.language.strip(),
        items=(tidy_item(first), tidy_item(second), tidy_item(third)),
    )


class IssueStatus(StrEnum):
    """Where an issue stands. Its slot is another matter: a draft may hold a place on one."""

    DRAFT = "draft"
    IN_REVIEW = "in review"
    APPROVED = "approved"
    SENDING = "sending"
    SENT = "sent"

    @property
    def is_published(self) -> bool:
        """The archive shows an issue from the moment its run opens."""
        return self in {IssueStatus.SENDING, IssueStatus.SENT}


class IssueEvent(StrEnum):
    """What can happen to an issue; the value is the verb used when it is refused."""

    EDIT = "be edited"
    SUBMIT = "be submitted for review"
    SEND_BACK = "be sent back"
    APPROVE = "be approved"
    OPEN_RUN = "be sent"
    FINISH_RUN = "finish sending"
    SEND_AGAIN = "be sent to those who were missed"


_D, _R, _A, _G, _S = (
    IssueStatus.DRAFT,
    IssueStatus.IN_REVIEW,
    IssueStatus.APPROVED,
    IssueStatus.SENDING,
    IssueStatus.SENT,
)

#: Every state and every event; None means that the event is refused in that state.
ISSUE_TRANSITIONS: dict[tuple[IssueStatus, IssueEvent], IssueStatus | None] = {
    (_D, IssueEvent.EDIT): _D,
    (_D, IssueEvent.SUBMIT): _R,
    (_D, IssueEvent.SEND_BACK): None,
    (_D, IssueEvent.APPROVE): None,
    (_D, IssueEvent.OPEN_RUN): None,
    (_D, IssueEvent.FINISH_RUN): None,
    (_D, IssueEvent.SEND_AGAIN): None,
    (_R, IssueEvent.EDIT): _R,
    (_R, IssueEvent.SUBMIT): None,
    (_R, IssueEvent.SEND_BACK): _D,
    (_R, IssueEvent.APPROVE): _A,
    (_R, IssueEvent.OPEN_RUN): None,
    (_R, IssueEvent.FINISH_RUN): None,
    (_R, IssueEvent.SEND_AGAIN): None,
    # An edit voids the approval: what is sent is what a second person read.
    (_A, IssueEvent.EDIT): _D,
    (_A, IssueEvent.SUBMIT): None,
    (_A, IssueEvent.SEND_BACK): _D,
    (_A, IssueEvent.APPROVE): None,
    (_A, IssueEvent.OPEN_RUN): _G,
    (_A, IssueEvent.FINISH_RUN): None,
    (_A, IssueEvent.SEND_AGAIN): None,
    (_G, IssueEvent.EDIT): None,
    (_G, IssueEvent.SUBMIT): None,
    (_G, IssueEvent.SEND_BACK): None,
    (_G, IssueEvent.APPROVE): None,
    (_G, IssueEvent.OPEN_RUN): None,
    (_G, IssueEvent.FINISH_RUN): _S,
    (_G, IssueEvent.SEND_AGAIN): _G,
    (_S, IssueEvent.EDIT): None,
    (_S, IssueEvent.SUBMIT): None,
    (_S, IssueEvent.SEND_BACK): None,
    (_S, IssueEvent.APPROVE): None,
    (_S, IssueEvent.OPEN_RUN): None,
    (_S, IssueEvent.FINISH_RUN): None,
    (_S, IssueEvent.SEND_AGAIN): _G,
}


def next_status(status: IssueStatus, event: IssueEvent) -> IssueStatus:
    """Return the state after the event.

    :raises Conflict: if an issue in this state does not allow the event.
    """
    after = ISSUE_TRANSITIONS[status, event]
    if after is None:
        message = (
            f"This issue cannot {event}: it is {status}."
            " Look at it once more: somebody was quicker, or a step is missing."
        )
        raise Conflict(message)
    return after


def storable_content_problems(content: IssueContent) -> tuple[Problem, ...]:
    """Say what keeps this content from being saved, even as a draft."""
    problems = line_problems("subject", "The subject", content.subject, SUBJECT_LIMIT)
    problems += line_problems("preheader", "The preheader", content.preheader, PREHEADER_LIMIT)
    problems += text_problems("greeting", "The greeting", content.greeting, GREETING_LIMIT)
    if not is_language(content.language):
        problems.append(language_problem("language"))
    for place, item in zip(PLACES, content.items, strict=True):
        problems += storable_problems(item, place)
    return tuple(problems)


def missing_from(content: IssueContent) -> tuple[Problem, ...]:
    """Say what the issue still lacks before it can be submitted or approved."""
    missing = []
    if not content.subject:
        missing.append(Problem(field="subject", message="The issue has no subject."))
    elif content.subject.lower().startswith(("re:", "fwd:", "fw:")):
        message = "A subject that begins with “Re:” or “Fwd:” looks like a trick. Leave it out."
        missing.append(Problem(field="subject", message=message))
    if not content.preheader:
        message = "The issue has no preheader: one sentence that inboxes show beside the subject."
        missing.append(Problem(field="preheader", message=message))
    if content.corrects and not content.greeting:
        message = "A correction says in its greeting what was wrong, and what is right."
        missing.append(Problem(field="greeting", message=message))
    for place in content.written_places:
        missing += missing_parts(content.item_at(place), place)
    return tuple(missing)


def _plain(value: object) -> str:
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    raise TypeError(type(value))
