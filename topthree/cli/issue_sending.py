"""Commands that send an issue by hand, and take that back while it waits."""

from __future__ import annotations

import sys

import click

from topthree.cli.editors import editor_at
from topthree.cli.launcher import Launcher
from topthree.cli.parameters import as_editor_option, issue_argument
from topthree.domain.how_many import how_many
from topthree.domain.sending.going_words import at_words
from topthree.domain.subscribers.address import EmailAddress
from topthree.services.editors.manage_editors import list_editors
from topthree.services.sending.announce import announce_by_hand
from topthree.services.sending.report_run import read_run
from topthree.services.sending.send_by_hand import send_by_hand, take_back_send, waiting_send
from topthree.services.wiring import Wiring
from topthree.services.writing.read_issue import IssueView, find_issue_named


@click.command()
@issue_argument
@as_editor_option
@click.option("--yes", is_flag=True, help="Do not ask once more.")
@click.pass_obj
def send(launcher: Launcher, name: str, who: EmailAddress, *, yes: bool) -> None:
    """Send an approved issue now, without waiting for its slot.

    Asks once more if somebody sits at the terminal. For some minutes it can be taken back; then
    what runs as “topthree serve” or “topthree worker” sends it.
    """
    wiring = launcher.wiring()
    with wiring.reading() as session:
        editor = editor_at(list_editors(session), who)
        issue = find_issue_named(session, name)
    if not yes and sys.stdin.isatty():
        question = f"Send “{issue.content.subject}” to every subscriber now?"
        click.confirm(question, abort=True, err=True)
    run_id = send_by_hand(wiring, issue.id, editor)
    if run_id is None:
        _say_until_when(wiring, issue, who)
        return
    with wiring.reading() as session:
        run = read_run(session, run_id)
    audience = how_many(run.audience, "subscriber")
    click.echo(f"Run {run_id} is open: “{issue.content.subject}” goes to {audience}.")
    click.echo(f"See how far it is: topthree runs show {run_id}")


@click.command(name="take-back")
@issue_argument
@as_editor_option
@click.pass_obj
def take_back(launcher: Launcher, name: str, who: EmailAddress) -> None:
    """Let an issue that somebody sends by hand not go, while it still waits."""
    wiring = launcher.wiring()
    with wiring.writing() as session:
        editor = editor_at(list_editors(session), who)
        issue = find_issue_named(session, name)
        take_back_send(session, issue.id, editor, wiring.clock())
    click.echo(f"“{issue.content.subject}” is not sent. It keeps its text and its approval.")


def _say_until_when(wiring: Wiring, issue: IssueView, who: EmailAddress) -> None:
    with wiring.reading() as session:
        waiting = waiting_send(session, issue.id)
        going = announce_by_hand(session, issue)
    if waiting is not None:
        at = waiting.opens_at.astimezone(wiring.cadence.zone)
        click.echo(f"“{issue.content.subject}”: {going.sentence} It leaves on {at_words(at)}.")
    click.echo(f"Until then it can be taken back: topthree issues take-back {issue.id} --as {who}")
