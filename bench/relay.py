"""A real relay: the same run into a Postfix that takes each message into its queue on the disk."""

from __future__ import annotations

from bench import postfix
from bench.letter import Finished, finish
from bench.material import SEED
from bench.our_sender import CONNECTIONS, Sending, open_and_send
from bench.report import Report, Row
from bench.task import Task
from tests.support.postfix import Postfix
from tests.support.postfix import why_not as why_no_relay


def send_to_a_relay(task: Task) -> Report:
    """Send over as many connections as smtp-source, which does the same before and after."""
    issue = finish(task.folder / "letter")
    missing = postfix.why_not() or why_no_relay() or ""
    return Report(
        name="relay",
        setting=f"{task.n:,} messages of {issue.size} → Postfix, seed {SEED}",
        rows=() if missing else _rows(task, issue),
        notes=(missing,) if missing else (),
    )


def _rows(task: Task, issue: Finished) -> tuple[Row, ...]:
    with Postfix(onward=None) as relay:
        source = postfix.SmtpSource(
            relay.port, issue.message, task.n, task.folder, connections=CONNECTIONS
        )
        source.measure()
        sending = Sending(folder=task.folder / "house", port=relay.port, count=task.n)
        _, usage = open_and_send(sending)
        source.measure()
    rate = usage.per_second(task.n)
    figures = {"messages/s": rate, "CPU µs": usage.cpu_us(task.n), "peak MB": usage.peak_mb}
    ours = Row(what=f"topthree, {CONNECTIONS} connections", figures=figures | source.compared(rate))
    return (ours, *source.rows())
