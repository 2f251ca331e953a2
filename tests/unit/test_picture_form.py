from __future__ import annotations

import pytest

from topthree.domain.pictures.framing import Frame, Shape, Size
from topthree.services.pictures.cut_picture import Part
from topthree.web.desk.pictures.picture_form import sent_picture_form

WHOLE = Size(width=1_200, height=800)


@pytest.mark.parametrize("nonsense", ["", "much", "-5", "1e999", "nan", "-inf", "9" * 400])
def test_numbers_that_make_no_sense_make_some_frame(nonsense: str) -> None:
    numbers = dict.fromkeys(("left", "top", "width"), nonsense)

    form = sent_picture_form({"shape": "wide", "focus": "drawn", **numbers})

    frame = form.frame(WHOLE, Part.PICTURE)
    assert 0 <= frame.left <= WHOLE.width - frame.width
    assert frame.height >= 100


@pytest.mark.parametrize("sent", [{}, {"shape": "round", "focus": "above", "closeness": "3"}])
def test_a_form_with_none_of_our_choices_shows_as_much_as_fits(sent: dict[str, str]) -> None:
    frame = sent_picture_form(sent).frame(WHOLE, Part.PICTURE)

    assert frame == Frame(left=0, top=0, width=1_200, height=800)


def test_a_portrait_is_a_square_whatever_is_sent() -> None:
    form = sent_picture_form({"shape": "wide", "focus": "left"})

    assert form.shape(Part.PORTRAIT) is Shape.SQUARE
    assert form.frame(WHOLE, Part.PORTRAIT) == Frame(left=0, top=0, width=800, height=800)
