"""Commands that start something and stay."""

from __future__ import annotations

import click

from topthree.cli.launcher import Launcher


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port to listen on.",
)
@click.pass_obj
def serve(launcher: Launcher, host: str, port: int) -> None:
    """Start web, scheduler and sender in one process; Ctrl-C stops them.

    The database is brought up to date first.
    """
    launcher.serve(host, port)


@click.command()
@click.pass_obj
def worker(launcher: Launcher) -> None:
    """Start scheduler and sender without the web; Ctrl-C stops them."""
    launcher.work()
