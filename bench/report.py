"""What a benchmark found: rows of figures, printed as a table and kept as JSON."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from topthree.domain.clock import utc_now

Value = float | None
_HERE = Path(__file__).parent


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
    #: For a program to read: one line of JSON under the table. Empty: there is none.
    summary: Mapping[str, Value] = field(default_factory=dict)
    #: What must never be, and was; the exit code tells of it.
    failure: str = ""

    def as_text(self) -> str:
        """Return the report as a table for a terminal."""
        columns = list(dict.fromkeys(name for row in self.rows for name in row.figures))
        lines = [["", *columns]]
        lines += [
            [row.what, *(shown(row.figures.get(name)) for name in columns)] for row in self.rows
        ]
        widths = [max(len(line[place]) for line in lines) for place in range(len(columns) + 1)]
        table = ["  ".join(_aligned(line, widths)).rstrip() for line in lines]
        notes = [f"  {note}" for note in (*self.notes, self.failure) if note]
        summary = [json.dumps(self.summary)] if self.summary else []
        return "\n".join([f"{self.name}: {self.setting}", _machine(), *table, *notes, "", *summary])

    def write(self, folder: Path) -> None:
        """Keep the report as JSON in this folder."""
        made = {"machine": _machine(), "day": f"{utc_now():%Y-%m-%d}", "commit": _commit()}
        kept = asdict(self) | made
        text = json.dumps(kept, indent=2, ensure_ascii=False)
        (folder / f"{self.name}.json").write_text(f"{text}\n")


def _machine() -> str:
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} processors, load {load:.1f}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}"
    )


def _commit() -> str:
    """Return what was measured, as far as git knows; empty if it does not."""
    git = shutil.which("git")
    if git is None:
        return ""
    command = [git, "describe", "--always", "--dirty=, with changes"]
    done = subprocess.run(command, cwd=_HERE, capture_output=True, text=True, check=False)  # noqa: S603 - nothing in it is anyone else's
    return done.stdout.strip()


def shown(value: Value) -> str:
    """Return a figure with as many digits as tell something."""
    if value is None:
        return ""
    if value == 0 or abs(value) >= 100:  # noqa: PLR2004 - from here on, decimals tell nothing
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _aligned(line: list[str], widths: list[int]) -> list[str]:
    first, *others = zip(line, widths, strict=True)
    return [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
