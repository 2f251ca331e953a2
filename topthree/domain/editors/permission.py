"""Who may do what at the desk: one table of every permission and every role."""

from __future__ import annotations

from enum import StrEnum

from topthree.domain.refusal import NotAllowed


class Role(StrEnum):
    """What an editor is; each role may do all that the one before it may."""

    WRITER = "writer"
    EDITOR = "editor"
    PUBLISHER = "publisher"
    ADMINISTRATOR = "administrator"

    @property
    def with_article(self) -> str:
        """The role as it stands in a sentence: “an editor”."""
        return f"{'an' if self.value[0] in 'aeiou' else 'a'} {self.value}"


class Permission(StrEnum):
    """One thing that the desk asks before it lets someone do it."""

    READ_DESK = "see the desk"
    WRITE = "write an issue"
    SHARE = "share a draft by link"
    APPROVE = "approve an issue"
    SCHEDULE = "put an issue on a slot"
    #: Whoever sees that something is wrong may stop it; going on is a publisher's decision.
    PAUSE_RUN = "pause a run"
    STEER_RUN = "decide about a run"
    #: The log names everybody's acts, so it is for those who answer for them.
    READ_AUDIT = "read who did what"
    CORRECT = "correct an issue that went out"
    MANAGE_EDITORS = "manage editors"


_YES, _NO = True, False

#: For each permission, whether a writer, an editor, a publisher and an administrator has it.
TABLE: dict[Permission, tuple[bool, bool, bool, bool]] = {
    Permission.READ_DESK: (_YES, _YES, _YES, _YES),
    Permission.WRITE: (_YES, _YES, _YES, _YES),
    Permission.SHARE: (_YES, _YES, _YES, _YES),
    Permission.PAUSE_RUN: (_YES, _YES, _YES, _YES),
    Permission.APPROVE: (_NO, _YES, _YES, _YES),
    Permission.SCHEDULE: (_NO, _NO, _YES, _YES),
    Permission.STEER_RUN: (_NO, _NO, _YES, _YES),
    Permission.CORRECT: (_NO, _NO, _YES, _YES),
    Permission.READ_AUDIT: (_NO, _NO, _YES, _YES),
    Permission.MANAGE_EDITORS: (_NO, _NO, _NO, _YES),
}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    role: frozenset(permission for permission, answers in TABLE.items() if answers[column])
    for column, role in enumerate(Role)
}


def may(role: Role, permission: Permission) -> bool:
    """Tell whether the role has the permission."""
    return permission in PERMISSIONS[role]


def require(role: Role, permission: Permission) -> None:
    """Let the role pass.

    :raises NotAllowed: if it may not.
    """
    if not may(role, permission):
        lowest = next(other for other in Role if may(other, permission))
        who = role.with_article.capitalize()
        raise NotAllowed(f"{who} may not {permission}. Ask {lowest.with_article} to do it.")
