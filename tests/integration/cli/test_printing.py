"""How values look as tables for people and as JSON for programs."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from topthree.cli.printing import print_facts, print_json, print_listing, table


def test_columns_stand_under_each_other_and_numbers_to_the_right() -> None:
    printed = table([["Ana", 7], ["Bartholomew", 12_345]], ["Name", "Count"])

    assert printed.splitlines() == [
        "Name          Count",
        "Ana               7",
        "Bartholomew  12,345",
    ]


def test_wide_and_combining_characters_keep_the_columns_straight() -> None:
    printed = table([["学校", "x"], ["e\u0301cole", "x"], ["school", "x"]], ["A", "B"])

    # Each is six places wide with its blanks, in four, seven and six characters.
    assert [line.index("x") - 2 for line in printed.splitlines()[1:]] == [4, 7, 6]


def test_dates_in_a_table_bear_their_weekday_and_instants_their_zone() -> None:
    at = datetime(2026, 12, 3, 11, 0, tzinfo=UTC)

    printed = table([[date(2026, 12, 3), at]], ["Day", "At"])

    assert printed.splitlines()[1] == "Thu 2026-12-03  Thu 2026-12-03 11:00 UTC"


def test_an_id_is_printed_so_that_it_can_be_typed_again() -> None:
    assert table([[1234]], ["Id"]).splitlines()[1] == "1234"


def test_what_is_unknown_is_an_empty_place_and_yes_is_a_word() -> None:
    printed = table([[None, True], ["x", False]], ["A", "B"])

    assert printed.splitlines() == ["A  B", "   yes", "x"]


def test_an_empty_table_is_a_sentence_and_empty_json_a_list(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_listing([], {"a": "A"}, as_json=False, empty="There is nothing yet.")
    sentence = capsys.readouterr().out
    print_listing([], {"a": "A"}, as_json=True, empty="There is nothing yet.")

    assert sentence == "There is nothing yet.\n"
    assert json.loads(capsys.readouterr().out) == []


def test_json_writes_dates_by_iso_8601_and_words_as_they_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_json({"day": date(2026, 12, 3), "at": datetime(2026, 12, 3, tzinfo=UTC), "who": "José"})

    out = capsys.readouterr().out
    assert json.loads(out)["at"] == "2026-12-03T00:00:00+00:00"
    assert json.loads(out)["day"] == "2026-12-03"
    assert "José" in out


def test_facts_stand_behind_their_names(capsys: pytest.CaptureFixture[str]) -> None:
    print_facts({"opened_at": "now", "by": ""})

    assert capsys.readouterr().out == "Opened at  now\nBy\n"
