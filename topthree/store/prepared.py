"""Statements put together once, for a driver's own cursor: then only the driver's share is left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import ClauseElement, Dialect

#: What a driver takes: values by place, or by name.
Parameters = list[Any] | dict[str, Any]


class Prepared:
    """A statement in the words of one database, and how its values are written there.

    It answers with the driver's values, so it is for columns that need no translation on reading.
    """

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        self.sql = str(compiled)
        self._places: list[str] | None = compiled.positiontup
        self._writers: dict[str, Callable[[Any], Any]] = {}
        self._constants: dict[str, Any] = {}
        for parameter, name in compiled.bind_names.items():
            writer = parameter.type.dialect_impl(dialect).bind_processor(dialect)
            if writer is not None:
                # Most of what is written is written again: a state, a cause, the same instant.
                self._writers[name] = lru_cache(maxsize=8)(writer)
            if not parameter.required:
                value = parameter.effective_value
                self._constants[name] = value if writer is None else writer(value)

    def bind(self, values: Mapping[str, Any]) -> Parameters:
        """Return the values as the driver takes them."""
        named = {**self._constants, **values}
        for name, writer in self._writers.items():
            if name in values:
                named[name] = writer(values[name])
        return named if self._places is None else [named[name] for name in self._places]
