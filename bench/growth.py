"""Cost against audience: as many messages of a small run and of a large one."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bench import postfix
from bench.letter import finish
from bench.material import SEED, database_of
from bench.measure import Usage, in_a_process
from bench.our_sender import Sending, open_run, send_run
from bench.report import Report, Row, Value
from bench.task import Task

_TIMES = (1, 10)
_TIMES_IF_LARGE = (1, 10, 100)
_ROUNDS = 2
_ALREADY_SENT = """
    UPDATE deliveries SET status = 'sent', ended_at = due_at, attempts = 1, code = 250
    WHERE subscriber_id > :first AND subscriber_id <= :audience - :last
"""
# It keeps the run from being closed, of which the counts are made once a run and not a message.
_STRAGGLER = """
    UPDATE deliveries
    SET status = 'deferred', ended_at = NULL, due_at = '2999-01-01 00:00:00.000000'
    WHERE subscriber_id = :first + 1
"""


_HOW = (
    f"The first and the last half of the messages are those of the first and the last people of the"
    f" audience; the quickest of {_ROUNDS} rounds counts."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Of this audience, the first so many and the last so many are sent to."""

    audience: int
    first: int
    last: int

    @property
    def count(self) -> int:
        return self.first + self.last

    def names(self) -> dict[str, int]:
        """Return what the statements name."""
        return {"audience": self.audience, "first": self.first, "last": self.last}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    """One sending of a part."""

    usage: Usage
    ratio: dict[str, float]

    def cpu_seconds(self) -> float:
        return self.usage.cpu_seconds


def grow(task: Task) -> Report:
    issue = finish(task.folder / "letter")
    parts = [_part(task.n, times) for times in (_TIMES_IF_LARGE if task.is_large else _TIMES)]
    for part in parts:
        _prepare(_folder(task, part), part)
    with postfix.fastest_sink() as (port, sink):
        source = postfix.SmtpSource(port, issue.message, task.n, task.folder)
        source.measure()
        best = _best(task, parts, port, source)
    count = parts[0].count
    return Report(
        name="growth",
        setting=f"{count:,} messages of {issue.size} of each run → {sink}, seed {SEED}",
        rows=(*_rows(best), *source.rows()),
        notes=tuple(filter(None, (_HOW, postfix.why_not()))),
    )


def _part(n: int, times: int) -> _Part:
    half = max(1, (n - 1) // 2)
    return _Part(audience=n * times, first=half, last=half)


def _folder(task: Task, part: _Part) -> Path:
    return task.folder / str(part.audience)


def _prepare(folder: Path, part: _Part) -> None:
    """Open a run for everyone, and let all between the first and the last have got theirs."""
    in_a_process(open_run, folder, part.audience)
    with closing(sqlite3.connect(database_of(folder))) as connection:
        connection.execute(_ALREADY_SENT, part.names())
        connection.execute(_STRAGGLER, part.names())
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _best(
    task: Task, parts: list[_Part], port: int, source: postfix.SmtpSource
) -> dict[_Part, _Round]:
    """Send every part in turn, so that the machine's drift falls on all of them."""
    best: dict[_Part, _Round] = {}
    for part in parts * _ROUNDS:
        usage = _send_copy(task, part, port)
        source.measure()
        this = _Round(usage=usage, ratio=source.compared(usage.per_second(part.count)))
        best[part] = min(best.get(part, this), this, key=_Round.cpu_seconds)
    return best


def _send_copy(task: Task, part: _Part, port: int) -> Usage:
    copy = task.folder / "copy"
    shutil.copytree(_folder(task, part), copy)
    usage = send_run(Sending(folder=copy, port=port, count=part.count, stays_open=True))
    shutil.rmtree(copy)
    return usage


def _rows(best: Mapping[_Part, _Round]) -> Iterator[Row]:
    smallest = min(best, key=lambda part: part.audience)
    least = best[smallest].usage.cpu_us(smallest.count)
    for part, its in best.items():
        cpu_us = its.usage.cpu_us(part.count)
        figures: dict[str, Value] = {
            "audience": float(part.audience),
            "messages/s": its.usage.per_second(part.count),
            "CPU µs": cpu_us,
            "× CPU of the smallest": cpu_us / least,
            "peak MB": its.usage.peak_mb,
        }
        yield Row(what="topthree", figures=figures | its.ratio)
