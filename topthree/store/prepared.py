"""Statements put together once, for a driver's own cursor: then only the driver's share is left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
        for parameter, name in compiled.bind_names.items():
            writer = parameter.type.dialect_impl(dialect).bind_processor(dialect)
            if writer is not None:
                self._writers[name] = writer
        self._constants = self._written(
            {
                name: parameter.effective_value
                for parameter, name in compiled.bind_names.items()
                if not parameter.required
            }
        )

    def bind(self, values: Mapping[str, Any]) -> Parameters:
        """Return the values as the driver takes them."""
        named = self._constants | self._written(values)
        return named if self._places is None else [named[name] for name in self._places]

    def _written(self, values: Mapping[str, Any]) -> dict[str, Any]:
        written = dict(values)
        for name, writer in self._writers.items():
            if name in written:
                written[name] = writer(written[name])
        return written
