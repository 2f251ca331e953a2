"""Throughput against batch size: the same run, claimed in smaller and in larger batches."""

from __future__ import annotations

from collections.abc import Iterator

from bench import postfix
from bench.letter import finish
from bench.material import SEED
from bench.our_sender import Sending, batch_can_be_set, open_and_send
from bench.report import Report, Row
from bench.task import Task

_SIZES = (10, 25, 50, 100, 200, 500)
_CANNOT = "Nothing was measured: the sender does not let its batch size be set."


def vary_batches(task: Task) -> Report:
    issue = finish(task.folder / "letter")
    with postfix.fastest_sink() as (port, sink):
        source = postfix.SmtpSource(port, issue.message, task.n, task.folder)
        source.measure()
        rows = tuple(_rows(task, port, source))
    notes = (postfix.why_not(), "" if batch_can_be_set() else _CANNOT)
    return Report(
        name="batches",
        setting=f"{task.n:,} messages of {issue.size} → {sink}, seed {SEED}",
        rows=rows + source.rows(),
        notes=tuple(filter(None, notes)),
    )


def _rows(task: Task, port: int, source: postfix.SmtpSource) -> Iterator[Row]:
    if not batch_can_be_set():
        return
    for size in _SIZES:
        sending = Sending(folder=task.folder / str(size), port=port, count=task.n, batch=size)
        _, usage = open_and_send(sending)
        source.measure()
        rate = usage.per_second(task.n)
        figures = {"batch": float(size), "messages/s": rate, "CPU µs": usage.cpu_us(task.n)}
        yield Row(what="topthree", figures=figures | source.compared(rate))
