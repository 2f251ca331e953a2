"""Our commands under Flask's own command line: ``flask --app wsgi issues list``."""

from __future__ import annotations

import click
from flask import Flask

from topthree.app.launcher import EnvironmentLauncher, keep_files_private
from topthree.cli import build


def add_commands(app: Flask) -> None:
    """Make every command of ``topthree`` reachable as one of the app's."""
    root = build(EnvironmentLauncher())
    for name, command in root.commands.items():
        app.cli.add_command(_passed_on(root, name, command.short_help or command.help or ""))


def _passed_on(root: click.Group, name: str, summary: str) -> click.Command:
    """Return a command that hands whatever follows its name to ours, help and errors included."""

    def run(arguments: tuple[str, ...]) -> None:
        keep_files_private()
        root.main(args=[name, *arguments], prog_name="flask --app wsgi")

    return click.Command(
        name,
        callback=run,
        help=summary,
        add_help_option=False,
        params=[click.Argument(["arguments"], nargs=-1, type=click.UNPROCESSED)],
        context_settings={"ignore_unknown_options": True},
    )
