"""Other senders of the same message into the same sink: what one would use instead."""

from __future__ import annotations

from bench import peer, postfix
from bench.letter import Finished, finish
from bench.material import SEED, addresses
from bench.measure import Usage, in_a_process
from bench.ordinary_senders import send_finished, send_rebuilt
from bench.our_sender import CONNECTIONS, Sending, open_and_send
from bench.report import Report, Row
from bench.task import Task

_MANY = 20
_REFERENCE = "email.message for each, smtplib"


def compare_senders(task: Task) -> Report:
    """Send to so many with each; the quick ones get more to do, so that it can be measured."""
    issue = finish(task.folder / "letter")
    with postfix.fastest_sink() as (port, sink):
        source = postfix.SmtpSource(port, issue.message, task.n * _MANY, task.folder)
        source.measure()
        measured = _senders(task, issue, port)
        missing = _ask_peer(task, issue, port, measured)
        source.measure()
    usage, count = measured[_REFERENCE]
    slow = usage.per_second(count)
    rows = [_row(what, *it, slow=slow, source=source) for what, it in measured.items()]
    notes = (postfix.why_not(), missing)
    return Report(
        name="senders",
        setting=f"messages of {issue.size} → {sink}, seed {SEED}",
        rows=(*rows, *source.rows()),
        notes=tuple(filter(None, notes)),
    )


def _senders(task: Task, issue: Finished, port: int) -> dict[str, tuple[Usage, int]]:
    many = task.n * _MANY
    everyone = list(addresses(many))
    few = everyone[: task.n]
    _, ours = open_and_send(Sending(folder=task.folder / "house", port=port, count=many))
    return {
        f"topthree, {CONNECTIONS} connections": (ours, many),
        "the finished bytes, smtplib": (in_a_process(send_finished, port, issue, everyone), many),
        _REFERENCE: (in_a_process(send_rebuilt, port, issue, few), task.n),
    }


def _ask_peer(
    task: Task, issue: Finished, port: int, measured: dict[str, tuple[Usage, int]]
) -> str:
    """Measure django-newsletter, or say why not."""
    if task.others is None:
        return f"Not compared with {peer.NAME}: that is done with --others, which installs it."
    try:
        python = peer.installed(task.others)
    except peer.NotInstalled as error:
        return str(error)
    people = list(addresses(task.n))
    usage = peer.send(python, peer.Errand(issue=issue, port=port, people=people), task.folder)
    measured[peer.NAME] = (usage, task.n)
    return ""


def _row(what: str, usage: Usage, count: int, *, slow: float, source: postfix.SmtpSource) -> Row:
    rate = usage.per_second(count)
    figures = {
        "messages/s": rate,
        "CPU µs": usage.cpu_us(count),
        "peak MB": usage.peak_mb,
        "× rebuilt": rate / slow,
    }
    return Row(what=what, figures=figures | source.compared(rate))
