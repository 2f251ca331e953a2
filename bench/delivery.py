"""Delivery: a whole run into a sink, ledger on and durable, between two runs of smtp-source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from bench import postfix
from bench.letter import Finished, finish
from bench.material import SEED, addresses
from bench.measure import Usage
from bench.our_sender import CONNECTIONS, Sending, open_and_send
from bench.report import Report, Row, Value
from bench.sink import remote_sink
from bench.task import Task

_COUNTED = (
    "lost, duplicated: counted in a second run of the same size into our own sink, which writes"
    " down every recipient; smtp-sink cannot tell them apart."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """One run of ours."""

    opening_seconds: float
    usage: Usage

    def figures(self, n: int) -> dict[str, Value]:
        return {
            "messages/s": self.usage.per_second(n),
            "CPU µs": self.usage.cpu_us(n),
            "peak MB": self.usage.peak_mb,
            "open run s": self.opening_seconds,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What became of the messages: everyone was to get exactly one."""

    lost: int
    duplicated: int

    def figures(self) -> dict[str, Value]:
        return {"lost": self.lost, "duplicated": self.duplicated}

    def failure(self) -> str:
        if self.lost or self.duplicated:
            return f"NOT EVERYBODY GOT ONE: {self.lost} lost, {self.duplicated} duplicated."
        return ""


def deliver(task: Task) -> Report:
    issue = finish(task.folder / "letter")
    missing = postfix.why_not()
    counted, count = _into_our_sink(task)
    sent = counted
    what = f"topthree, {CONNECTIONS} connections"
    rows = [Row(what=f"{what} → our sink", figures=counted.figures(task.n) | count.figures())]
    ratio: dict[str, float] = {}
    if not missing:
        sent, source = _into_smtp_sink(task, issue)
        ratio = source.compared(sent.usage.per_second(task.n))
        row = Row(what=f"{what} → smtp-sink", figures=sent.figures(task.n) | ratio)
        rows = [row, *source.rows(), *rows]
    return Report(
        name="delivery",
        setting=f"{task.n:,} messages of {issue.size}, SQLite synchronous FULL, seed {SEED}",
        rows=tuple(rows),
        notes=(missing or _COUNTED,),
        summary=_summary(sent, task.n, ratio) | count.figures(),
        failure=count.failure(),
    )


def _into_our_sink(task: Task) -> tuple[_Sent, Count]:
    with remote_sink() as sink:
        sent = _send(task, sink.port, "our sink")
        counts = Counter(sink.take())
    people = set(addresses(task.n))
    if strangers := counts.keys() - people:
        raise AssertionError(f"{len(strangers)} strangers were written to.")
    lost = len(people - counts.keys())
    return sent, Count(lost=lost, duplicated=counts.total() - len(counts))


def _into_smtp_sink(task: Task, issue: Finished) -> tuple[_Sent, postfix.SmtpSource]:
    with postfix.fastest_sink() as (port, name):
        source = postfix.SmtpSource(port, issue.message, task.n, task.folder)
        source.measure()
        sent = _send(task, port, name)
        source.measure()
    return sent, source


def _send(task: Task, port: int, name: str) -> _Sent:
    opening, usage = open_and_send(Sending(folder=task.folder / name, port=port, count=task.n))
    return _Sent(opening_seconds=opening, usage=usage)


def _summary(sent: _Sent, n: int, ratio: Mapping[str, float]) -> dict[str, Value]:
    """Return what is promised to whoever reads the last line; what is not known is null."""
    usage = sent.usage
    return {
        "messages_per_second": round(usage.per_second(n), 1),
        "ratio_to_smtp_source": round(ratio["× smtp-source"], 3) if ratio else None,
        "cpu_us_per_message": round(usage.cpu_us(n), 1),
        "peak_rss_mb": None if usage.peak_mb is None else round(usage.peak_mb, 1),
        "open_run_seconds": round(sent.opening_seconds, 3),
    }
