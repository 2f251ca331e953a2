"""Who may do what at the desk."""

from __future__ import annotations

from enum import StrEnum

from topthree.domain.refusal import NotAllowed


class Role(StrEnum):
    """What an editor is; each role may do all that the one before it may."""

    WRITER = "writer"
    EDITOR = "editor"
    PUBLISHER = "publisher"

    @property
    def with_article(self) -> str:
        """The role as it stands in a sentence: “an editor”."""
        return f"{'an' if self.value[0] in 'aeiou' else 'a'} {self.value}"


class Permission(StrEnum):
    """One thing that the desk asks before it lets someone do it."""

    READ_DESK = "see the desk"
    WRITE = "write an issue"
    APPROVE = "approve an issue"
    SCHEDULE = "put an issue on a slot"
    #: Whoever sees that something is wrong may stop it; going on is a publisher's decision.
    PAUSE_RUN = "pause a run"
    STEER_RUN = "decide about a run"
    MANAGE_EDITORS = "manage editors"


_WRITER = frozenset({Permission.READ_DESK, Permission.WRITE, Permission.PAUSE_RUN})
_EDITOR = _WRITER | {Permission.APPROVE}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.WRITER: _WRITER,
    Role.EDITOR: _EDITOR,
    Role.PUBLISHER: _EDITOR
    | {Permission.SCHEDULE, Permission.STEER_RUN, Permission.MANAGE_EDITORS},
}


def require(role: Role, permission: Permission) -> None:
    """Let the role pass.

    :raises NotAllowed: if it may not.
    """
    if permission not in PERMISSIONS[role]:
        may = " or ".join(other.with_article for other in Role if permission in PERMISSIONS[other])
        who = role.with_article.capitalize()
        raise NotAllowed(f"{who} may not {permission}. Ask {may} to do it.")
