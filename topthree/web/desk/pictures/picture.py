"""Giving an item its picture: upload, choose the part that is shown, say what it shows."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus

from flask import render_template, request
from flask.typing import ResponseReturnValue

from topthree.domain.editors.permission import Permission
from topthree.domain.pictures.framing import CLOSENESSES, Focus
from topthree.domain.pictures.picture import (
    ALT_LIMIT,
    CAPTION_LIMIT,
    CREDIT_LIMIT,
    NO_PICTURE,
    Picture,
)
from topthree.domain.refusal import Conflict, Invalid, NotFound, Problem
from topthree.services.pictures.cut_picture import CutPicture, Original, cut_anew, take_in
from topthree.services.pictures.keep_picture import keep_picture, read_original
from topthree.web.access import current_editor, desk
from topthree.web.database import read_only, transaction
from topthree.web.desk.forms.going import gone_to
from topthree.web.desk.forms.trouble import NO_TROUBLE, Trouble
from topthree.web.desk.pictures.picture_form import (
    DRAWN,
    PictureForm,
    picture_form,
    sent_picture_form,
)
from topthree.web.desk.pictures.picture_target import Target, bank_target, issue_target
from topthree.web.site import site

#: Words for how much of the largest part is shown.
_CLOSENESS_WORDS = dict(
    zip(CLOSENESSES, ("As much as fits", "Closer", "Close", "Very close"), strict=True)
)
_LIMITS = {"alt": ALT_LIMIT, "caption": CAPTION_LIMIT, "credit": CREDIT_LIMIT}
_NO_FILE = Problem(field="file", message="Choose a file first.")


@desk(Permission.WRITE)
def picture(issue_id: int, place: int, part: str) -> ResponseReturnValue:
    """Show the item's picture and what can be done with it; or the way to the first one."""
    return show_picture(issue_target(issue_id, place, part))


@desk(Permission.WRITE)
def upload_picture(issue_id: int, place: int, part: str) -> ResponseReturnValue:
    """Take in a file and put it there, cut from its middle."""
    return take_picture(issue_target(issue_id, place, part))


@desk(Permission.WRITE)
def change_picture(issue_id: int, place: int, part: str) -> ResponseReturnValue:
    """Keep the part and the words that were chosen, or take the picture out."""
    return keep_changes(issue_target(issue_id, place, part))


@desk(Permission.WRITE)
def bank_picture(item_id: int, part: str) -> ResponseReturnValue:
    """Show the picture of an item of the bank."""
    return show_picture(bank_target(item_id, part))


@desk(Permission.WRITE)
def upload_bank_picture(item_id: int, part: str) -> ResponseReturnValue:
    """Take in a file for an item of the bank."""
    return take_picture(bank_target(item_id, part))


@desk(Permission.WRITE)
def change_bank_picture(item_id: int, part: str) -> ResponseReturnValue:
    """Keep what was chosen about the picture of an item of the bank."""
    return keep_changes(bank_target(item_id, part))


def show_picture(target: Target) -> ResponseReturnValue:
    """Show the page about a picture, wherever it stands."""
    original = _original(target)
    form = picture_form(target.picture, original) if original else None
    return _page(target, original, form)


def take_picture(target: Target) -> ResponseReturnValue:
    """Put an upload there, without words as yet: those of another picture would be wrong."""
    uploaded = request.files.get("file")
    if uploaded is None or not uploaded.filename:
        return _refused(target, (_NO_FILE,))
    try:
        cut = take_in(uploaded.read(), target.part)
    except Invalid as invalid:
        return _refused(target, invalid.problems)
    _put(target, NO_PICTURE, cut)
    return gone_to(f"{target.here}?said={'uploaded-still' if cut.was_moving else 'uploaded'}")


def keep_changes(target: Target) -> ResponseReturnValue:
    """Keep what was typed and chosen about the picture, or take it out."""
    wish = request.form.get("do", "save")
    if wish == "remove":
        with transaction() as session:
            target.put(session, NO_PICTURE, _seen())
        return gone_to(f"{target.back}?said=picture-removed")
    original = _original(target)
    if original is None or target.picture.name != _seen():
        message = (
            "Somebody has changed this picture in the meantime. Nothing of yours was kept."
            " Look at it once more."
        )
        raise Conflict(message)
    form, before = sent_picture_form(request.form), picture_form(target.picture, original)
    problems = form.problems(target.part) if wish == "save" else ()
    if problems:
        trouble = Trouble(title="The picture is not ready yet", problems=problems)
        return _page(target, original, form, trouble), HTTPStatus.UNPROCESSABLE_ENTITY
    cut = None
    if not form.is_cut_as(before):
        frame = form.frame(original.size, target.part)
        cut = cut_anew(original, form.shape(target.part), frame, target.part)
    _put(target, form.worded(target.picture), cut)
    return gone_to(f"{target.here}?said=cut" if wish == "show" else f"{target.back}?said=picture")


def _put(target: Target, worded: Picture, cut: CutPicture | None) -> None:
    """Keep the files of a new cut, and put the picture with its words there."""
    with transaction() as session:
        if cut is not None:
            kept = keep_picture(session, cut, current_editor(), site().clock())
            worded = replace(worded, name=kept.name, width=kept.width, height=kept.height)
        target.put(session, worded, _seen())


def _seen() -> str:
    return request.form.get("seen", "")


def _original(target: Target) -> Original | None:
    """Return what the picture was cut from; None if there is none, or its file has been lost."""
    if not target.picture:
        return None
    try:
        with read_only() as session:
            return read_original(session, target.picture)
    except NotFound:
        return None


def _refused(target: Target, problems: tuple[Problem, ...]) -> ResponseReturnValue:
    original = _original(target)
    form = picture_form(target.picture, original) if original else None
    trouble = Trouble(title="The file was not taken", problems=problems)
    return _page(target, original, form, trouble), HTTPStatus.UNPROCESSABLE_ENTITY


def _page(
    target: Target,
    original: Original | None,
    form: PictureForm | None,
    trouble: Trouble = NO_TROUBLE,
) -> str:
    return render_template(
        "desk/pictures/picture.html" if form else "desk/pictures/picture_upload.html",
        target=target,
        picture=target.picture,
        original=original,
        form=form,
        frame=form.frame(original.size, target.part) if form and original else None,
        trouble=trouble,
        focuses=[focus.value for focus in Focus],
        drawn=DRAWN,
        closenesses=[(str(each), _CLOSENESS_WORDS[each]) for each in CLOSENESSES],
        limits=_LIMITS,
    )
