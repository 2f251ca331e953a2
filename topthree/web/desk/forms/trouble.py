"""Why a form is shown again: what is wrong with it, or what somebody else saved meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from flask import request

from topthree.domain.preflight.finding import Finding
from topthree.domain.refusal import Problem
from topthree.domain.writing.merge import Merged
from topthree.services.proofing.preflight_issue import Preflight
from topthree.web.desk.forms.typed_number import SHORT, parse_number

#: The form says under a text when it is too long, while it is typed.
_SAID_BY_PAGE = frozenset({"long-item"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A field that somebody else left otherwise than it stands in the form."""

    field: str
    mine: str
    theirs: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why the form is shown again."""

    #: Empty if nothing is the matter.
    title: str = ""
    problems: tuple[Problem, ...] = ()
    #: A sentence that concerns the whole form.
    message: str = ""
    differences: tuple[Difference, ...] = ()
    #: What was found in the text as it is saved.
    preflight: Preflight = field(default_factory=Preflight)
    #: What somebody else changed as well, and how their items stand in the form.
    merged: Merged | None = None

    def of(self, field: str) -> tuple[str, ...]:
        """Return what is wrong with this field."""
        return tuple(problem.message for problem in self.problems if problem.field == field)

    def found(self, field: str) -> tuple[Finding, ...]:
        """Return what preflight found in this field, but for what the page itself says there."""
        return tuple(each for each in self.preflight.of(field) if each.code not in _SAID_BY_PAGE)

    def links(self) -> list[tuple[str, str]]:
        """Return each problem as the field it leads to and its words."""
        return [(problem.field, problem.message) for problem in self.problems]


NO_TROUBLE = Trouble()


def slips(problems: Sequence[Problem], message: str = "") -> Trouble:
    """Return what has to be put right, counted in the title above it."""
    count = len(problems)
    title = f"{count} thing{' has' if count == 1 else 's have'} to be put right"
    return Trouble(title=title, problems=tuple(problems), message=message)


def sent_version() -> int:
    """Return the version that the form was based on."""
    # Version 0 is older than any, so a form without one can only be compared, not overwrite.
    return parse_number(request.form.get("version", ""), SHORT) or 0
