"""Each check finds what it looks for, where it is, and nothing in an issue that is in order."""

from __future__ import annotations

import re

import pytest

from tests.support.sources import ROOT
from tests.unit.domain.preflight.fixtures import FIXTURES, Made
from tests.unit.domain.preflight.proofs import check_named, proof
from topthree.domain.preflight.finding import WHOLE
from topthree.domain.preflight.table import CHECKS, preflight
from topthree.domain.writing.content_fields import field_values
from topthree.domain.writing.issue import PLACES, IssueContent

PASSING = [(code, made) for code, fixture in FIXTURES.items() for made in fixture.passing]
FAILING = [(code, *failing) for code, fixture in FIXTURES.items() for failing in fixture.failing]
CODES = [check.code for check in CHECKS]


def test_every_check_has_a_name_of_its_own_and_proofs_that_pass_and_fail() -> None:
    assert len(set(CODES)) == len(CODES)
    assert set(FIXTURES) == set(CODES)
    assert all(fixture.passing and fixture.failing for fixture in FIXTURES.values())


def test_an_issue_that_is_in_order_has_no_findings() -> None:
    assert preflight(proof()) == ()


@pytest.mark.parametrize(("code", "made"), PASSING)
def test_a_check_finds_nothing_where_nothing_is(code: str, made: Made) -> None:
    assert list(check_named(code).run(made())) == []


@pytest.mark.parametrize(("code", "made", "fields", "words"), FAILING)
def test_a_check_finds_what_it_looks_for_and_says_what_to_do(
    code: str, made: Made, fields: tuple[str, ...], words: str
) -> None:
    flaws = list(dict.fromkeys(check_named(code).run(made())))

    known = {*field_values(IssueContent()), WHOLE, *(f"item-{place}-picture" for place in PLACES)}
    assert tuple(flaw.field for flaw in flaws) == fields
    assert any(words in flaw.message for flaw in flaws), [flaw.message for flaw in flaws]
    assert all(flaw.todo.endswith((".", "!", "”)", "?")) for flaw in flaws)
    assert {flaw.field for flaw in flaws} <= known


def test_what_stops_comes_first_and_then_the_order_of_the_form() -> None:
    found = preflight(proof(IssueContent(), recent_subjects=()))

    assert [(each.code, each.field) for each in found if each.stops] == [
        ("gap", "subject"),
        ("gap", "preheader"),
        ("empty-place", "item-1-headline"),
        ("empty-place", "item-2-headline"),
        ("empty-place", "item-3-headline"),
    ]
    assert [each.stops for each in found] == sorted((each.stops for each in found), reverse=True)


def test_the_documentation_lists_every_check_and_no_other() -> None:
    rows = (ROOT / "docs" / "preflight.md").read_text().splitlines()
    documented = [
        (match[1], match[2])
        for row in rows
        if (match := re.match(r"\| `([\w-]+)` \| (.+?) \|", row))
    ]

    assert documented == [(check.code, check.looks_for) for check in CHECKS]
