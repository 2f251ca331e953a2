"""The page on which an issue is written: its form, what is wrong with it, and who else is there."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask import render_template, request

from topthree.domain.calendar_words import clock_words
from topthree.domain.ids import IssueId
from topthree.domain.writing.content_difference import FieldChange, compare_contents
from topthree.domain.writing.content_fields import field_label
from topthree.domain.writing.issue import PREHEADER_LIMIT, SUBJECT_LIMIT
from topthree.domain.writing.length import count_letter_words
from topthree.services.bank.read_bank import ready_for
from topthree.services.planning.suggest_next_line import suggest_next_line
from topthree.services.writing.presence import Present, others_present
from topthree.services.writing.read_issue import IssueView
from topthree.services.writing.working_copies import Sheet, WorkingCopy, list_working_copies
from topthree.web.access import current_editor
from topthree.web.database import read_only
from topthree.web.desk.forms.trouble import NO_TROUBLE, Trouble
from topthree.web.desk.writing.compose_form import FIELDS, ComposeForm, form_of, sent_form
from topthree.web.desk.writing.item_form import ItemChoices
from topthree.web.desk.writing.look import LOOKS
from topthree.web.length_words import length_of_letter
from topthree.web.site import site, today

_TAB = re.compile(r"[\w-]{1,40}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A working copy that is not in the issue, and what it has otherwise."""

    tab: str
    saved_at: datetime
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What the form is filled in with: what was typed, on which page, beginning with what."""

    form: ComposeForm
    version: int
    #: Names the page as soon as anything is kept of it; until then a script may do it.
    tab: str = ""
    #: When it was kept, if it is a working copy that was opened again.
    kept_at: datetime | None = None


def fresh_paper(issue: IssueView) -> Paper:
    """Return the issue as it is."""
    return Paper(form=form_of(issue.content), version=issue.version)


def reopened_paper(copy: WorkingCopy) -> Paper:
    """Return what was typed once, to be gone on with."""
    form = sent_form(copy.fields)
    return Paper(form=form, version=copy.version, tab=copy.tab, kept_at=copy.saved_at)


def sheet_of(issue_id: IssueId, tab: str) -> Sheet:
    """Return the page that this browser has open."""
    return Sheet(issue_id=issue_id, editor_id=current_editor().id, tab=tab)


def sent_tab() -> str:
    """Return which page the request comes from; empty if it does not say so sensibly."""
    tab = request.values.get("tab", "")
    return tab if _TAB.fullmatch(tab) else ""


def own_tab() -> str:
    """Return which page the request comes from, with a name of its own if it had none."""
    return sent_tab() or secrets.token_urlsafe(9)


def show(issue: IssueView, paper: Paper, trouble: Trouble = NO_TROUBLE) -> str:
    """Return the page."""
    sheet, now = sheet_of(issue.id, paper.tab), site().clock()
    with read_only() as session:
        copies = list_working_copies(session, issue.id, sheet.editor_id)
        others = others_present(session, sheet, now)
        cadence, slot_day = site().cadence, issue.slot_day
        next_line = suggest_next_line(session, cadence, paper.form.content(), slot_day)
        ready = ready_for(session, slot_day or today())
    return render_template(
        "desk/writing/compose.html",
        next_line=next_line,
        issue=issue,
        form=paper.form,
        paper=paper,
        trouble=trouble,
        offers=offers_of(issue, copies, besides=paper.tab),
        ready_in_bank={section.value: count for section, count in ready.items() if count},
        presence=presence_words(others),
        checks_links=site().fetcher is not None,
        looks=LOOKS,
        whole=length_of_letter(count_letter_words(paper.form.content())),
        limits={"subject": SUBJECT_LIMIT, "preheader": PREHEADER_LIMIT},
        choices=ItemChoices(zone=site().cadence.zone.key),
    )


def presence_words(others: Sequence[Present]) -> str:
    """Say who else has the issue open; empty if nobody has."""
    if not others:
        return ""
    mine = [each for each in others if each.editor_id == current_editor().id]
    names = ["you, in another window" if each in mine else each.name for each in others]
    whole = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    if len(others) > 1:
        return f"Also open with {whole}."
    return f"Also open with {whole}, since {hour_words(others[0].since)}."


def hour_words(at: datetime) -> str:
    """Return the time of day where the newsletter is: “10:42 am”."""
    return clock_words(at.astimezone(site().cadence.zone).time())


def offers_of(
    issue: IssueView, copies: Sequence[WorkingCopy], *, besides: str = ""
) -> tuple[Offer, ...]:
    """Return the working copies that have anything the issue has not, but for one page's own."""
    offers = (
        Offer(tab=copy.tab, saved_at=copy.saved_at, changes=_changes(issue, copy))
        for copy in copies
        if copy.tab != besides
    )
    return tuple(offer for offer in offers if offer.changes)


def _changes(issue: IssueView, copy: WorkingCopy) -> tuple[FieldChange, ...]:
    now, typed = form_of(issue.content), sent_form(copy.fields)
    if not typed.problems():
        content = replace(typed.content(), corrects=issue.content.corrects)
        return compare_contents(issue.content, content)
    # What makes no content yet is compared as it was typed.
    return tuple(
        FieldChange(field=name, label=field_label(name), before=now[name], after=typed[name])
        for name in FIELDS
        if now[name] != typed[name]
    )
