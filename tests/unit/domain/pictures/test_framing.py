from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topthree.domain.pictures.framing import (
    CLOSENESSES,
    Focus,
    Frame,
    Shape,
    Size,
    fit_frame,
    place_frame,
    placed_as,
    shrink_to,
)

_sizes = st.builds(Size, width=st.integers(100, 2400), height=st.integers(100, 2400))
_percents = st.floats(-50, 250)


def assert_within(frame: Frame, whole: Size) -> None:
    assert frame.left >= 0
    assert frame.top >= 0
    assert frame.width >= 1
    assert frame.height >= 1
    assert frame.left + frame.width <= whole.width
    assert frame.top + frame.height <= whole.height


@given(_sizes, st.sampled_from(Shape), st.sampled_from(Focus), st.sampled_from(CLOSENESSES))
def test_a_placed_frame_lies_within_the_picture(
    whole: Size, shape: Shape, focus: Focus, closeness: int
) -> None:
    assert_within(place_frame(whole, shape, focus, closeness), whole)


@given(_sizes, st.sampled_from(Shape), _percents, _percents, _percents)
def test_a_drawn_frame_is_brought_within_the_picture(
    whole: Size, shape: Shape, left: float, top: float, width: float
) -> None:
    assert_within(fit_frame(whole, shape, left, top, width), whole)


@given(_sizes, st.sampled_from(Focus), st.sampled_from(CLOSENESSES))
def test_a_frame_keeps_the_proportion_of_its_shape(
    whole: Size, focus: Focus, closeness: int
) -> None:
    wide = place_frame(whole, Shape.WIDE, focus, closeness)
    square = place_frame(whole, Shape.SQUARE, focus, closeness)

    assert abs(wide.width * 2 - wide.height * 3) <= 6
    assert abs(square.width - square.height) <= 1


@given(_sizes, st.sampled_from(Focus), st.sampled_from(CLOSENESSES))
def test_a_whole_picture_is_the_whole_picture(whole: Size, focus: Focus, closeness: int) -> None:
    frame = place_frame(whole, Shape.WHOLE, focus, closeness)

    assert frame == Frame(left=0, top=0, width=whole.width, height=whole.height)


@pytest.mark.parametrize(
    ("focus", "left", "top"),
    [(Focus.TOP_LEFT, 0, 0), (Focus.MIDDLE, 300, 200), (Focus.BOTTOM_RIGHT, 600, 400)],
)
def test_a_focus_says_where_the_frame_lies(focus: Focus, left: int, top: int) -> None:
    whole = Size(width=1500, height=1000)

    frame = place_frame(whole, Shape.WIDE, focus, 60)

    assert frame == Frame(left=left, top=top, width=900, height=600)


@given(_sizes, st.sampled_from(Shape), st.sampled_from(Focus), st.sampled_from(CLOSENESSES))
def test_a_placed_frame_is_known_again(
    whole: Size, shape: Shape, focus: Focus, closeness: int
) -> None:
    frame = place_frame(whole, shape, focus, closeness)

    placed = placed_as(whole, shape, frame)

    assert placed is not None
    assert place_frame(whole, shape, *placed) == frame


def test_a_drawn_frame_is_known_as_drawn() -> None:
    whole = Size(width=1500, height=1000)

    frame = fit_frame(whole, Shape.WIDE, 12.5, 7, 31)

    assert frame == Frame(left=188, top=70, width=465, height=310)
    assert placed_as(whole, Shape.WIDE, frame) is None


@given(_sizes, _sizes)
def test_shrinking_fits_the_box_and_never_enlarges(size: Size, box: Size) -> None:
    shrunk = shrink_to(size, box)

    assert shrunk.width <= min(size.width, box.width)
    assert shrunk.height <= min(size.height, box.height)
