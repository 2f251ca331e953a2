"""A terminal on an installation of the test's own."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pytest
from click.testing import CliRunner, Result

from tests.support.installation import Installation
from topthree.cli import build
from topthree.cli.launcher import Check
from topthree.domain.ids import IssueId
from topthree.services.installation.premises import Premises
from topthree.services.wiring import Wiring


@dataclass(kw_only=True)
class InstallationLauncher:
    """Launches nothing: the installation is there already."""

    installation: Installation
    #: What the doctor finds.
    found: tuple[Check, ...] = ()
    #: What was asked for, in words.
    asked: list[str] = field(default_factory=list)

    def wiring(self) -> Wiring:
        return self.installation.wiring

    def premises(self) -> Premises:
        return self.installation.premises()

    def serve(self, host: str, port: int) -> None:
        self.asked.append(f"serve {host} {port}")

    def work(self) -> None:
        self.asked.append("work")

    def upgrade(self) -> None:
        self.asked.append("upgrade")

    def page(self, issue_id: IssueId) -> bytes:
        return f"<!DOCTYPE html><title>{issue_id}</title>".encode()

    def checks(self) -> tuple[Check, ...]:
        return self.found


@dataclass(frozen=True, kw_only=True)
class Terminal:
    """Where commands are typed."""

    launcher: InstallationLauncher

    def run(self, *words: str, typed: bytes = b"") -> Result:
        """Run a command as `topthree` would."""
        return CliRunner().invoke(build(self.launcher), words, input=typed)

    def output(self, *words: str, typed: bytes = b"") -> str:
        """Run a command that must succeed and say nothing on standard error."""
        result = self.run(*words, typed=typed)
        assert (result.exit_code, result.stderr) == (0, ""), result.output
        return result.stdout

    def json(self, *words: str) -> object:
        return json.loads(self.output(*words, "--json"))

    def refusal(self, *words: str) -> str:
        """Run a command that must fail, and return the sentence that says why."""
        result = self.run(*words)
        assert result.exit_code == 1, result.output
        return result.stderr.strip()


@pytest.fixture
def launcher(installation: Installation) -> InstallationLauncher:
    return InstallationLauncher(installation=installation)


@pytest.fixture
def terminal(launcher: InstallationLauncher) -> Terminal:
    return Terminal(launcher=launcher)
