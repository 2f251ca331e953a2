"""Commands about the database as a whole: upgrading, backing up, restoring, moving."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

import click

from topthree.cli.launcher import Launcher
from topthree.cli.printing import local, progress, table
from topthree.domain.how_many import how_many
from topthree.services.installation.back_up import back_up
from topthree.services.installation.copy_database import copy_database, rows_to_copy
from topthree.services.installation.restore import mark_restored, restore

_PAUSED = "they open as paused, and nothing of them leaves until somebody resumes them"


@click.group()
def db() -> None:
    """Look after the database."""


@db.command()
@click.pass_obj
def upgrade(launcher: Launcher) -> None:
    """Bring the database up to date; harmless if it is."""
    launcher.upgrade()
    click.echo("The database is up to date.")


@db.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Replace a file that is there already.")
@click.pass_obj
def backup(launcher: Launcher, path: Path, *, replace: bool) -> None:
    """Write a copy of the database to a file, or into a folder, while everything goes on."""
    premises = launcher.premises()
    began = perf_counter()
    made = back_up(premises, path, replace=replace)
    took = perf_counter() - began
    at = local(made.made_at, premises.zone)
    click.echo(f"{made.path}: {_size(made.size)}, as of {at:%Y-%m-%d %H:%M:%S %Z}, in {took:.1f} s")
    if made.unfinished_runs:
        open_runs = how_many(made.unfinished_runs, "run")
        click.echo(f"{open_runs} had letters left to send. Restored, {_PAUSED}.")


@db.command(name="restore")
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_obj
def restore_(launcher: Launcher, path: Path) -> None:
    """Put a backup in place of the database; the old one is put aside, never deleted.

    Stop topthree first. On PostgreSQL, the database that the settings name must be empty.
    """
    premises = launcher.premises()
    restored = restore(premises, path)
    at = local(restored.made_at, premises.zone)
    since = f" as of {at:%Y-%m-%d %H:%M:%S %Z}" if at else ""
    click.echo(f"The database is the one of {path}{since}.")
    if restored.put_aside is not None:
        click.echo(f"What was there before is kept as {restored.put_aside}.")
    if restored.unfinished_runs:
        open_runs = how_many(restored.unfinished_runs, "run")
        click.echo(f"{open_runs} had letters left to send: {_PAUSED}.")
    click.echo("Next: “topthree db upgrade”, then start. See docs/backup.md for what it forgot.")


@db.command(name="mark-restored")
@click.pass_obj
def mark_restored_(launcher: Launcher) -> None:
    """Say that the database is from a copy that was put in place by other means."""
    mark_restored(launcher.premises())
    click.echo(f"Noted. If runs of it had letters left to send, {_PAUSED}.")


@db.command()
@click.option(
    "--to",
    "url",
    metavar="URL",
    required=True,
    help="The empty database, such as postgresql+psycopg://name@host/database.",
)
@click.pass_obj
def copy(launcher: Launcher, url: str) -> None:
    """Copy everything into an empty database of either kind, and compare both row for row.

    Stop topthree first. The present database stays as it is.
    """
    premises = launcher.premises()
    began = perf_counter()
    with progress("Copying", rows_to_copy(premises)) as advance:
        tables = copy_database(premises, url, advance)
    took = perf_counter() - began
    click.echo(table([(copied.name, copied.rows) for copied in tables], ["Table", "Rows"]))
    total = sum(copied.rows for copied in tables)
    click.echo(f"\n{how_many(total, 'row')}, the same on both sides, in {took:.1f} s.")
    click.echo(
        "Next: set TOPTHREE_DATABASE_URL to the new database everywhere, run “topthree db upgrade”"
        " and “topthree doctor”, then start. Start nothing on the old database any more."
    )


def _size(size: int) -> str:
    return f"{size / 10**6:,.1f} MB"
