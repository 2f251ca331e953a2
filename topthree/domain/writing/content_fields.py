"""The fields of an issue's content, by the names that its form gives them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass, replace
from datetime import date, time
from enum import StrEnum
from functools import cache, reduce
from typing import Any, get_args, get_origin, get_type_hints

from topthree.domain.calendar_words import day_words
from topthree.domain.pictures.picture import Picture
from topthree.domain.writing.issue import IssueContent

#: Where a value stands: names of attributes, and places in a tuple.
Path = tuple[str | int, ...]

#: A part that only groups its fields, and has no name in the form.
_NAMELESS = "participation"
_LABELS = {
    "body": "text",
    "link-label": "words of the link",
    "link-url": "address of the link",
    "contributor-name": "contributor’s name",
    "contributor-role": "contributor’s role",
    "contributor-school": "contributor’s school",
    "contributor-consents-on": "day of the contributor’s consent",
    "closes-on": "closing date",
    "closes-at": "closing time",
    "happens-on": "day it takes place",
}


def field_values(content: IssueContent) -> dict[str, Any]:
    """Return the value of every field, in the order of the page: ``item-2-headline`` and so on.

    A picture is one field with all that is said of it, so that no description of one ever comes to
    stand under another. So is a part that may be missing as a whole.
    """
    return {name: reduce(_step, path, content) for name, path in _paths().items()}


def with_fields(content: IssueContent, values: Mapping[str, Any]) -> IssueContent:
    """Return the content with other values in the fields that are named."""
    changed: IssueContent = reduce(
        lambda part, name: _put(part, _paths()[name], values[name]), values, content
    )
    return changed


def field_label(name: str) -> str:
    """Return what a person calls the field: “Item 2: headline”."""
    if not name.startswith("item-"):
        return name.replace("-", " ").capitalize()
    place, _, rest = name.removeprefix("item-").partition("-")
    return f"Item {place}: {item_label(rest)}"


def item_label(name: str) -> str:
    """Return what a person calls a field of an item: “closing date”."""
    return _LABELS.get(name, name.replace("-", " "))


def field_text(value: object) -> str:
    """Return the value of a field as a person reads it; empty if there is none."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, date):
        return day_words(value)
    if isinstance(value, time):
        return value.isoformat("minutes")
    if isinstance(value, Picture):
        return _picture_text(value)
    return "" if value is None else str(value)


def _picture_text(picture: Picture) -> str:
    if not picture:
        return ""
    shows = "It is decorative." if picture.is_decorative else f"It shows: {picture.alt}"
    lines = (f"{picture.name}, {picture.width} × {picture.height} pixels", shows)
    return "\n".join(filter(None, (*lines, picture.caption, picture.credit)))


@cache
def _paths() -> dict[str, Path]:
    return dict(_paths_in(IssueContent, "", ()))


def _paths_in(kind: Any, name: str, path: Path) -> Iterator[tuple[str, Path]]:  # noqa: ANN401 - a type hint
    if is_dataclass(kind) and kind is not Picture:
        for attribute, hint in get_type_hints(kind).items():
            own = "" if attribute == _NAMELESS else attribute.replace("_", "-")
            yield from _paths_in(hint, "-".join(filter(None, (name, own))), (*path, attribute))
    elif get_origin(kind) is tuple and path == ("items",):
        for index, hint in enumerate(get_args(kind)):
            yield from _paths_in(hint, f"item-{index + 1}", (*path, index))
    else:
        yield name, path


def _step(part: Any, step: str | int) -> Any:  # noqa: ANN401 - a part of any type
    return part[step] if isinstance(step, int) else getattr(part, step)


def _put(part: Any, path: Path, value: Any) -> Any:  # noqa: ANN401 - a part of any type
    if not path:
        return value
    step, rest = path[0], path[1:]
    inner = _put(_step(part, step), rest, value)
    if isinstance(step, int):
        return (*part[:step], inner, *part[step + 1 :])
    return replace(part, **{step: inner})
