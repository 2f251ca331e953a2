"""What the desk calls an issue, and its state."""

from __future__ import annotations

from topthree.domain.calendar_words import day_words
from topthree.domain.writing.issue import IssueStatus
from topthree.services.writing.read_issue import IssueView

_STATES = {
    IssueStatus.DRAFT: "Draft",
    IssueStatus.IN_REVIEW: "In review",
    IssueStatus.APPROVED: "Approved",
    IssueStatus.SENDING: "Sending",
    IssueStatus.SENT: "Sent",
}


def issue_name(issue: IssueView) -> str:
    """Return how pages call the issue: by its day if it has one, else by its subject."""
    if issue.day is not None:
        return f"No. {issue.number}, {day_words(issue.day)}"
    if issue.slot_day is not None:
        return f"Issue for {day_words(issue.slot_day)}"
    return issue.content.subject or "Untitled issue"


def state_words(status: IssueStatus) -> str:
    """Return the state as it stands beside its sign."""
    return _STATES[status]
