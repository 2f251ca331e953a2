"""What a person is told when something they asked for cannot be done."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong, where it is, and what to do about it."""

    #: The field it concerns, as forms and files name it: ``subject``, ``item-2-headline``.
    field: str
    message: str


class Refusal(Exception):
    """A request that cannot be done; the text says what happened and what to do."""


class Invalid(Refusal):
    """What was typed cannot be kept; each problem names its field."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(" ".join(problem.message for problem in problems))
        self.problems = problems


class NotFound(Refusal):
    """There is no such thing, or not any more."""


class NotAllowed(Refusal):
    """This editor's role does not allow it."""


class Conflict(Refusal):
    """Somebody else changed it in the meantime, or its state does not allow the step."""
