"""Entries of the audit log about an issue, a run or an editor, told from their rows."""

from __future__ import annotations

from types import MappingProxyType

from topthree.domain.audit.act import Act
from topthree.domain.audit.entry import Details, Entry, Who, editor_thing, issue_thing, run_thing
from topthree.services.identity.editor_view import EditorView
from topthree.store.editors.editors import EditorRow
from topthree.store.sending.runs import RunRow
from topthree.store.writing.issues import IssueRow

_NOTHING: Details = MappingProxyType({})


def about_issue(who: Who, act: Act, issue: IssueRow, details: Details = _NOTHING) -> Entry:
    """Return the entry that somebody did this to the issue."""
    return Entry(who=who, act=act, about=issue_thing(issue.id, issue.subject), details=details)


def about_run(who: Who, act: Act, run: RunRow, details: Details = _NOTHING) -> Entry:
    """Return the entry that somebody did this to the run."""
    return Entry(who=who, act=act, about=run_thing(run.id, run.day), details=details)


def about_editor(
    who: Who, act: Act, editor: EditorRow | EditorView, details: Details = _NOTHING
) -> Entry:
    """Return the entry that somebody did this to an editor, or that editor themselves."""
    return Entry(who=who, act=act, about=editor_thing(editor.id, editor.name), details=details)
