"""The command that asks the relay's log who has got an issue already."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from topthree.cli.launcher import Launcher
from topthree.cli.parameters import json_option, run_argument
from topthree.cli.printing import print_facts, print_json
from topthree.domain.ids import RunId
from topthree.services.sending.reconcile_run import reconcile_run


@click.command()
@run_argument
@click.option(
    "--maillog",
    "logs",
    multiple=True,
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A log of the relay, Postfix or Exim, gzip too; may be given more than once.",
)
@click.option("--dry-run", is_flag=True, help="Only count; change nothing.")
@json_option
@click.pass_obj
def reconcile(
    launcher: Launcher, run_id: int, logs: tuple[Path, ...], *, dry_run: bool, as_json: bool
) -> None:
    """Count as sent what the relay's log says it has accepted; for a restored database.

    The run is paused meanwhile.
    """
    found = reconcile_run(launcher.wiring(), RunId(run_id), logs, dry_run=dry_run)
    if as_json:
        print_json(asdict(found))
        return
    counted = "would be counted as sent" if dry_run else "counted as sent now"
    print_facts(
        {
            f"in the log, {counted}": found.matched,
            "in the log and sent already": found.already_sent,
            "in the log, but left or skipped since": found.left_alone,
            "in the log, of other runs or no issue": found.unknown,
            "not in the log, still to be sent": found.still_to_send,
        }
    )
    if not dry_run and found.still_to_send:
        click.echo(f"\nNext: “topthree runs resume {run_id}” sends the rest.")
