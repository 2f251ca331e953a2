"""The rows of a CSV file of subscribers, read line by line and without trusting it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, NoReturn

from topthree.domain.refusal import Refusal

_LINE_LIMIT = 10_000
_HEADINGS = (
    "address",
    "email",
    "e-mail",
    "mail",
    "email address",
    "e-mail address",
    "email_address",
)


class NotACsv(Refusal):
    """The file cannot be read on from the line that the text names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What is read of one row."""

    #: Where the row begins.
    line: int
    cell: str
    #: As an export of ours has it; empty where there is no such column.
    status: str


def read_rows(raw: BinaryIO, progress: Callable[[int], None]) -> Iterator[Row]:
    """Yield each row that is not blank.

    :param progress: called with the number of bytes read since the last call.
    :raises NotACsv: at the first line that cannot be read.
    """
    address, status = 0, None
    for number, (line, cells) in enumerate(_rows(raw, progress)):
        if number == 0:
            heading = _heading(cells)
            if heading is not None:
                address, status = heading
                continue
        if any(cell.strip() for cell in cells):
            yield Row(line=line, cell=_plain(_cell(cells, address)), status=_cell(cells, status))


def _heading(cells: list[str]) -> tuple[int, int | None] | None:
    """Return which columns hold addresses and statuses, if this row is a heading."""
    names = [cell.strip().casefold() for cell in cells]
    status = names.index("status") if "status" in names else None
    for name in _HEADINGS:
        if name in names:
            return names.index(name), status
    if any("@" in cell for cell in cells):
        return None
    message = "The first row names no column “address” or “email”. Add that heading."
    raise NotACsv(message)


def _cell(cells: list[str], column: int | None) -> str:
    return cells[column].strip() if column is not None and column < len(cells) else ""


def _plain(cell: str) -> str:
    """Return the cell without the quote that an export of ours puts before a formula."""
    return cell[1:] if cell.startswith("'") and not cell[1:2].isalnum() else cell


def _rows(raw: BinaryIO, progress: Callable[[int], None]) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of each row and the line it begins on."""
    lines = _Lines(raw, progress)
    # Strict: a quote that is never closed is an error, and does not swallow the rest of the file.
    reader = csv.reader(lines, strict=True)
    while True:
        line = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            message = f"line {line}: the quotes of this row do not match ({error})."
            raise NotACsv(message) from error
        yield line, cells


class _Lines:
    """The file's lines as text, counted, each of a bearable length."""

    def __init__(self, raw: BinaryIO, progress: Callable[[int], None]) -> None:
        self._raw = raw
        self._progress = progress
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._raw.readline(_LINE_LIMIT + 1)
        if not line:
            raise StopIteration
        self._progress(len(line))
        self.number += 1
        if len(line) > _LINE_LIMIT and not line.endswith(b"\n"):
            self._refuse(f"has over {_LINE_LIMIT:,} characters; a quote may be missing")
        if self.number == 1:
            line = self._without_mark(line)
        try:
            text = line.decode()
        except UnicodeDecodeError:
            self._refuse("is not in UTF-8. Save the file as “CSV UTF-8” and import it again")
        if "\x00" in text:
            self._refuse("holds a NUL character")
        return text

    def _without_mark(self, line: bytes) -> bytes:
        if line.startswith((b"\xff\xfe", b"\xfe\xff")):
            self._refuse("is in UTF-16. Save the file as “CSV UTF-8” and import it again")
        return line.removeprefix(b"\xef\xbb\xbf")

    def _refuse(self, reason: str) -> NoReturn:
        message = f"line {self.number} {reason}."
        raise NotACsv(message)
