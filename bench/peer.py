"""django-newsletter, the program that one would find in the package index: installed, and asked."""

from __future__ import annotations

import json
import subprocess
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.letter import Finished
from bench.measure import Usage
from topthree.domain.newsletter import UNSUBSCRIBE_PLACEHOLDER

NAME = "django-newsletter 1.2"
# Its models import the second, whatever its own requirements say.
_PACKAGES = ("django-newsletter>=1.2,<1.3", "sorl-thumbnail")
_PIP = ("-m", "pip", "--quiet", "--disable-pip-version-check")
_ROOT = Path(__file__).parents[1]


class NotInstalled(Exception):
    """It cannot be had here; the text says so for the report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What it is to send, where to, and to whom."""

    issue: Finished
    port: int
    people: Sequence[str]


def installed(folder: Path) -> Path:
    """Return the interpreter of an environment in this folder that has it, made if need be.

    :raises NotInstalled: if it cannot be downloaded.
    """
    python = folder / "django-newsletter" / "bin" / "python"
    try:
        if not python.exists():
            venv.create(python.parents[1], with_pip=True)
        _call(python, *_PIP, "install", *_PACKAGES)
    except subprocess.CalledProcessError as error:
        raise NotInstalled(f"Not compared with {NAME}: pip could not install it.") from error
    return python


def send(python: Path, errand: Errand, folder: Path) -> Usage:
    """Let it send a submission of its own in a process of its own."""
    what = {
        "folder": str(folder),
        "port": errand.port,
        "people": list(errand.people),
        "sender": errand.issue.sender,
        "subject": errand.issue.subject,
        "text": errand.issue.text,
        "html": errand.issue.html,
        "placeholder": UNSUBSCRIBE_PLACEHOLDER,
    }
    answer = _call(python, "-m", "bench.django_newsletter", said=json.dumps(what))
    figures = json.loads(answer.splitlines()[-1])
    return Usage(**figures)


def _call(python: Path, *arguments: str, said: str = "") -> str:
    command = [str(python), *arguments]
    done = subprocess.run(  # noqa: S603 - nothing in it is anyone else's
        command, cwd=_ROOT, input=said, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout
