"""Approval: who may give it, and which work counts as one's own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from topthree.domain.editors.permission import PERMISSIONS, Permission, Role
from topthree.domain.ids import EditorId


class OwnWork(StrEnum):
    """Whose work an approver may not approve."""

    #: Nobody approves a word of their own: neither who changed the text since it was approved
    #: last, nor who wrote it, if it never was.
    NEVER = "never"
    #: Only who made the last change needs somebody else.
    NOT_THE_LAST_CHANGE = "not-the-last-change"
    #: One person may write and approve.
    ALLOWED = "allowed"


class VerdictKind(StrEnum):
    """What a second person said about an issue."""

    APPROVED = "approved"
    SENT_BACK = "sent back"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRule:
    """What an installation has decided about approvals."""

    #: Of the roles whose permissions let them approve, those that do.
    roles: frozenset[Role] = frozenset(
        role for role in Role if Permission.APPROVE in PERMISSIONS[role]
    )
    own_work: OwnWork = OwnWork.NEVER

    @property
    def approver(self) -> str:
        """The role to turn to, as it stands in a sentence: “an editor”."""
        return next(role.with_article for role in Role if self.allows(role))

    def allows(self, role: Role) -> bool:
        """Tell whether somebody in this role may approve what others wrote."""
        return role in self.roles and Permission.APPROVE in PERMISSIONS[role]


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorship:
    """Who wrote what is up for approval."""

    #: Everyone who changed it since it was approved last, or since it was begun.
    authors: frozenset[EditorId]
    last: EditorId | None


def why_not_approve(
    rule: ApprovalRule, role: Role, editor: EditorId, authorship: Authorship
) -> str:
    """Say why this editor may not approve this content; empty if they may."""
    if not rule.allows(role):
        who = role.with_article.capitalize()
        return f"{who} may not approve an issue. Ask {rule.approver} to read it."
    if rule.own_work is OwnWork.ALLOWED:
        return ""
    if editor == authorship.last:
        return (
            "You made the last change to this issue, so somebody else has to approve it."
            " Two people have read every letter before it goes out."
        )
    if rule.own_work is OwnWork.NEVER and editor in authorship.authors:
        return (
            "Some of this text is yours, so somebody else has to approve it."
            " Nobody approves words of their own."
        )
    return ""


def may_be_asked(
    rule: ApprovalRule, editors: Collection[tuple[EditorId, Role]], authorship: Authorship
) -> tuple[EditorId, ...]:
    """Return those of the editors who could approve this content, in their order."""
    return tuple(
        editor for editor, role in editors if not why_not_approve(rule, role, editor, authorship)
    )
