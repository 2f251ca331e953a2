"""Throughput against connections: the same run over one and over several."""

from __future__ import annotations

from collections.abc import Iterator

from bench import postfix
from bench.letter import finish
from bench.material import SEED
from bench.our_sender import Sending, open_and_send
from bench.report import Report, Row
from bench.task import Task

_CONNECTIONS = (1, 2, 4, 8)


def vary_connections(task: Task) -> Report:
    issue = finish(task.folder / "letter")
    with postfix.fastest_sink() as (port, sink):
        source = postfix.SmtpSource(port, issue.message, task.n, task.folder)
        source.measure()
        rows = tuple(_rows(task, port, source))
    missing = postfix.why_not()
    return Report(
        name="connections",
        setting=f"{task.n:,} messages of {issue.size} → {sink}, seed {SEED}",
        rows=rows + source.rows(),
        notes=(missing,) if missing else (),
    )


def _rows(task: Task, port: int, source: postfix.SmtpSource) -> Iterator[Row]:
    for connections in _CONNECTIONS:
        folder = task.folder / str(connections)
        sending = Sending(folder=folder, port=port, connections=connections, count=task.n)
        _, usage = open_and_send(sending)
        source.measure()
        rate = usage.per_second(task.n)
        figures = {
            "connections": float(connections),
            "messages/s": rate,
            "CPU µs": usage.cpu_us(task.n),
            "peak MB": usage.peak_mb,
        }
        yield Row(what="topthree", figures=figures | source.compared(rate))
