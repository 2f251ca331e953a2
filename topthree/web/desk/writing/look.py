"""The letter in a frame beside its text: as mail, as text, as page, on paper; saved or typed."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path

from flask import Response, current_app, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from topthree.domain.editors.permission import Permission
from topthree.domain.ids import IssueId
from topthree.domain.writing.issue import IssueContent
from topthree.render.issue_message import render_issue
from topthree.render.look import (
    mail_in_scheme,
    styles_in_scheme,
    styles_on_paper,
    with_idle_links,
    without_pictures,
)
from topthree.render.page import IssuePage, issue_page
from topthree.services.proofing.preview_issue import edition_of, preview_issue
from topthree.services.writing.read_issue import read_issue
from topthree.web.access import desk
from topthree.web.database import read_only
from topthree.web.desk.writing.compose_form import as_shown, sent_form
from topthree.web.framed_mail import framed_mail
from topthree.web.page_values import page_values
from topthree.web.security import in_frame
from topthree.web.site import site, today

#: No letter that can be saved has so many characters, and none that is not is worth the time.
_LONGEST = 100_000
# The frame goes to the headline of the item that is being written; its numeral shall be seen too.
_ROOM_FOR_NUMERAL = "<style>h2{scroll-margin-top:70px}</style></head>"
_BEFORE_ITEM = re.compile(r"^(?=-{70}\n[123]  )", re.MULTILINE)


class Shown(StrEnum):
    """What the letter is shown as."""

    PHONE = "phone"
    WIDE = "wide"
    TEXT = "text"
    PAGE = "page"
    PAPER = "paper"


#: What a page offers, in its words.
LOOKS = (
    (Shown.PHONE.value, "Phone"),
    (Shown.WIDE.value, "Desktop"),
    (Shown.TEXT.value, "Text"),
    (Shown.PAGE.value, "Web page"),
    (Shown.PAPER.value, "On paper"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How somebody wants to see the letter."""

    shown: Shown = Shown.PHONE
    is_dark: bool = False
    has_pictures: bool = True


@desk(Permission.READ_DESK)
@in_frame
def preview_mail(issue_id: int) -> ResponseReturnValue:
    """Show the letter as it is saved, or as it went out."""
    look, wiring = _asked(request.args), site()
    with read_only() as session:
        issue = read_issue(session, IssueId(issue_id))
        letter = preview_issue(session, wiring, issue.id, wiring.clock())
    if look.shown in {Shown.PAGE, Shown.PAPER}:
        return _page(issue.content, letter.page, look)
    return _text(letter.text, look) if look.shown is Shown.TEXT else _mail(letter.html, look)


@desk(Permission.READ_DESK)
@in_frame
def preview_typed(issue_id: int) -> ResponseReturnValue:
    """Show the letter as it is typed; nothing is kept."""
    look, wiring = _asked(request.form), site()
    form = sent_form(request.form)
    if form.size > _LONGEST:
        return _refused("This is too long for a letter. Shorten it, and it is shown again.", look)
    content, zone = as_shown(form).content(), wiring.cadence.zone
    with read_only() as session:
        issue = read_issue(session, IssueId(issue_id))
        content = replace(content, corrects=issue.content.corrects)
        issue = replace(issue, content=content)
        edition = edition_of(session, wiring, issue, wiring.clock())
    if look.shown in {Shown.PAGE, Shown.PAPER}:
        page = issue_page(edition, wiring.newsletter, time_zone=zone, today=today())
        return _page(content, page, look)
    letter = render_issue(edition, wiring.newsletter, time_zone=zone)
    return _text(letter.text, look) if look.shown is Shown.TEXT else _mail(letter.html, look)


def _asked(values: Mapping[str, str]) -> Look:
    asked = values.get("look", "")
    return Look(
        shown=Shown(asked) if asked in set(Shown) else Shown.PHONE,
        is_dark="dark" in values,
        has_pictures="no-pictures" not in values,
    )


def _mail(html: str, look: Look) -> Response:
    shown = mail_in_scheme(html, is_dark=look.is_dark)
    return _framed(shown.replace("</head>", _ROOM_FOR_NUMERAL, 1), look)


def _text(text: str, look: Look) -> Response:
    # So that the frame can show the item that is being written.
    parts = _BEFORE_ITEM.split(text)
    page = render_template("desk/writing/framed_text.html", parts=parts, styles=_styles(look))
    return _framed(page, look)


def _page(content: IssueContent, page: IssuePage, look: Look) -> Response:
    values = page_values(content, page)
    return _framed(
        render_template("desk/writing/framed_page.html", styles=_styles(look), **values), look
    )


def _refused(message: str, look: Look) -> Response:
    note = render_template("desk/writing/framed_text.html", parts=[message], styles=_styles(look))
    response = _framed(note, look)
    response.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    return response


def _framed(html: str, look: Look) -> Response:
    shown = html if look.has_pictures else without_pictures(html)
    return framed_mail(with_idle_links(shown))


def _styles(look: Look) -> Markup:
    """Return the public pages' style sheets, for a frame whose screen is not the real one."""
    folder = Path(current_app.static_folder or "")
    css = _read(tuple(folder / name for name in ("tokens.css", "site.css", "look.css")))
    if look.shown is Shown.PAPER:
        return Markup(styles_on_paper(css))  # noqa: S704 (our own style sheets)
    return Markup(styles_in_scheme(css, is_dark=look.is_dark))  # noqa: S704 (as above)


@functools.cache
def _read(files: tuple[Path, ...]) -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in files)
