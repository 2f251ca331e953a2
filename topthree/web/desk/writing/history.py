"""The history of an issue: who wrote what when, any two versions side by side, and going back."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from topthree.domain.editors.permission import Permission
from topthree.domain.ids import IssueId
from topthree.domain.writing.content_fields import field_label, field_text, field_values
from topthree.domain.writing.issue import IssueContent
from topthree.domain.writing.version import VersionKind
from topthree.services.writing.issue_history import (
    Restoring,
    compare_versions,
    read_history,
    read_version,
    restore_version,
)
from topthree.services.writing.read_issue import read_issue
from topthree.web.access import current_editor, desk
from topthree.web.database import read_only, transaction
from topthree.web.desk.forms.going import gone_to
from topthree.web.desk.forms.trouble import sent_version
from topthree.web.desk.forms.typed_number import SHORT, parse_number
from topthree.web.site import site

#: How a version came about, as it stands after the name of whoever made it.
_KINDS = {
    VersionKind.BEGUN: "began the issue",
    VersionKind.IMPORTED: "taken over from a file",
    VersionKind.SAVED: "saved",
    VersionKind.AUTOSAVED: "was writing",
    VersionKind.MERGED: "saved, together with a colleague’s changes",
    VersionKind.RESTORED: "brought back version",
}


@desk(Permission.READ_DESK)
def history(issue_id: int) -> ResponseReturnValue:
    """Show the versions, newest first, fifty at a time."""
    with read_only() as session:
        issue = read_issue(session, IssueId(issue_id))
        found = read_history(session, issue.id, before=_number("before"))
    return render_template("desk/writing/history.html", issue=issue, history=found, kinds=_KINDS)


@desk(Permission.READ_DESK)
def compare(issue_id: int) -> ResponseReturnValue:
    """Show where two versions differ, field by field and word by word."""
    with read_only() as session:
        issue = read_issue(session, IssueId(issue_id))
        one, other = _number("from"), _number("to")
        if one is None or other is None:
            return gone_to(url_for("desk.history", issue_id=issue_id))
        comparison = compare_versions(session, issue.id, one, other)
    return render_template("desk/writing/compare.html", issue=issue, comparison=comparison)


@desk(Permission.READ_DESK)
def version(issue_id: int, number: int) -> ResponseReturnValue:
    """Show one version whole."""
    with read_only() as session:
        issue = read_issue(session, IssueId(issue_id))
        found = read_version(session, issue.id, number)
    return render_template(
        "desk/writing/version.html",
        issue=issue,
        version=found,
        parts=_parts(found.content),
        is_current=found.content == issue.content,
    )


@desk(Permission.WRITE)
def restore(issue_id: int, number: int) -> ResponseReturnValue:
    """Bring a version back as the newest one."""
    restoring = Restoring(issue_id=IssueId(issue_id), number=number, version=sent_version())
    with transaction() as session:
        before = read_issue(session, restoring.issue_id).version
        issue = restore_version(session, restoring, current_editor(), site().clock())
    word = "restored" if issue.version != before else "restored-already"
    return gone_to(url_for("desk.compose", issue_id=issue_id, said=word))


def _number(name: str) -> int | None:
    return parse_number(request.args.get(name, ""), SHORT)


def _parts(content: IssueContent) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Return what is filled in, as titles with labels and texts below them."""
    parts: dict[str, list[tuple[str, str]]] = {}
    for name, value in field_values(content).items():
        whole, _, part = field_label(name).partition(": ")
        text = field_text(value)
        if text:
            parts.setdefault(whole if part else "The issue", []).append((part or whole, text))
    return tuple((title, tuple(fields)) for title, fields in parts.items())
