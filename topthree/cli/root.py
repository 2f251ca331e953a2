"""The command ``topthree`` itself: what it holds, and how it says that something went wrong."""

from __future__ import annotations

import click

from topthree import __version__
from topthree.cli.audit import audit
from topthree.cli.bank import bank
from topthree.cli.cadence import cadence
from topthree.cli.db import db
from topthree.cli.doctor import doctor
from topthree.cli.editors import editors
from topthree.cli.feedback import feedback
from topthree.cli.issues import issues
from topthree.cli.launcher import Launcher
from topthree.cli.runs import runs
from topthree.cli.server import serve, worker
from topthree.cli.subscribers import subscribers
from topthree.domain.refusal import Refusal

_COMMANDS = (
    serve,
    worker,
    db,
    issues,
    subscribers,
    runs,
    feedback,
    cadence,
    bank,
    editors,
    audit,
    doctor,
)


def build(launcher: Launcher) -> click.Group:
    """Return the command with everything under it, ready to be called.

    It ends with 0, with 1 if something failed, or with 2 if it was called wrongly; what went wrong
    is a sentence on standard error.
    """
    root = _Root(
        name="topthree",
        help="Teachers' Top Three: three items for teachers, every other week.",
        commands={command.name or "": command for command in _COMMANDS},
        params=[
            click.Option(["--debug"], is_flag=True, help="Show where an unexpected error arose.")
        ],
        context_settings={"obj": launcher, "help_option_names": ["-h", "--help"]},
    )
    return click.version_option(__version__, prog_name="topthree")(root)


class _Failed(click.ClickException):
    """What ends a command with 1, told without a word before it."""

    def show(self, file: object = None) -> None:
        del file
        click.echo(self.message, err=True)


class _Root(click.Group):
    """Tells people what happened in one sentence; a traceback is for those who ask."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            raise _Failed(str(refusal)) from refusal
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:
            if ctx.params["debug"]:
                raise
            raise _Failed(_unexpected(error)) from error


def _unexpected(error: Exception) -> str:
    said = str(error).partition("\n")[0]
    return (
        f"Something unexpected happened: {type(error).__name__}{f': {said}' if said else ''}."
        " “topthree doctor” looks at the usual causes; “topthree --debug …” shows where it arose."
    )
