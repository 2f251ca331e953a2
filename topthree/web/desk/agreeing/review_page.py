"""The page on which an issue is agreed upon, with whatever was tried on it and did not work."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from flask import render_template

from topthree.domain.fingerprint import fingerprint
from topthree.domain.ids import IssueId
from topthree.domain.refusal import Invalid
from topthree.services.agreeing.read_review import Review, read_review
from topthree.services.identity.editor_view import EditorView
from topthree.services.planning.suggest_next_line import suggest_next_line
from topthree.services.sending.announce import announce
from topthree.web.access import current_editor
from topthree.web.database import read_only
from topthree.web.desk.writing.item_form import LANGUAGES
from topthree.web.site import site

_TITLES = {
    **dict.fromkeys(("comment-0", "comment-1", "comment-2", "comment-3"), "Nothing was said"),
    "reason": "A reason is missing",
    "colleague": "Nobody was asked",
    "words": "Nobody was asked",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What was tried on the page, and why it did not work."""

    #: What was typed, by field.
    typed: tuple[tuple[str, str], ...] = ()
    #: The field that has to be put right, and what is wrong with it.
    field: str = ""
    problem: str = ""
    #: A sentence that concerns the whole page.
    message: str = ""

    def __bool__(self) -> bool:
        """Tell whether anything went wrong."""
        return bool(self.problem or self.message)

    @property
    def title(self) -> str:
        """What the list of slips says on top."""
        return _TITLES.get(self.field, "This has to be settled first")

    def value(self, field: str) -> str:
        """Return what was typed into the field."""
        return dict(self.typed).get(field, "")

    def of(self, field: str) -> tuple[str, ...]:
        """Return what is wrong with the field."""
        return (self.problem,) if self.field == field else ()


def slip(invalid: Invalid, fields: tuple[str, ...], **typed: str) -> Tried:
    """Return what was tried, with its slip at the field it concerns or on top of the page."""
    first = invalid.problems[0]
    if first.field in fields:
        return Tried(typed=tuple(typed.items()), field=first.field, problem=first.message)
    return Tried(typed=tuple(typed.items()), message=str(invalid))


def review_page(issue_id: int, tried: Tried) -> str:
    """Return the page as this editor finds the issue."""
    wiring = site()
    with read_only() as session:
        review = read_review(session, wiring, IssueId(issue_id), current_editor(), wiring.clock())
        going = announce(session, wiring.cadence, review.issue)
        next_line = suggest_next_line(
            session, wiring.cadence, review.issue.content, review.issue.slot_day
        )
    return render_template(
        "desk/agreeing/review.html",
        review=review,
        issue=review.issue,
        going=going,
        next_line=next_line,
        page=review.preview.page,
        tried=tried,
        colleagues=_colleagues(review),
        checks_links=wiring.fetcher is not None,
        fingerprint=fingerprint(review.issue.digest),
        languages=dict(LANGUAGES),
        form_mark=secrets.token_urlsafe(12),
    )


def _colleague_words(colleague: EditorView) -> str:
    words = f"{colleague.name}, {colleague.role.value}"
    return words if colleague.has_turn_mail else f"{words}, who has switched such mail off"


def _colleagues(review: Review) -> tuple[tuple[str, str], ...]:
    named = [(str(each.id), _colleague_words(each)) for each in review.askable]
    return (("", "Whoever may approve it"), *named)
