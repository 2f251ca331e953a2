"""What a benchmark found: rows of figures, printed as a table and kept as JSON."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

Value = float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing that was measured; its figures are named like the columns."""

    what: str
    figures: Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The figures of one benchmark. A column that begins with "×" is a ratio to a reference."""

    name: str
    #: What was measured, with sizes and seed, in one line.
    setting: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    def as_text(self) -> str:
        """Return the report as a table for a terminal."""
        columns = list(dict.fromkeys(name for row in self.rows for name in row.figures))
        lines = [["", *columns]]
        lines += [
            [row.what, *(_shown(row.figures.get(name)) for name in columns)] for row in self.rows
        ]
        widths = [max(len(line[place]) for line in lines) for place in range(len(columns) + 1)]
        table = ["  ".join(_aligned(line, widths)).rstrip() for line in lines]
        notes = [f"  {note}" for note in self.notes]
        return "\n".join([f"{self.name}: {self.setting}", _machine(), *table, *notes, ""])

    def write(self, folder: Path) -> None:
        """Keep the report as JSON in this folder."""
        kept = asdict(self) | {"machine": _machine()}
        text = json.dumps(kept, indent=2, ensure_ascii=False)
        (folder / f"{self.name}.json").write_text(f"{text}\n")


def _machine() -> str:
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} processors, load {load:.1f}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}"
    )


def _shown(value: Value) -> str:
    if value is None:
        return ""
    if value == 0 or abs(value) >= 100:  # noqa: PLR2004 - from here on, decimals tell nothing
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _aligned(line: list[str], widths: list[int]) -> list[str]:
    first, *others = zip(line, widths, strict=True)
    return [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
