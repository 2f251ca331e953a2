"""CSV that commands write: printed, or into a file that only its owner can read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkstemp
from typing import TextIO

import click

from topthree.cli.printing import progress
from topthree.domain.spreadsheet import csv_parts

output_option = click.option(
    "--output",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write to this file, which only you can read, instead of printing.",
)


def print_csv(columns: Sequence[str], rows: Iterator[tuple[str, ...]]) -> None:
    """Print the rows."""
    for part in csv_parts(columns, rows):
        click.echo(part, nl=False)


def write_csv(
    path: Path, columns: Sequence[str], rows: Iterator[tuple[str, ...]], *, expected: int
) -> int:
    """Write the rows to the file and return how many it were; a bar shows how far it is."""
    count = 0

    def counted(step: Callable[[int], None]) -> Iterator[tuple[str, ...]]:
        nonlocal count
        for row in rows:
            yield row
            count += 1
            step(1)

    with private_file(path) as opened, progress("Exporting", expected) as step:
        opened.writelines(csv_parts(columns, counted(step)))
    return count


@contextmanager
def private_file(path: Path) -> Iterator[TextIO]:
    """Open a file that only its owner can read, since it names people; an older one is replaced.

    It takes its place when it is whole, so that nobody reads half of it or with the old one's
    rights.
    """
    target = path.resolve()
    if target.exists() and not target.is_file():
        # A pipe or a terminal.
        with target.open("w", encoding="utf-8", newline="") as opened:
            yield opened
        return
    descriptor, unfinished = mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as opened:
            yield opened
        Path(unfinished).replace(target)
    finally:
        Path(unfinished).unlink(missing_ok=True)
