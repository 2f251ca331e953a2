"""Commands about runs: which issue went to how many, and how far it is."""

from __future__ import annotations

from datetime import tzinfo

import click

from topthree.cli.launcher import Launcher
from topthree.cli.parameters import json_option, run_argument
from topthree.cli.printing import Row, local, print_facts, print_json, print_listing
from topthree.cli.reconcile import reconcile
from topthree.domain.delivery import DeliveryStatus
from topthree.domain.ids import RunId
from topthree.services.report_run import RunView, list_runs, read_run

_COLUMNS = {
    "id": "Id",
    "day": "Day",
    "number": "No.",
    "status": "State",
    "audience": "Audience",
    "sent": "Accepted",
    "unfinished": "To do",
    "failed": "Refused",
    "skipped": "Skipped",
    "subject": "Subject",
}
#: What the ledger's words mean to people: accepted by the relay is not arrived.
_WORDS = {
    DeliveryStatus.SENT: "accepted by the relay",
    DeliveryStatus.QUEUED: "waiting",
    DeliveryStatus.CLAIMED: "under way",
    DeliveryStatus.DEFERRED: "to be tried again",
    DeliveryStatus.FAILED: "refused or given up",
    DeliveryStatus.SKIPPED: "skipped, left or suppressed",
}


@click.group()
def runs() -> None:
    """See what was sent, and how far it is."""


runs.add_command(reconcile)


@runs.command(name="list")
@json_option
@click.pass_obj
def list_(launcher: Launcher, *, as_json: bool) -> None:
    """List every run, newest first."""
    wiring = launcher.wiring()
    with wiring.reading() as session:
        rows = [_row(run, wiring.cadence.zone) for run in list_runs(session)]
    print_listing(rows, _COLUMNS, as_json=as_json, empty="No issue has been sent yet.")


@runs.command()
@run_argument
@json_option
@click.pass_obj
def show(launcher: Launcher, run_id: int, *, as_json: bool) -> None:
    """Show one run: its counts, and what the relay said."""
    wiring = launcher.wiring()
    with wiring.reading() as session:
        run = read_run(session, RunId(run_id))
    row = _row(run, wiring.cadence.zone)
    if as_json:
        print_json(row)
        return
    counts = {word: run.counts[status] for status, word in _WORDS.items()}
    said = {name: row[name] for name in ("day", "status", "opened_at", "finished_at", "trouble")}
    issue = f"{run.number}, “{run.subject}”"
    print_facts({"run": run.id, "issue": issue, **said, "audience": run.audience, **counts})


def _row(run: RunView, zone: tzinfo) -> Row:
    return {
        "id": run.id,
        "issue": run.issue_id,
        "number": run.number,
        "day": run.day,
        "subject": run.subject,
        "status": run.status,
        "audience": run.audience,
        **{status.value: run.counts[status] for status in DeliveryStatus},
        "unfinished": run.unfinished,
        "opened_at": local(run.opened_at, zone),
        "finished_at": local(run.finished_at, zone),
        "trouble": run.trouble,
    }
