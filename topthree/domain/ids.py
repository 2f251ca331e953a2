"""Identifiers, one type an aggregate, so that they cannot be mixed up."""

from __future__ import annotations

from typing import NewType

IssueId = NewType("IssueId", int)
EditorId = NewType("EditorId", int)
SubscriberId = NewType("SubscriberId", int)
SubscriptionId = NewType("SubscriptionId", int)
RunId = NewType("RunId", int)
ClaimId = NewType("ClaimId", int)
NoticeId = NewType("NoticeId", int)
CommentId = NewType("CommentId", int)
ShareLinkId = NewType("ShareLinkId", int)
TurnId = NewType("TurnId", int)
VerdictId = NewType("VerdictId", int)
EntryId = NewType("EntryId", int)
BankItemId = NewType("BankItemId", int)
