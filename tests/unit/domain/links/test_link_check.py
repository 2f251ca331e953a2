"""What an answer, or none, says about a link."""

from __future__ import annotations

import pytest

from topthree.domain.links.link_check import (
    LinkState,
    Trouble,
    is_checkable,
    state_of_status,
    state_of_trouble,
)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (200, LinkState.ALIVE),
        (206, LinkState.ALIVE),
        (304, LinkState.UNKNOWN),
        (401, LinkState.UNKNOWN),
        (403, LinkState.UNKNOWN),
        (404, LinkState.DEAD),
        (405, LinkState.UNKNOWN),
        (410, LinkState.DEAD),
        (429, LinkState.UNKNOWN),
        (500, LinkState.UNKNOWN),
        (503, LinkState.UNKNOWN),
    ],
)
def test_only_not_found_and_gone_are_dead(status: int, state: LinkState) -> None:
    assert state_of_status(status) is state


def test_of_all_troubles_only_a_missing_name_is_dead() -> None:
    states = {trouble: state_of_trouble(trouble, "https://agency.gov/") for trouble in Trouble}

    assert [each for each, state in states.items() if state is LinkState.DEAD] == [
        Trouble.NO_SUCH_NAME
    ]
    assert all(trouble.words for trouble in Trouble)


@pytest.mark.parametrize(
    ("url", "state"),
    [
        ("https://www.example.gov/guide.pdf", LinkState.UNKNOWN),
        ("https://example.org", LinkState.UNKNOWN),
        ("https://school.example/a", LinkState.UNKNOWN),
        ("https://anexample.gov/", LinkState.DEAD),
        ("https://example.gov.agency.us/", LinkState.DEAD),
        ("https://agency.gov/?to=https://www.example.gov/", LinkState.DEAD),
    ],
)
def test_a_name_that_is_kept_for_examples_is_missing_on_purpose(url: str, state: LinkState) -> None:
    assert state_of_trouble(Trouble.NO_SUCH_NAME, url) is state


@pytest.mark.parametrize(
    ("url", "can_be"),
    [
        ("https://e.gov/", True),
        ("HTTP://e.gov/", True),
        ("mailto:desk@e.gov", False),
        ("https://e.gov/" + "a" * 1_986, True),
        ("https://e.gov/" + "a" * 1_987, False),
        ("https://e.gov/" + "ü" * 1_000, False),
    ],
)
def test_what_a_site_can_answer_is_looked_at(url: str, *, can_be: bool) -> None:
    assert is_checkable(url) is can_be
