"""What the commands need from whoever puts the service together, and nothing beyond it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from topthree.domain.ids import IssueId
from topthree.services.installation.premises import Premises
from topthree.services.wiring import Wiring


class CheckState(StrEnum):
    """How a check ended."""

    OK = "ok"
    #: It works, and still somebody should look at it.
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that the doctor looked at."""

    #: What was looked at, in a word or two: ``database``.
    name: str
    state: CheckState
    #: What was found, as a sentence.
    found: str
    #: What to do about it, as a sentence; empty when all is well.
    advice: str = ""


class Launcher(Protocol):
    """Puts the service together and starts its parts. Each command asks for what it needs.

    Whatever stands in the way, such as a missing setting or a database of an older version, is
    raised as a :class:`topthree.domain.refusal.Refusal` that says what to do.
    """

    def wiring(self) -> Wiring:
        """Return the service wired to a database that is up to date.

        :raises Refusal: if the settings do not allow it, or the database has to be upgraded first.
        """
        ...

    def premises(self) -> Premises:
        """Return where the installation is, whatever state its database is in.

        :raises Refusal: if the settings do not allow it.
        """
        ...

    def serve(self, host: str, port: int) -> None:
        """Bring the database up to date and run web, scheduler and sender until asked to stop.

        :raises Refusal: if they cannot start.
        """
        ...

    def work(self) -> None:
        """Run scheduler and sender, without the web, until asked to stop.

        :raises Refusal: if they cannot start.
        """
        ...

    def upgrade(self) -> None:
        """Bring the database up to date; harmless if it is.

        :raises Refusal: if the settings do not allow it.
        """
        ...

    def page(self, issue_id: IssueId) -> bytes:
        """Return the public page of this issue, as the web serves or would serve it.

        :raises Refusal: as :meth:`wiring`.
        """
        ...

    def checks(self) -> tuple[Check, ...]:
        """Look at settings, database, folders and relay; what is wrong is part of the answer."""
        ...
