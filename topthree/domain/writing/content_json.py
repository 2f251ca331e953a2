"""Reading an issue's content back from its canonical JSON, by the types of its parts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import is_dataclass
from datetime import date, datetime, time
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from topthree.domain.writing.issue import IssueContent


class Unreadable(ValueError):
    """This is not the JSON of a content; the text says where it is not."""


def read_content(text: str) -> IssueContent:
    """Return the content that was written as this JSON, the reverse of its ``canonical``.

    A part that did not exist when it was written has its default; one that nobody knows is
    refused.

    :raises Unreadable: if it is anything but the JSON of a content.
    """
    try:
        value = json.loads(text)
    except ValueError as error:
        raise Unreadable(str(error)) from error
    content: IssueContent = _read(IssueContent, value, "content")
    return content


def _read(kind: Any, value: Any, at: str) -> Any:  # noqa: ANN401 - a type hint, and JSON
    if is_dataclass(kind) and isinstance(kind, type):
        return _read_parts(kind, value, at)
    if get_origin(kind) in (Union, UnionType):
        return _read_optional(kind, value, at)
    if get_origin(kind) is tuple:
        return _read_row(get_args(kind), value, at)
    try:
        return _SCALARS[_scalar(kind)](kind, value)
    except (KeyError, TypeError, ValueError) as error:
        raise Unreadable(f"{at}: {value!r} is no {getattr(kind, '__name__', kind)}") from error


def _read_parts(kind: type, value: Any, at: str) -> Any:  # noqa: ANN401 - JSON
    hints = _hints(kind)
    if not isinstance(value, dict) or not value.keys() <= hints.keys():
        raise Unreadable(f"{at}: {kind.__name__} has other parts")
    return kind(**{name: _read(hints[name], part, f"{at}.{name}") for name, part in value.items()})


def _read_optional(kind: Any, value: Any, at: str) -> Any:  # noqa: ANN401 - a type hint, and JSON
    (own,) = (each for each in get_args(kind) if each is not NoneType)
    return None if value is None else _read(own, value, at)


def _read_row(kinds: tuple[Any, ...], value: Any, at: str) -> Any:  # noqa: ANN401 - JSON
    if not isinstance(value, list):
        raise Unreadable(f"{at}: {value!r} is no list")
    each = (kinds[0],) * len(value) if kinds[-1] is Ellipsis else kinds
    if len(each) != len(value):
        raise Unreadable(f"{at}: there are {len(value)} instead of {len(each)}")
    pairs = enumerate(zip(each, value, strict=True))
    return tuple(_read(kind, part, f"{at}[{index}]") for index, (kind, part) in pairs)


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _scalar(kind: Any) -> Any:  # noqa: ANN401 - a type hint
    return StrEnum if isinstance(kind, type) and issubclass(kind, StrEnum) else kind


def _exactly(kind: Any, value: Any) -> Any:  # noqa: ANN401 - JSON
    if type(value) is not kind:
        raise TypeError(value)
    return value


_SCALARS: Mapping[Any, Callable[[Any, Any], Any]] = {
    str: _exactly,
    bool: _exactly,
    int: _exactly,
    float: lambda kind, value: _exactly(kind, float(value) if type(value) is int else value),
    date: lambda kind, value: kind.fromisoformat(value),
    time: lambda kind, value: kind.fromisoformat(value),
    datetime: lambda kind, value: kind.fromisoformat(value),
    StrEnum: lambda kind, value: kind(value),
}
