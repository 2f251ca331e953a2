"""The form about a picture: which part is shown, and the words that belong to it, as typed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from topthree.domain.pictures.framing import (
    CLOSENESSES,
    Focus,
    Frame,
    Shape,
    Size,
    fit_frame,
    place_frame,
    placed_as,
)
from topthree.domain.pictures.picture import Picture, picture_problems, tidy_picture
from topthree.domain.refusal import Problem
from topthree.services.pictures.cut_picture import Original, Part
from topthree.web.typed_text import showable

#: The tenth place: neither in the middle nor at an edge.
DRAWN = "drawn"
_CUT_FIELDS = ("shape", "focus", "closeness", "left", "top", "width")
_WORD_FIELDS = ("alt", "decorative", "caption", "credit")
_AT = "picture"


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureForm:
    """The fields as they were typed, whether or not they make sense."""

    values: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        """Return what stands in the field, as a page can show it."""
        return showable(self.values[name])

    def is_cut_as(self, other: PictureForm) -> bool:
        """Tell whether both ask for the same part of the picture."""
        return all(self.values[name] == other.values[name] for name in _CUT_FIELDS)

    def shape(self, part: Part) -> Shape:
        """Return the shape that was chosen, or the usual one."""
        chosen = self.values["shape"]
        return next((shape for shape in part.shapes if shape.value == chosen), part.shapes[0])

    def frame(self, whole: Size, part: Part) -> Frame:
        """Return the frame that was chosen; what makes no sense is put as well as it can be."""
        shape = self.shape(part)
        if self.values["focus"] == DRAWN:
            left, top, width = (_number(self.values[name]) for name in ("left", "top", "width"))
            return fit_frame(whole, shape, left, top, width)
        focus = next((each for each in Focus if each.value == self.values["focus"]), Focus.MIDDLE)
        closeness = next(
            (each for each in CLOSENESSES if str(each) == self.values["closeness"]), 100
        )
        return place_frame(whole, shape, focus, closeness)

    def worded(self, picture: Picture) -> Picture:
        """Return the picture with the words that were typed."""
        return tidy_picture(
            replace(
                picture,
                alt=self.values["alt"],
                is_decorative=bool(self.values["decorative"]),
                caption=self.values["caption"],
                credit=self.values["credit"],
            )
        )

    def problems(self, part: Part) -> tuple[Problem, ...]:
        """Say what keeps the words from being saved, or is missing to those who cannot see."""
        if part is Part.PORTRAIT:
            return ()
        worded = self.worded(Picture(name="a.jpg"))
        problems = picture_problems(worded, _AT)
        if not worded.is_described:
            message = "Say in words what the picture shows, or tick that it is decorative."
            problems.append(Problem(field=f"{_AT}-alt", message=message))
        return tuple(
            replace(problem, field=problem.field.removeprefix(f"{_AT}-")) for problem in problems
        )


def picture_form(picture: Picture, original: Original) -> PictureForm:
    """Return the form as it begins, filled in with the picture as it is."""
    frame, whole = original.frame, original.size
    placed = placed_as(whole, original.shape, frame)
    focus, closeness = placed or (DRAWN, CLOSENESSES[0])
    return PictureForm(
        values={
            "shape": original.shape.value,
            "focus": str(focus),
            "closeness": str(closeness),
            "left": _percent(frame.left, whole.width),
            "top": _percent(frame.top, whole.height),
            "width": _percent(frame.width, whole.width),
            "alt": picture.alt,
            "decorative": "yes" if picture.is_decorative else "",
            "caption": picture.caption,
            "credit": picture.credit,
        }
    )


def sent_picture_form(fields: Mapping[str, str]) -> PictureForm:
    """Return the form as a browser sent it; a field that was not sent is empty."""
    return PictureForm(values={name: fields.get(name, "") for name in _CUT_FIELDS + _WORD_FIELDS})


def _percent(part: int, whole: int) -> str:
    return f"{part / whole * 100:.1f}"


def _number(typed: str) -> float:
    try:
        number = float(typed.replace(",", "."))
    except ValueError:
        number = 0.0
    return max(-1_000.0, min(1_000.0, number)) if math.isfinite(number) else 0.0
