"""Making of an upload what readers get: the file that is kept, and the part of it that is shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from topthree.domain.pictures.framing import Focus, Frame, Shape, Size, place_frame
from topthree.render.picture_file import PictureFile, cut_picture, read_upload


class Part(StrEnum):
    """Which of an item's pictures."""

    PICTURE = "picture"
    PORTRAIT = "portrait"

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """What it can be cut to; the first is what it is cut to by itself."""
        return tuple(Shape) if self is Part.PICTURE else (Shape.SQUARE,)

    @property
    def box(self) -> Size:
        """What it has room in, at two pixels for each of the page's."""
        return (
            Size(width=1_200, height=960) if self is Part.PICTURE else Size(width=240, height=240)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A picture as it is kept to be cut from, and how it is cut now."""

    name: str
    content: bytes
    size: Size
    shape: Shape
    frame: Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class CutPicture:
    """A picture ready to be kept, with what it came from."""

    original: Original
    shown: PictureFile
    was_moving: bool = False


def take_in(raw: bytes, part: Part, shape: Shape | None = None) -> CutPicture:
    """Return what was uploaded, decoded, cut to the shape, or to the part's usual one.

    Takes a second of work for a large photograph, so hold no transaction meanwhile.

    :raises Invalid: naming the field ``file``, if it is no picture, broken, or too large.
    """
    file = read_upload(raw)
    shape = shape or part.shapes[0]
    frame = place_frame(file.size, shape, Focus.MIDDLE)
    original = Original(
        name=file.name, content=file.content, size=file.size, shape=shape, frame=frame
    )
    return CutPicture(
        original=original,
        shown=cut_picture(file.content, frame, part.box),
        was_moving=file.was_moving,
    )


def cut_anew(original: Original, shape: Shape, frame: Frame, part: Part) -> CutPicture:
    """Return another part of a picture that is kept."""
    wanted = replace(original, shape=shape, frame=frame)
    return CutPicture(original=wanted, shown=cut_picture(original.content, frame, part.box))
