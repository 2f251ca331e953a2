"""The pictures of an issue as files beside its text: taken in with it, and written out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from topthree.domain.pictures.framing import Shape, shrink_to
from topthree.domain.pictures.picture import Picture, is_kept_name
from topthree.domain.refusal import Invalid, Refusal
from topthree.domain.writing.issue import IssueContent
from topthree.domain.writing.item import Item
from topthree.render.picture_file import BYTES_LIMIT, PictureFile, recognise
from topthree.services.archive.whole_files import write_whole
from topthree.services.pictures.cut_picture import CutPicture, Part, take_in
from topthree.services.pictures.keep_picture import find_media, keep_file, keep_picture
from topthree.services.pictures.place_picture import picture_of, with_picture


def check_pictures(folder: Path, content: IssueContent) -> None:
    """Look whether each picture that the content names lies in the folder and can be shown.

    :raises Refusal: naming the first that does not, or cannot.
    """
    for picture in _pictures(content):
        raw = _raw(folder, picture)
        if recognise(raw, picture.name) is None:
            _usable(picture, raw, Part.PICTURE, Shape.WHOLE)


def take_in_pictures(
    session: Session, folder: Path, content: IssueContent, now: datetime
) -> IssueContent:
    """Keep the pictures that lie in the folder, and return the content with their own names.

    What is kept already need not lie there.

    :raises Refusal: naming a picture that is missing or cannot be shown.
    """
    first, second, third = (_kept_item(session, folder, item, now) for item in content.items)
    return replace(content, items=(first, second, third))


def write_pictures(session: Session, folder: Path, content: IssueContent) -> None:
    """Write the pictures into the folder; what is there already stays, for it is the same."""
    for picture in _pictures(content):
        target = folder / picture.name
        raw = find_media(session, picture.name)
        if raw is not None and not target.exists():
            write_whole(target, raw)


def _kept_item(session: Session, folder: Path, item: Item, now: datetime) -> Item:
    for part in Part:
        picture = picture_of(item, part)
        if picture:
            item = with_picture(item, part, _kept(session, folder, picture, part, now))
    return item


def _kept(session: Session, folder: Path, picture: Picture, part: Part, now: datetime) -> Picture:
    has_size = bool(picture.width and picture.height)
    if has_size and is_kept_name(picture.name) and find_media(session, picture.name) is not None:
        return picture
    raw = _raw(folder, picture)
    ours = _ours(picture, raw, part)
    if ours is not None:
        kept = keep_file(session, ours, now)
    else:
        shape = Shape.SQUARE if part is Part.PORTRAIT else Shape.WHOLE
        kept = keep_picture(session, _usable(picture, raw, part, shape), None, now)
    return replace(picture, name=kept.name, width=kept.width, height=kept.height)


def _ours(picture: Picture, raw: bytes, part: Part) -> PictureFile | None:
    """Return the file as it is, if we wrote it, and for this use."""
    file = recognise(raw, picture.name)
    fits = file is not None and shrink_to(file.size, part.box) == file.size
    return file if fits else None


def _usable(picture: Picture, raw: bytes, part: Part, shape: Shape) -> CutPicture:
    try:
        return take_in(raw, part, shape)
    except Invalid as invalid:
        raise Refusal(f"the picture “{picture.name}” cannot be used. {invalid}") from invalid


def _raw(folder: Path, picture: Picture) -> bytes:
    path = folder / picture.name
    try:
        # A link may lead to any file of this machine.
        if path.is_symlink():
            raise FileNotFoundError
        with path.open("rb") as opened:
            return opened.read(BYTES_LIMIT + 1)
    except OSError:
        message = (
            f"there is no picture “{picture.name}” beside it. Put it there, or take the line out."
        )
        raise Refusal(message) from None


def _pictures(content: IssueContent) -> Iterator[Picture]:
    for item in content.items:
        for part in Part:
            picture = picture_of(item, part)
            if picture:
                yield picture
