"""How commands print: one listing as a table for people or as JSON for programs, and progress."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, tzinfo

import click

#: Names of values, the same in JSON for ever, and the values.
Row = Mapping[str, object]
#: Names of the values that the table shows, in order, and the headings over them.
Columns = Mapping[str, str]

_GAP = "  "
_LARGE = 10_000
_WIDE = ("W", "F")


def print_listing(rows: Sequence[Row], columns: Columns, *, as_json: bool, empty: str) -> None:
    """Print the rows; ``empty`` is the sentence that stands for a table without any."""
    if as_json:
        print_json(rows)
    elif rows:
        click.echo(table([[row[name] for name in columns] for row in rows], [*columns.values()]))
    else:
        click.echo(empty)


def print_facts(facts: Row) -> None:
    """Print one thing's values for people, each behind its name."""
    rows = [(name.replace("_", " ").capitalize(), value) for name, value in facts.items()]
    _, _, lines = table(rows, ("", "")).partition("\n")
    click.echo(lines)


def local(at: datetime | None, zone: tzinfo) -> datetime | None:
    """Return the instant as clocks in this zone show it."""
    return at.astimezone(zone) if at else None


def print_json(value: object) -> None:
    """Print JSON for programs; dates are written by ISO 8601, instants with their offset."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def table(rows: Sequence[Sequence[object]], headings: Sequence[str]) -> str:
    """Return the rows as lines in which columns stand under each other, numbers to the right."""
    cells = [list(headings), *([_shown(value) for value in row] for row in rows)]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    to_the_right = [
        all(_is_number(value) for value in column) for column in zip(*rows, strict=True)
    ]
    return "\n".join(
        _GAP.join(
            _padded(cell, width, to_the_right=right)
            for cell, width, right in zip(line, widths, to_the_right, strict=True)
        ).rstrip()
        for line in cells
    )


@contextmanager
def progress(label: str, length: int) -> Iterator[Callable[[int], None]]:
    """Give a function to call with each number of steps done; a bar shows them to who watches.

    With an unknown length, 0, there is no bar. It is drawn on standard error, so that output can
    be piped all the same.
    """
    if not length or not sys.stderr.isatty():
        yield lambda _steps: None
        return
    with click.progressbar(length=length, label=label, file=sys.stderr) as bar:
        yield bar.update


def _shown(value: object) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return "yes"
    if isinstance(value, datetime):
        return f"{value:%a %Y-%m-%d %H:%M %Z}"
    if isinstance(value, date):
        return f"{value:%a %Y-%m-%d}"
    # From five digits on a comma helps; below, it would only be in the way of copying an id.
    if isinstance(value, int) and value >= _LARGE:
        return f"{value:,}"
    # What strangers wrote, such as a relay, must not steer the terminal.
    return "".join(character if character.isprintable() else "·" for character in str(value))


def _is_number(value: object) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool))


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value))


def _padded(text: str, width: int, *, to_the_right: bool = False) -> str:
    blanks = " " * (width - _width(text))
    return blanks + text if to_the_right else text + blanks


def _width(text: str) -> int:
    """Return how many places of a terminal the text takes."""
    return sum(
        2 if unicodedata.east_asian_width(character) in _WIDE else 1
        for character in text
        if not unicodedata.combining(character)
    )
