"""What a person at the terminal is told when something does not work."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from tests.integration.cli.conftest import InstallationLauncher, Terminal
from topthree.cli import build
from topthree.cli.launcher import Check, CheckState
from topthree.domain.refusal import Refusal
from topthree.services.wiring import Wiring


class RefusingLauncher(InstallationLauncher):
    def wiring(self) -> Wiring:
        message = "The database is not up to date. Run “topthree db upgrade” first."
        raise Refusal(message)


class BreakingLauncher(InstallationLauncher):
    def wiring(self) -> Wiring:
        message = "the disk is full\nand more that nobody reads"
        raise OSError(message)


def test_a_refusal_is_one_sentence_on_standard_error_and_ends_with_1(
    launcher: InstallationLauncher,
) -> None:
    root = build(RefusingLauncher(installation=launcher.installation))

    result = CliRunner().invoke(root, ["issues", "list"])

    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr == "The database is not up to date. Run “topthree db upgrade” first.\n"


def test_an_unexpected_error_is_one_sentence_that_says_what_to_do(
    launcher: InstallationLauncher,
) -> None:
    root = build(BreakingLauncher(installation=launcher.installation))

    result = CliRunner().invoke(root, ["issues", "list"])

    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "the disk is full" in result.stderr
    assert "topthree doctor" in result.stderr


def test_who_asks_for_it_gets_the_traceback(launcher: InstallationLauncher) -> None:
    root = build(BreakingLauncher(installation=launcher.installation))

    with pytest.raises(OSError, match="the disk is full"):
        CliRunner().invoke(root, ["--debug", "issues", "list"], catch_exceptions=False)


@pytest.mark.parametrize(
    "words",
    [
        ["issues", "lst"],
        ["issues", "render"],
        ["cadence", "skip", "tomorrow"],
        ["cadence", "show", "--count", "0"],
        ["editors", "add", "nobody", "--name", "Nobody"],
        ["serve", "--port", "70000"],
        ["cadence", "skip", "9999-12-31"],
        ["cadence", "move", "2026-12-03", "0001-01-01"],
        ["issues", "render", "99999999999999999999"],
        ["issues", "render", "#99999999999999999999"],
        ["issues", "export", "99999999999999999999", "--to", "never"],
        ["runs", "show", "99999999999999999999"],
        ["subscribers", "import", "no-such-file.csv", "--consent", "They asked."],
    ],
)
def test_a_command_called_wrongly_ends_with_2(terminal: Terminal, words: list[str]) -> None:
    result = terminal.run(*words)

    assert result.exit_code == 2
    assert "Usage: " in result.stderr


def test_serve_worker_and_upgrade_reach_who_puts_the_service_together(terminal: Terminal) -> None:
    terminal.output("serve", "--host", "::1", "--port", "8123")
    terminal.output("worker")
    said = terminal.output("db", "upgrade")

    assert terminal.launcher.asked == ["serve ::1 8123", "work", "upgrade"]
    assert said == "The database is up to date.\n"


def test_the_doctor_ends_with_1_if_something_failed_and_says_what_to_do(terminal: Terminal) -> None:
    terminal.launcher.found = (
        Check(name="database", state=CheckState.OK, found="It answers."),
        Check(name="relay", state=CheckState.FAILED, found="It is silent.", advice="Wake it."),
    )

    result = terminal.run("doctor")

    assert result.exit_code == 1
    assert "Wake it." in result.stdout
    assert result.stderr == "Not in order: relay. What to do stands below each.\n"


def test_a_warning_does_not_make_the_doctor_fail(terminal: Terminal) -> None:
    terminal.launcher.found = (
        Check(name="relay", state=CheckState.WARNING, found="None is set.", advice="Set one."),
    )

    assert terminal.json("doctor") == [
        {"check": "relay", "state": "warning", "found": "None is set.", "advice": "Set one."}
    ]
