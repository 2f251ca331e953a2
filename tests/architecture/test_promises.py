"""Each promise of docs/reliability.md, and each row of the fault matrix, names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_NAMED = re.compile(r"`([\w./]+\.py)::(test_\w+)`")
_FAULTS = "tests/integration/faults"


@pytest.mark.parametrize(
    ("document", "folder"), [("docs/reliability.md", "."), (f"{_FAULTS}/README.md", _FAULTS)]
)
def test_every_test_that_is_named_exists(document: str, folder: str) -> None:
    named = _NAMED.findall((ROOT / document).read_text(encoding="utf-8"))

    missing = [
        f"{file}::{test}"
        for file, test in named
        if f"\ndef {test}(" not in (ROOT / folder / file).read_text(encoding="utf-8")
    ]
    assert named
    assert missing == []


def test_every_promise_has_a_test() -> None:
    text = (ROOT / "docs/reliability.md").read_text(encoding="utf-8")
    promises = re.split(r"^\*\*(P\d) ", text.partition("## Measured")[0], flags=re.MULTILINE)[1:]

    assert promises[::2] == [f"P{number}" for number in range(1, 9)]
    assert [
        name
        for name, body in zip(promises[::2], promises[1::2], strict=True)
        if not _NAMED.search(body)
    ] == []
