"""What a check found: how grave it is, where it stands, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from topthree.domain.writing.content_fields import field_label

#: Stands for a field where something concerns the letter as a whole.
WHOLE = "letter"


class Severity(StrEnum):
    """Whether an issue can be approved all the same."""

    STOPS = "stops"
    ADVICE = "advice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """One thing that a check found."""

    #: The field it concerns, as the form names it (``item-2-body``), or :data:`WHOLE`.
    field: str
    message: str
    #: What to do, as a sentence.
    todo: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A flaw, by the check that found it."""

    #: Names the check, the same for ever: ``link-dead``.
    code: str
    severity: Severity
    field: str
    message: str
    todo: str

    @property
    def stops(self) -> bool:
        """Whether the issue cannot be approved before this is mended."""
        return self.severity is Severity.STOPS

    @property
    def place(self) -> str:
        """What a person calls the field: “Item 2: text”."""
        return "The letter as a whole" if self.field == WHOLE else field_label(self.field)

    @property
    def words(self) -> str:
        """All of it, as it is said."""
        return f"{self.message} {self.todo}"
