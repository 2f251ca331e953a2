"""The item bank, at the terminal."""

from __future__ import annotations

from pathlib import Path

from tests.integration.cli.conftest import Terminal

SAMPLE = Path(__file__).resolve().parents[3] / "issues" / "bank" / "bank.md"


def test_items_of_a_file_are_added_once_and_found(terminal: Terminal) -> None:
    added = terminal.output("bank", "add", str(SAMPLE), "--tag", "Winter")
    again = terminal.output("bank", "add", str(SAMPLE))

    found = terminal.json("bank", "list", "heron", "--section", "reflection", "--state", "ready")
    assert added == again
    assert len(added.splitlines()) == 6
    assert isinstance(found, list)
    assert [(each["headline"], each["tags"]) for each in found] == [
        ("The first ten minutes", "winter")
    ]
    assert len(terminal.output("bank", "list").splitlines()) == 1 + 6


def test_one_bad_file_and_nothing_is_added(terminal: Terminal, tmp_path: Path) -> None:
    bad = tmp_path / "bad.md"
    bad.write_text("# Resource\nheadlin: One\n")

    said = terminal.refusal("bank", "add", str(SAMPLE), str(bad))

    assert "bad.md, line 2" in said
    assert terminal.json("bank", "list") == []
