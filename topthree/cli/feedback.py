"""Commands about what comes back: bounces, complaints, and letters that ask to leave."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from topthree.cli.launcher import Launcher
from topthree.cli.parameters import json_option
from topthree.cli.printing import print_facts, print_json
from topthree.mail.inbound.mailboxes import Waiting, message_from, messages_in
from topthree.services.feedback.heed_feedback import Heeded
from topthree.services.feedback.read_feedback import read_feedback

_PIPE = "-"


@click.group()
def feedback() -> None:
    """Learn who cannot be reached, who complains, and who leaves by mail."""


@feedback.command()
@click.argument("mailbox")
@json_option
@click.pass_obj
def read(launcher: Launcher, mailbox: str, *, as_json: bool) -> None:
    """Read what came into MAILBOX: a Maildir, an mbox, or “-” for one message from a pipe.

    Addresses that bounce are closed, who complains or asks to leave is unsubscribed, and a run
    that does harm is paused. Reading twice changes nothing, and nothing is ever answered.
    """
    if mailbox == _PIPE:
        _read_pipe(launcher)
        return
    counts = read_feedback(launcher.wiring(), messages_in(Path(mailbox)))
    if as_json:
        print_json({heeded.name.lower(): count for heeded, count in counts.items()})
        return
    print_facts({heeded.value: counts[heeded] for heeded in Heeded})


def _read_pipe(launcher: Launcher) -> None:
    """Read one message; whatever stands in the way, the mail server is to try again later."""
    messages: Iterable[Waiting] = [message_from(sys.stdin.buffer)]
    try:
        has_failed = read_feedback(launcher.wiring(), messages)[Heeded.FAILED]
    except Exception as error:  # noqa: BLE001 - whatever it is, the message must not be lost
        click.echo(str(error), err=True)
        has_failed = 1
    if has_failed:
        # With any other ending the mail server would send it back to where it came from.
        raise click.exceptions.Exit(os.EX_TEMPFAIL)
