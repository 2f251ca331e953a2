"""Statements put together once, for a driver's own cursor: then only the driver's share is left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import ClauseElement, Dialect
from sqlalchemy.types import TypeEngine

#: What a driver takes: values by place, or by name.
Parameters = list[Any] | dict[str, Any]
_Writer = Callable[[Any], Any]


class Prepared:
    """A statement in the words of one database, and how its values are written there.

    It answers with the driver's values, so it is for columns that need no translation on reading.
    """

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        self.sql = str(compiled)
        writers: dict[TypeEngine[Any], _Writer | None] = {}
        #: What is to be written, in the driver's order where it has one, and how.
        self._takes: list[tuple[str, _Writer | None]] = []
        self._is_by_place = compiled.positiontup is not None
        self._constants: dict[str, Any] = {}
        parameters = {name: parameter for parameter, name in compiled.bind_names.items()}
        for name in compiled.positiontup or parameters:
            parameter = parameters[name]
            if parameter.type not in writers:
                writers[parameter.type] = _writer(parameter.type, dialect)
            self._takes.append((name, writers[parameter.type]))
            if not parameter.required:
                self._constants[name] = parameter.effective_value

    def bind(self, values: Mapping[str, Any]) -> Parameters:
        """Return the values as the driver takes them."""
        all_values = {**self._constants, **values}
        if self._is_by_place:
            return [
                all_values[name] if write is None else write(all_values[name])
                for name, write in self._takes
            ]
        return {
            name: all_values[name] if write is None else write(all_values[name])
            for name, write in self._takes
        }


def _writer(kind: TypeEngine[Any], dialect: Dialect) -> _Writer | None:
    write = kind.dialect_impl(dialect).bind_processor(dialect)
    # Most of what is written is written again: a state, a cause, the same instant twice.
    return None if write is None else lru_cache(maxsize=8)(write)
