"""How it goes with a mail domain, as a sign and a word."""

from __future__ import annotations

from topthree.domain.sending.delivery import DeliveryStatus
from topthree.services.sending.run_progress import DomainLine


def domain_state(line: DomainLine) -> tuple[str, str, str]:
    """Return the sign, its color and the word: what is still open comes first."""
    counts = line.counts
    accepted = counts[DeliveryStatus.SENT]
    states = (
        (counts[DeliveryStatus.DEFERRED] > 0, ("clock", "wait", "Asked to wait")),
        (counts[DeliveryStatus.HELD] > 0, ("half", "wait", "Needs a decision")),
        (counts[DeliveryStatus.FAILED] > accepted, ("cross", "stop", "Refused")),
        (line.waiting > 0 and not accepted, ("ring", "later", "Still to come")),
        (line.waiting > 0, ("arrow", "good", "Going well")),
        (line.not_accepted > 0, ("half", "wait", "Done, but for some")),
    )
    return next((words for holds, words in states if holds), ("full", "good", "All accepted"))
