"""The program itself, in a process of its own: an instance folder, a pipe, a terminal."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from email import message_from_string
from pathlib import Path

import pytest

from topthree.cli.printing import progress

SAMPLES = Path(__file__).parents[3] / "issues"
PROGRAM = [sys.executable, "-m", "topthree"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if "TOPTHREE" not in name}
    return inherited | {"TOPTHREE_INSTANCE": str(tmp_path / "instance")}


def _run(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *words], env=environment, capture_output=True, text=True, check=False
    )


def test_a_new_instance_asks_for_the_upgrade_and_works_after_it(
    environment: dict[str, str],
) -> None:
    before = _run(environment, "issues", "list")
    upgraded = _run(environment, "db", "upgrade")
    after = _run(environment, "issues", "list")

    assert before.returncode == 1
    assert before.stderr.strip() == (
        "The database is not up to date. Run “topthree db upgrade” first."
    )
    assert (upgraded.returncode, after.returncode) == (0, 0)


def test_a_wrong_setting_is_named_in_words(environment: dict[str, str]) -> None:
    result = _run(environment | {"TOPTHREE_MODE": "production"}, "runs", "list")

    assert result.returncode == 1
    assert "TOPTHREE_PUBLIC_URL" in result.stderr
    assert "Traceback" not in result.stderr


def test_message_and_page_of_a_sample_are_printed(environment: dict[str, str]) -> None:
    _run(environment, "db", "upgrade")
    _run(environment, "issues", "import", str(SAMPLES))

    page = _run(environment, "issues", "render", "2026-11-19", "--format", "page")
    eml = _run(environment, "issues", "render", "2026-11-19", "--format", "eml")

    assert page.returncode == 0, page.stderr
    assert page.stdout.lower().startswith("<!doctype html>")
    assert "Share the lead" in page.stdout
    assert message_from_string(eml.stdout)["Subject"] == "Share the lead"


def test_the_doctor_finds_a_trial_installation_working(environment: dict[str, str]) -> None:
    _run(environment, "db", "upgrade")

    result = _run(environment, "doctor")

    assert result.returncode == 0, result.stdout
    assert "No relay is set" in result.stdout


def test_sending_asks_once_more_who_sits_at_the_terminal(environment: dict[str, str]) -> None:
    _run(environment, "db", "upgrade")
    _run(environment, "issues", "import", str(SAMPLES / "draft-last-call"))
    _run(environment, "editors", "add", "p@desk.example", "--name", "P", "--role", "publisher")
    ours, theirs = os.openpty()

    with subprocess.Popen(
        [*PROGRAM, "issues", "send", "1", "--as", "p@desk.example"],
        env=environment,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        os.write(ours, b"n\n")
        _, said = process.communicate()
    os.close(ours)
    os.close(theirs)

    assert process.returncode == 1
    assert "to every subscriber now?" in said
    # Had it gone on, it would have been refused: it is a draft.
    assert "cannot be sent" not in said


class _Watched(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_drawn_for_who_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = _Watched()
    monkeypatch.setattr(sys, "stderr", screen)

    with progress("Importing", 2) as step:
        step(2)

    assert "Importing" in screen.getvalue()
    assert "100%" in screen.getvalue()


@pytest.mark.parametrize(("stream", "length"), [(io.StringIO(), 2), (_Watched(), 0)])
def test_nothing_is_drawn_into_a_file_or_without_knowing_how_much_there_is(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, length: int
) -> None:
    monkeypatch.setattr(sys, "stderr", stream)

    with progress("Importing", length) as step:
        step(2)

    assert stream.getvalue() == ""
