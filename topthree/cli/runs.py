"""Commands about runs: which issue went to how many, and how far it is."""

from __future__ import annotations

import time
from datetime import tzinfo

import click

from topthree.cli.launcher import Launcher
from topthree.cli.parameters import json_option, run_argument
from topthree.cli.printing import Row, local, print_facts, print_json, print_listing
from topthree.cli.reconcile import reconcile
from topthree.cli.run_people import held, people
from topthree.cli.run_steering import cancel, pause, resume, send_missed
from topthree.domain.ids import RunId
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.domain.sending.run_words import DELIVERY_WORDS, FEEDBACK_WORDS
from topthree.services.sending.report_run import RunView, count_came_back, list_runs
from topthree.services.sending.run_progress import (
    ByDomain,
    DomainLine,
    Figures,
    count_domains,
    outlook,
    read_progress,
    resting,
)
from topthree.services.wiring import Wiring

_COLUMNS = {
    "id": "Id",
    "day": "Day",
    "number": "No.",
    "status": "State",
    "audience": "Audience",
    "sent": "Accepted",
    "unfinished": "To do",
    "held": "Held",
    "failed": "Refused",
    "skipped": "Skipped",
    "subject": "Subject",
}
_DOMAIN_COLUMNS = {
    "domain": "Domain",
    "sent": "Accepted",
    "queued": "Not tried",
    "deferred": "Wait",
    "failed": "Refused",
    "held": "Held",
    "said": "The relay said",
    "why": "That is",
}
#: Counting takes this part of the time at the most.
_SELDOM = 10


@click.group()
def runs() -> None:
    """See what was sent and how far it is, stop it, and say who got it."""


for _command in (pause, resume, cancel, send_missed, held, people, reconcile):
    runs.add_command(_command)


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
@click.option("--follow", is_flag=True, help="Say how far it is again and again, until it is over.")
@click.option(
    "--every",
    metavar="SECONDS",
    default=3.0,
    type=click.FloatRange(0.05, 3600),
    help="How often, with --follow.",
)
@json_option
@click.pass_obj
def show(launcher: Launcher, run_id: int, every: float, *, follow: bool, as_json: bool) -> None:
    """Show one run: how far and how fast it is, and what the relay says, domain by domain."""
    wiring = launcher.wiring()
    if follow:
        try:
            _follow(wiring, RunId(run_id), every, to_stderr=as_json)
        except KeyboardInterrupt:
            click.echo(f"The run goes on. “topthree runs pause {run_id}” would stop it.")
            return
    run, figures = _read(wiring, RunId(run_id))
    with wiring.reading() as session:
        domains = count_domains(session, run.id, wiring.clock())
        at_rest = resting(session, wiring.clock())
        came_back = count_came_back(session, run.id)
    if as_json:
        waiting = [{"name": each.name, "until": each.until} for each in at_rest]
        whole = {**_whole(wiring, run, figures, domains), "resting": waiting}
        print_json({**whole, "came_back": came_back})
        return
    _print(wiring, run, figures, domains)
    said = {FEEDBACK_WORDS[kind].name: count for kind, count in came_back.items() if count}
    if said:
        click.echo()
        print_facts(said)
    for each in at_rest:
        until = local(each.until, wiring.cadence.zone)
        click.echo(f"\n{each.name} asked us to slow down: nothing before {until:%H:%M %Z}.")


def _follow(wiring: Wiring, run_id: RunId, every: float, *, to_stderr: bool) -> None:
    zone = wiring.cadence.zone
    while True:
        began = time.monotonic()
        run, figures = _read(wiring, run_id)
        if run.finished_at is not None:
            return
        accepted = f"{figures.counts[DeliveryStatus.SENT]:,} of {run.audience:,} accepted."
        at = figures.at.astimezone(zone)
        said = " ".join(filter(None, (accepted, outlook(run, figures, zone), run.standing)))
        click.echo(f"{at:%H:%M:%S}  {said}", err=to_stderr)
        time.sleep(max(every, _SELDOM * (time.monotonic() - began)))


def _read(wiring: Wiring, run_id: RunId) -> tuple[RunView, Figures]:
    with wiring.reading() as session:
        return read_progress(session, run_id, wiring.clock())


def _print(wiring: Wiring, run: RunView, figures: Figures, domains: ByDomain) -> None:
    zone = wiring.cadence.zone
    said = {
        "run": run.id,
        "issue": f"{run.number}, “{run.subject}”",
        "day": run.day,
        "state": run.state,
        "because": run.standing,
        "opened_at": local(run.opened_at, zone),
        "finished_at": local(run.finished_at, zone),
        "trouble": run.trouble,
        "audience": run.audience,
    }
    counts = {words.name: figures.counts[status] for status, words in DELIVERY_WORDS.items()}
    print_facts({**said, **counts})
    for sentence in filter(None, (outlook(run, figures, zone), _missed(run, figures))):
        click.echo(f"\n{sentence}")
    click.echo()
    rows = [_domain(line) for line in domains.lines]
    if domains.other_domains:
        rows.append({**_domain(domains.others), "domain": f"{domains.other_domains:,} others"})
    print_listing(rows, _DOMAIN_COLUMNS, as_json=False, empty="Nobody was subscribed.")


def _missed(run: RunView, figures: Figures) -> str:
    if not figures.missed_count:
        return ""
    return (
        f"Missed for no fault of their address: {figures.missed_count:,}."
        f" “topthree runs send-missed {run.id}” sends it to them."
    )


def _whole(wiring: Wiring, run: RunView, figures: Figures, domains: ByDomain) -> Row:
    zone = wiring.cadence.zone
    return {
        **_row(run, zone),
        "as_of": local(figures.at, zone),
        "accepted_last_minute": figures.accepted_lately,
        "outlook": outlook(run, figures, zone),
        "missed": figures.missed_count,
        "domains": [_domain(line) for line in domains.lines],
        "other_domains": domains.other_domains,
    }


def _domain(line: DomainLine) -> Row:
    said = line.said
    return {
        "domain": line.domain or "(erased)",
        **{status.value: count for status, count in line.counts.items()},
        "queued": line.waiting,
        "said": f"{said.code or ''} {said.reply}".strip() if said else "",
        "why": line.why,
    }


def _row(run: RunView, zone: tzinfo) -> Row:
    return {
        "id": run.id,
        "issue": run.issue_id,
        "number": run.number,
        "day": run.day,
        "subject": run.subject,
        "status": run.status,
        "standing": run.standing,
        "audience": run.audience,
        **{status.value: run.counts[status] for status in DeliveryStatus},
        "unfinished": run.unfinished,
        "opened_at": local(run.opened_at, zone),
        "prepared_at": local(run.prepared_at, zone),
        "finished_at": local(run.finished_at, zone),
        "give_up_at": local(run.give_up_at, zone),
        "trouble": run.trouble,
    }
