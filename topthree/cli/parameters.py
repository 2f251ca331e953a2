"""What people type after a command, turned into values; what cannot be is refused by name."""

from __future__ import annotations

from datetime import date

import click

from topthree.domain.refusal import Refusal
from topthree.domain.subscribers.address import EmailAddress
from topthree.domain.years import is_plausible
from topthree.mail.address_syntax import parse_address

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")

# As large as an identifier gets in either database.
_LARGEST_ID = 999_999_999_999_999_999


def day(text: str) -> date:
    """Return the date; for ``type=`` of an option or an argument."""
    try:
        typed = date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"“{text}” is not a date. Write it as 2026-11-19.") from None
    if not is_plausible(typed):
        raise click.BadParameter(f"The year {typed.year} is a slip. Check the date.")
    return typed


def issue_name(text: str) -> str:
    """Return what names an issue, if an issue can be called so; for ``type=`` of an argument."""
    number = text.removeprefix("#")
    if number.isdecimal() and len(number) > len(str(_LARGEST_ID)):
        raise click.BadParameter(f"“{text}” is no issue's number. See “topthree issues list”.")
    return text


def address(text: str) -> EmailAddress:
    """Return the address; for ``type=`` of an option or an argument."""
    try:
        return parse_address(text)
    except Refusal as refusal:
        raise click.BadParameter(str(refusal)) from None


def slot(text: str) -> date | None:
    """Return the date of a slot, or None for ``next``; for ``type=`` of an option."""
    return None if text == "next" else day(text)


#: An issue is named by its day, such as 2026-11-19, or by its number in ``topthree issues list``.
issue_argument = click.argument("name", metavar="DATE|ID", type=issue_name)

run_argument = click.argument("run_id", metavar="ID", type=click.IntRange(1, _LARGEST_ID))

as_editor_option = click.option(
    "--as",
    "who",
    metavar="ADDRESS",
    required=True,
    type=address,
    help="The editor who does this; the same rules hold as at the desk.",
)
