"""docs/commands.md and the commands say the same, neither more nor less."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from topthree.app.launcher import EnvironmentLauncher
from topthree.cli import build

DOCUMENT = Path(__file__).parents[3] / "docs" / "commands.md"
HEADING = re.compile(r"^#{2,3} (topthree\b[^\n]*)$", re.MULTILINE)
# Options stand in the first cell of a row.
OPTION = re.compile(r"(?<=`)--[a-z-]+(?=`)")


def _commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from _commands(inner, f"{path} {name}")
    else:
        yield path, command


def _usage(path: str, command: click.Command) -> str:
    context = click.Context(command)
    arguments = [parameter for parameter in command.params if isinstance(parameter, click.Argument)]
    return " ".join([path, *(argument.make_metavar(context) for argument in arguments)])


def _options(command: click.Command) -> set[str]:
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    return {name for option in options for name in option.opts if name.startswith("--")}


def _documented() -> dict[str, set[str]]:
    """Return the options of each command that the document has a heading for."""
    _, *parts = HEADING.split(DOCUMENT.read_text())
    return {
        heading: {
            option
            for line in text.splitlines()
            if line.startswith("| `")
            for option in OPTION.findall(line.split("|")[1])
        }
        for heading, text in zip(parts[::2], parts[1::2], strict=True)
    }


ROOT = build(EnvironmentLauncher())
COMMANDS = {_usage(path, command): command for path, command in _commands(ROOT, "topthree")}


def test_every_command_has_its_heading_and_no_other_has_one() -> None:
    assert set(_documented()) == {"topthree", *COMMANDS}


@pytest.mark.parametrize("usage", COMMANDS)
def test_every_option_of_a_command_is_documented_and_no_other(usage: str) -> None:
    assert _documented()[usage] == _options(COMMANDS[usage])


def test_the_options_of_topthree_itself_are_documented() -> None:
    assert _documented()["topthree"] == {*_options(ROOT), "--help"}


@pytest.mark.parametrize("usage", COMMANDS)
def test_every_command_and_option_explains_itself(usage: str) -> None:
    command = COMMANDS[usage]

    assert command.help
    for option in command.params:
        assert isinstance(option, click.Argument) or getattr(option, "help", None)
