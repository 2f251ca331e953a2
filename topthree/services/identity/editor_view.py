"""An editor as everyone but the store knows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from topthree.domain.audit.entry import TERMINAL, Who, WhoKind
from topthree.domain.editors.permission import Role
from topthree.domain.ids import EditorId
from topthree.store.editors.editors import EditorRow


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorView:
    """Someone who works at the desk."""

    id: EditorId
    name: str
    address: str
    role: Role
    invited_at: datetime | None = None
    #: None: they have not come in yet.
    last_seen_at: datetime | None = None
    #: Whether mail tells them that something is theirs to do.
    has_turn_mail: bool = True
    #: Whether they type commands at a terminal, where anybody may use their name.
    at_terminal: bool = False

    @property
    def who(self) -> Who:
        """The editor as the audit log names them."""
        name = f"{self.name}, at the terminal" if self.at_terminal else self.name
        return Who(kind=WhoKind.EDITOR, name=name, editor_id=self.id)


def editor_view(editor: EditorRow) -> EditorView:
    """Return the editor of this row."""
    return EditorView(
        id=editor.id,
        name=editor.name,
        address=editor.address,
        role=editor.role,
        invited_at=editor.invited_at,
        last_seen_at=editor.last_seen_at,
        has_turn_mail=editor.has_turn_mail,
    )


def who_of(editor: EditorView | None) -> Who:
    """Return how the audit log names an editor; None is somebody at the terminal."""
    return editor.who if editor else TERMINAL
