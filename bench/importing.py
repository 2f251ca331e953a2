"""Importing subscribers from a CSV file, next to reading the same file and checking addresses."""

from __future__ import annotations

import csv
from pathlib import Path

from bench.material import SEED, addresses, opened_house
from bench.measure import Usage, in_a_process, measured
from bench.report import Report, Row
from bench.task import Task
from topthree.domain.refusal import Refusal
from topthree.mail.address_syntax import parse_address
from topthree.services.subscribers.import_subscribers import Source, import_subscribers

#: One row in so many holds no address.
_BAD_EVERY = 100


def import_file(task: Task) -> Report:
    file = task.folder / "subscribers.csv"
    bad = _write(file, task.n)
    alone = in_a_process(_read_and_check, file)
    whole, added, refused = in_a_process(_import, file, task.folder / "house")
    if (added, refused) != (task.n - bad, bad):
        raise AssertionError(f"{added} were added and {refused} refused.")
    return Report(
        name="importing",
        setting=f"{task.n:,} rows, {bad:,} of them bad, seed {SEED}",
        rows=(
            _row("subscribers import", whole, (task.n, alone)),
            _row("csv.reader and parse_address alone (reference)", alone, (task.n, alone)),
        ),
    )


def _write(file: Path, n: int) -> int:
    """Write the rows and return how many of them are bad."""
    bad = 0
    with file.open("w", encoding="utf-8", newline="") as opened:
        rows = csv.writer(opened)
        rows.writerow(("name", "address", "school"))
        for number, address in enumerate(addresses(n), 1):
            is_bad = number % _BAD_EVERY == 0
            bad += is_bad
            cell = address.replace("@", " at ") if is_bad else address
            rows.writerow((f"Teacher, {number}", cell, "A school"))
    return bad


def _import(file: Path, folder: Path) -> tuple[Usage, int, int]:
    source = Source(consent="They signed a list.", name="a benchmark")
    with opened_house(folder) as house, file.open("rb") as opened, measured() as usage:
        report = import_subscribers(house.wiring, opened, source)
    return usage, report.added, report.bad_count


def _read_and_check(file: Path) -> Usage:
    with file.open(encoding="utf-8", newline="") as opened, measured() as usage:
        rows = csv.reader(opened)
        next(rows)
        for row in rows:
            try:
                parse_address(row[1])
            except Refusal:
                continue
    return usage


def _row(what: str, usage: Usage, reference: tuple[int, Usage]) -> Row:
    n, alone = reference
    return Row(
        what=what,
        figures={
            "rows/s": usage.per_second(n),
            "CPU µs/row": usage.cpu_us(n),
            "peak MB": usage.peak_mb,
            "× rows/s": alone.seconds / usage.seconds,
            "× CPU": usage.cpu_seconds / alone.cpu_seconds,
        },
    )
