"""Which part of a picture is shown: a frame of one of three shapes, and where it lies."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

#: Pixels of the longer side of what is kept to be cut from again.
ORIGINAL_SIDE = 2_400
#: No part of a picture that is shown has fewer pixels across.
SMALLEST_SIDE = 100
#: How much of the largest possible frame is taken, in percent.
CLOSENESSES = (100, 80, 60, 40)
_PERCENT = 100


class Shape(StrEnum):
    """What a picture is cut to."""

    WIDE = "wide"
    SQUARE = "square"
    WHOLE = "whole"


class Focus(StrEnum):
    """Where in the picture the frame lies: in the middle, or against an edge or two."""

    TOP_LEFT = "top left"
    TOP = "top"
    TOP_RIGHT = "top right"
    LEFT = "left"
    MIDDLE = "middle"
    RIGHT = "right"
    BOTTOM_LEFT = "bottom left"
    BOTTOM = "bottom"
    BOTTOM_RIGHT = "bottom right"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """So many pixels across and down."""

    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A part of a picture, in its pixels."""

    left: int
    top: int
    width: int
    height: int

    @property
    def size(self) -> Size:
        """How large the part is."""
        return Size(width=self.width, height=self.height)


_WIDE = (3, 2)
_SQUARE = (1, 1)


def place_frame(whole: Size, shape: Shape, focus: Focus, closeness: int = 100) -> Frame:
    """Return a frame of the shape at one of nine places.

    :param closeness: percent of the largest frame that fits; less shows less, and larger.
    """
    largest = _largest(whole, shape)
    size = largest if shape is Shape.WHOLE else _shrunk(largest, closeness)
    row, column = divmod(list(Focus).index(focus), 3)
    return Frame(
        left=(whole.width - size.width) * column // 2,
        top=(whole.height - size.height) * row // 2,
        width=size.width,
        height=size.height,
    )


def fit_frame(whole: Size, shape: Shape, left: float, top: float, width: float) -> Frame:
    """Return the frame that comes nearest to what was drawn or typed, within the picture.

    :param left, top, width: in percent of the picture's width, height and width.
    """
    largest = _largest(whole, shape)
    if shape is Shape.WHOLE:
        return Frame(left=0, top=0, width=largest.width, height=largest.height)
    size = _shrunk(largest, _PERCENT * whole.width * width / _PERCENT / largest.width)
    return Frame(
        left=_within(whole.width * left / _PERCENT, whole.width - size.width),
        top=_within(whole.height * top / _PERCENT, whole.height - size.height),
        width=size.width,
        height=size.height,
    )


def placed_as(whole: Size, shape: Shape, frame: Frame) -> tuple[Focus, int] | None:
    """Return the place and the closeness that make this frame; None if it was drawn freely."""
    for closeness in CLOSENESSES:
        # The middle first: where there is only one way to place it, that is its name.
        for focus in (Focus.MIDDLE, *Focus):
            if place_frame(whole, shape, focus, closeness) == frame:
                return focus, closeness
    return None


def shrink_to(size: Size, box: Size) -> Size:
    """Return the size in the same proportion that fits the box; nothing is ever enlarged."""
    scale = min(1.0, box.width / size.width, box.height / size.height)
    return Size(width=max(1, round(size.width * scale)), height=max(1, round(size.height * scale)))


def _largest(whole: Size, shape: Shape) -> Size:
    if shape is Shape.WHOLE:
        return whole
    across, down = _WIDE if shape is Shape.WIDE else _SQUARE
    width = min(whole.width, whole.height * across // down)
    return Size(width=width, height=min(whole.height, max(1, round(width * down / across))))


def _shrunk(largest: Size, percent: float) -> Size:
    """Return the part of the largest frame, but never so little that there is nothing to see."""
    least = min(largest.width, largest.height, SMALLEST_SIDE)
    scale = min(1.0, max(percent / _PERCENT, least / min(largest.width, largest.height)))
    return Size(width=round(largest.width * scale), height=round(largest.height * scale))


def _within(start: float, end: int) -> int:
    return max(0, min(end, round(start)))
