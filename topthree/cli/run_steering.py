"""Commands that steer a run: pausing it, letting it go on, stopping it, reaching the missed."""

from __future__ import annotations

import sys

import click

from topthree.cli.launcher import Launcher
from topthree.cli.parameters import run_argument
from topthree.domain.audit.entry import TERMINAL
from topthree.domain.how_many import how_many
from topthree.domain.ids import RunId
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.services.sending.report_run import read_run
from topthree.services.sending.run_progress import read_progress
from topthree.services.sending.steer_run import cancel_run, pause_run, resume_run, send_to_missed

_because_option = click.option(
    "--because", default="", help="Why, in a sentence; the desk shows it."
)
_yes_option = click.option("--yes", is_flag=True, help="Do not ask once more.")


@click.command()
@run_argument
@_because_option
@click.pass_obj
def pause(launcher: Launcher, run_id: int, because: str) -> None:
    """Stop a run until somebody lets it go on; what is on the wire still goes out."""
    pause_run(launcher.wiring(), RunId(run_id), _told("Paused at the terminal.", because), TERMINAL)
    click.echo(f"Run {run_id} is paused. “topthree runs resume {run_id}” lets it go on.")


@click.command()
@run_argument
@click.pass_obj
def resume(launcher: Launcher, run_id: int) -> None:
    """Let a paused run go on."""
    resume_run(launcher.wiring(), RunId(run_id), TERMINAL)
    click.echo(f"Run {run_id} goes on.")


@click.command()
@run_argument
@_because_option
@_yes_option
@click.pass_obj
def cancel(launcher: Launcher, run_id: int, because: str, *, yes: bool) -> None:
    """Stop a run for good: whoever has not got it will not."""
    wiring = launcher.wiring()
    with wiring.reading() as session:
        run = read_run(session, RunId(run_id))
    has_it = how_many(run.counts[DeliveryStatus.SENT], "teacher")
    _ask(f"{has_it} got it; {run.unfinished:,} will not. Stop run {run_id} for good?", yes=yes)
    cancel_run(wiring, run.id, _told("Stopped for good at the terminal.", because), TERMINAL)
    click.echo(f"Run {run_id} is stopped for good. {has_it.capitalize()} got it.")


@click.command(name="send-missed")
@run_argument
@_yes_option
@click.pass_obj
def send_missed(launcher: Launcher, run_id: int, *, yes: bool) -> None:
    """Send it to those who were missed for no fault of their address, and to those stopped."""
    wiring = launcher.wiring()
    with wiring.reading() as session:
        run, figures = read_progress(session, RunId(run_id), wiring.clock())
    missed = figures.missed_count
    if not missed:
        click.echo("Nobody was missed.")
        return
    _ask(f"Send it to {how_many(missed, 'teacher')} after all?", yes=yes)
    click.echo(f"Queued again: {how_many(send_to_missed(wiring, run.id, TERMINAL), 'teacher')}.")


def _told(what: str, because: str) -> str:
    return f"{what} {because.strip()}".strip()


def _ask(question: str, *, yes: bool) -> None:
    if not yes and sys.stdin.isatty():
        click.confirm(question, abort=True)
