"""Notices: single messages to one person, and where each stands."""

from __future__ import annotations

from enum import StrEnum


class NoticeKind(StrEnum):
    """Which message it is; also the folder of its template."""

    CONFIRM_SUBSCRIPTION = "confirm-subscription"
    ALREADY_SUBSCRIBED = "already-subscribed"
    SIGN_IN = "sign-in"
    ASKED_TO_APPROVE = "asked-to-approve"
    ISSUE_APPROVED = "issue-approved"
    ISSUE_SENT_BACK = "issue-sent-back"
    APPROVAL_ENDED = "approval-ended"
    NOTHING_APPROVED = "nothing-approved"
    APPROVED_BUT_STOPPED = "approved-but-stopped"
    NOT_SENT = "not-sent"
    INVITATION = "invitation"


#: What editors can do without, if they say so; that a letter will not go out is no such thing.
ABOUT_TURNS = frozenset(
    {
        NoticeKind.ASKED_TO_APPROVE,
        NoticeKind.ISSUE_APPROVED,
        NoticeKind.ISSUE_SENT_BACK,
        NoticeKind.APPROVAL_ENDED,
    }
)


class NoticeStatus(StrEnum):
    """Where a notice stands."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
