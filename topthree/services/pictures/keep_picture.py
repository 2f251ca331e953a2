"""Keeping pictures, and finding them again: for pages and mail, and to be cut anew."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from topthree.domain.pictures.framing import Focus, Shape, Size, place_frame
from topthree.domain.pictures.picture import Picture, is_kept_name
from topthree.domain.refusal import NotFound, Refusal
from topthree.render.picture_file import PictureFile
from topthree.services.identity.editor_view import EditorView
from topthree.services.pictures.cut_picture import CutPicture, Original
from topthree.store.media import (
    Cut,
    count_media_bytes,
    find_cut,
    keep_cut,
    keep_media,
    media_content,
    media_size,
)

#: A hundred years of issues with three pictures each need about a tenth of it.
_BYTES_LIMIT = 20_000_000_000


def keep_picture(
    session: Session, cut: CutPicture, editor: EditorView | None, now: datetime
) -> Picture:
    """Keep the picture and what it was cut from; return it without words as yet.

    :raises Refusal: if there is no room for it.
    """
    original, shown = cut.original, cut.shown
    _require_room(session, len(original.content) + len(shown.content))
    added = (now, editor.id if editor else None)
    keep_media(session, original.name, original.content, original.size, added)
    keep_media(session, shown.name, shown.content, shown.size, added)
    if shown.name != original.name:
        made = Cut(original=original.name, shape=original.shape, frame=original.frame)
        keep_cut(session, shown.name, made)
    return _value(shown)


def keep_file(session: Session, file: PictureFile, now: datetime) -> Picture:
    """Keep a picture that comes ready from a folder; it is its own original.

    :raises Refusal: if there is no room for it.
    """
    _require_room(session, len(file.content))
    keep_media(session, file.name, file.content, file.size, (now, None))
    return _value(file)


def read_original(session: Session, picture: Picture) -> Original:
    """Return what the picture was cut from, and how.

    :raises NotFound: if its file is not there any more.
    """
    cut = find_cut(session, picture.name)
    name = cut.original if cut else picture.name
    content, size = media_content(session, name), media_size(session, name)
    if content is None or size is None:
        message = "The file of this picture is not there any more. Upload it again."
        raise NotFound(message)
    whole = place_frame(size, Shape.WHOLE, Focus.MIDDLE)
    shape, frame = (cut.shape, cut.frame) if cut else (_shape_of(size), whole)
    return Original(name=name, content=content, size=size, shape=shape, frame=frame)


def find_media(session: Session, name: str) -> bytes | None:
    """Return the content of the file with this name; None if there is none."""
    return media_content(session, name) if is_kept_name(name) else None


def read_media(session: Session, name: str) -> bytes:
    """Return the content of the file with this name.

    :raises NotFound: if there is none.
    """
    content = find_media(session, name)
    if content is None:
        message = "There is no picture of this name. The address may be cut short."
        raise NotFound(message)
    return content


def _shape_of(size: Size) -> Shape:
    """Return the shape that a picture has by itself, of which nothing had to be cut off."""
    whole = place_frame(size, Shape.WHOLE, Focus.MIDDLE)
    return next(shape for shape in Shape if place_frame(size, shape, Focus.MIDDLE) == whole)


def _value(file: PictureFile) -> Picture:
    return Picture(name=file.name, width=file.size.width, height=file.size.height)


def _require_room(session: Session, wanted: int) -> None:
    if count_media_bytes(session) + wanted > _BYTES_LIMIT:
        message = (
            "There is no room for another picture: all of them together have reached"
            f" {_BYTES_LIMIT // 10**9} GB. Ask whoever runs this service to look into it."
        )
        raise Refusal(message)
