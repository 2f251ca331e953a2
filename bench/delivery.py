"""Delivery: a whole run into a sink, with the ledger on, next to senders that keep none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench import postfix
from bench.letter import make_letter
from bench.material import SEED, addresses, opened_house
from bench.measure import Usage, in_a_process
from bench.ordinary_senders import Finished, send_finished, send_rebuilt
from bench.our_sender import Sending, open_run, send_run
from bench.report import Report, Row
from bench.sink import remote_sink
from bench.task import Task

_MANY = 4
_REBUILT_AT_MOST = 200
#: It is so quick that it needs more to do to be measured.
_SMTP_SOURCE_TIMES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """What one sender took for its messages, and what came of them where the sink can tell."""

    what: str
    count: int
    usage: Usage
    open_run_seconds: float | None = None
    lost: int | None = None
    duplicated: int | None = None

    def row(self, references: dict[str, _Sent]) -> Row:
        """Return the figures, with the rate as a ratio to each reference of the same sink."""
        rate = self.usage.per_second(self.count)
        figures = {
            "messages/s": rate,
            "CPU µs": self.usage.cpu_us(self.count),
            "peak MB": self.usage.peak_mb,
            "open run s": self.open_run_seconds,
            "lost": self.lost,
            "duplicated": self.duplicated,
        }
        for name, reference in references.items():
            figures[f"× {name}"] = rate / reference.usage.per_second(reference.count)
        return Row(what=self.what, figures=figures)


def deliver(task: Task) -> Report:
    issue = _finished(task.folder / "letter")
    rows = _into_our_sink(task, issue)
    missing = postfix.why_not()
    if not missing:
        rows += _into_smtp_sink(task, issue)
    size = len(issue.message) / 1000
    return Report(
        name="delivery",
        setting=f"{task.n:,} messages of {size:.1f} kB, SQLite synchronous FULL, seed {SEED}",
        rows=tuple(rows),
        notes=(missing,) if missing else (),
    )


def _finished(folder: Path) -> Finished:
    with opened_house(folder) as house:
        letter = make_letter(house.wiring)
    return Finished(
        sender=letter.newsletter.sender_address,
        subject=letter.rendered.subject,
        text=letter.rendered.text,
        html=letter.rendered.html,
        message=letter.splice(),
    )


def _into_our_sink(task: Task, issue: Finished) -> list[Row]:
    people = list(addresses(task.n))
    with remote_sink() as sink:
        ours = []
        for connections in (1, _MANY):
            sent = _ours(task, "our sink", sink.port, connections)
            ours.append(_counted(sent, people, sink.take()))
        references = _ordinary(sink.port, issue, people)
        if not postfix.why_not():
            references["smtp-source"] = _smtp_source(task, issue, "our sink", sink.port)
        if len(sink.take()) != sum(reference.count for reference in references.values()):
            raise AssertionError("A reference did not send all of its messages.")
    return [sent.row(references) for sent in (*ours, *references.values())]


def _into_smtp_sink(task: Task, issue: Finished) -> list[Row]:
    with postfix.smtp_sink() as port:
        ours = _ours(task, "smtp-sink", port, _MANY)
        source = _smtp_source(task, issue, "smtp-sink", port)
    return [sent.row({"smtp-source": source}) for sent in (ours, source)]


def _ours(task: Task, sink: str, port: int, connections: int) -> _Sent:
    folder = task.folder / f"{sink} {connections}"
    seconds = open_run(folder, task.n)
    usage = send_run(Sending(folder=folder, port=port, connections=connections, count=task.n))
    what = f"topthree, {connections} connection{'s' if connections > 1 else ''} → {sink}"
    return _Sent(what=what, count=task.n, usage=usage, open_run_seconds=seconds)


def _counted(sent: _Sent, people: Sequence[str], recipients: Sequence[str]) -> _Sent:
    """Return it with what became of the messages: everyone was to get exactly one."""
    counts = Counter(recipients)
    lost = len(set(people) - counts.keys())
    return replace(sent, lost=lost, duplicated=counts.total() - len(counts))


def _ordinary(port: int, issue: Finished, people: Sequence[str]) -> dict[str, _Sent]:
    few = people[:_REBUILT_AT_MOST]
    rebuilt = in_a_process(send_rebuilt, port, issue, few)
    finished = in_a_process(send_finished, port, issue, people)
    return {
        "rebuilt": _Sent(what="email.message for each, smtplib", count=len(few), usage=rebuilt),
        "finished": _Sent(what="finished bytes, smtplib", count=len(people), usage=finished),
    }


def _smtp_source(task: Task, issue: Finished, sink: str, port: int) -> _Sent:
    count = _SMTP_SOURCE_TIMES * task.n
    usage = postfix.send_by_smtp_source(port, issue.message, count, task.folder)
    return _Sent(
        what=f"smtp-source, {postfix.SESSIONS} connections → {sink}", count=count, usage=usage
    )
