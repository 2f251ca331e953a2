"""What a page says by itself while somebody writes on it: what stands in it, and that it is open.

Both answer with JSON, and the words in it are those that the page shows.
"""

from __future__ import annotations

from datetime import datetime

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue

from topthree.domain.editors.permission import Permission
from topthree.domain.ids import IssueId
from topthree.services.writing.autosave_issue import Autosave, Autosaved, Fate, autosave_issue
from topthree.services.writing.presence import (
    is_overtaken,
    leave,
    note_presence,
    others_present,
)
from topthree.services.writing.read_issue import IssueView, read_issue
from topthree.web.access import current_editor, desk
from topthree.web.database import transaction
from topthree.web.desk.forms.trouble import sent_version
from topthree.web.desk.writing.compose import wanted_save
from topthree.web.desk.writing.compose_form import ComposeForm, sent_form
from topthree.web.desk.writing.compose_page import hour_words, presence_words, sent_tab, sheet_of
from topthree.web.site import site

#: What follows upon “Kept for you at 10:42 am”.
_NOT_IN_THE_ISSUE = {
    Fate.UNFIT: "and not in the issue yet: {problem}",
    Fate.BEHIND: "and not in the issue: {who} saved it meanwhile. Press Save to bring the two"
    " together.",
    Fate.IN_REVIEW: "and not in the issue yet, which is in review: Save puts it in.",
    Fate.APPROVED: "and not in the issue yet, which is approved: Save puts it in and ends the"
    " approval.",
    Fate.PUBLISHED: "but not in the issue, which has gone out.",
}


@desk(Permission.WRITE)
def autosave(issue_id: int) -> ResponseReturnValue:
    """Keep what stands in the form, in the issue or beside it."""
    form, now = sent_form(request.form), site().clock()
    save = wanted_save(IssueId(issue_id), form)
    # Where somebody has still to choose between two texts, neither is put into the issue.
    is_deciding = "order" in request.form
    wanted = Autosave(save=save, fields=form.values, is_fit=not (is_deciding or form.problems()))
    with transaction() as session:
        saved = autosave_issue(session, wanted, current_editor(), now)
    return jsonify(
        fate=saved.fate.value,
        version=saved.issue.version if saved.fate is Fate.SAVED else save.version,
        words=_words(saved, form, now),
    )


@desk(Permission.WRITE, by_itself=True)
def presence(issue_id: int) -> ResponseReturnValue:
    """Note that the page is open, or closed, and say who else has the issue open."""
    sheet, now = sheet_of(IssueId(issue_id), sent_tab()), site().clock()
    if not sheet.tab:
        return jsonify(words="")
    with transaction() as session:
        if request.form.get("do") == "leave":
            leave(session, sheet)
            return Response(status=204)
        issue = read_issue(session, sheet.issue_id)
        note_presence(session, sheet, sent_version(), now)
        others = others_present(session, sheet, now)
        is_behind = is_overtaken(session, sheet, sent_version())
    words = [presence_words(others)]
    if is_behind:
        who = _who(issue)
        at = hour_words(issue.edited_at)
        words.append(f"{who[0].upper()}{who[1:]} saved it at {at}; Save brings yours together.")
    return jsonify(words=" ".join(filter(None, words)))


def _words(saved: Autosaved, form: ComposeForm, now: datetime) -> str:
    if saved.fate is Fate.SAVED:
        return f"Saved {hour_words(now)}."
    problems = form.problems()
    problem = problems[0].message if problems else "choose above what stays."
    rest = _NOT_IN_THE_ISSUE[saved.fate].format(problem=problem, who=_who(saved.issue))
    return f"Kept for you at {hour_words(now)}, {rest}"


def _who(issue: IssueView) -> str:
    """Return who saved the issue last, as a sentence goes on with it."""
    if issue.edited_by_id == current_editor().id:
        return "you, in another window,"
    return issue.edited_by or "somebody"
