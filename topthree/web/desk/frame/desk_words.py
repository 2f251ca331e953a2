"""What every page of the desk has around it: its navigation, and who is signed in."""

from __future__ import annotations

from typing import Any

from topthree.domain.calendar_words import clock_words, span_words
from topthree.domain.editors.permission import Permission, may
from topthree.web.access import signed_in_editor
from topthree.web.desk.frame.issue_names import issue_name, state_words
from topthree.web.desk.frame.said import said
from topthree.web.site import site


def desk_words() -> dict[str, Any]:
    """Return what all templates of the desk may use."""
    return {
        "said": said(),
        "has_outbox": site().outbox is not None,
        "may": _may,
        "issue_name": issue_name,
        "state_words": state_words,
        "clock_words": clock_words,
        "span_words": span_words,
    }


def _may(permission: str) -> bool:
    """Tell whether the editor's role has the permission, by its name in small letters."""
    editor = signed_in_editor()
    return editor is not None and may(editor.role, Permission[permission.upper()])
