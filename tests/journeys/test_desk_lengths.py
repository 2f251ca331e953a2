"""An editor sees how long the letter is, and which item says too much."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.colleague import Colleague, signed_in
from tests.support.installation import Installation, complete_content
from tests.support.page import Page, text_of
from topthree.domain.editors.permission import Role
from topthree.domain.writing.item import Section
from topthree.domain.writing.length import WORD_TARGETS


@pytest.fixture
def ana(installation: Installation) -> Colleague:
    return signed_in(installation, "Ana", Role.WRITER)


def warned(page: Page) -> list[str | None]:
    return [each.get("data-longer") for each in page.select(".longer:not([hidden])")]


def test_an_item_says_how_long_it_is_and_the_letter_too(ana: Colleague) -> None:
    content = complete_content()
    first, second, third = (replace(item, headline="Two words") for item in content.items)
    items = (replace(first, body="one " * 75), second, third)

    ana.write_issue(replace(content, items=items, greeting="Dear all"))

    page = ana.browser.page
    assert text_of(page.one("[data-counts=item-1-body]")) == "75 words · 25 s"
    assert text_of(page.one("[data-counts=greeting]")) == "2 words"
    assert "minute to read." in text_of(page.one("[data-whole]"))


def test_too_many_words_for_the_section_are_said_without_a_script(ana: Colleague) -> None:
    target = WORD_TARGETS[Section.RESOURCE]
    path = ana.begin_issue()
    at_target = ana.fill_in({"item-1-body": "word " * target})

    over = ana.fill_in({"item-1-body": "word " * (target + 1)})
    as_reflection = ana.fill_in({"item-1-section": "reflection"})

    assert path in over.path
    assert (warned(at_target), warned(over), warned(as_reflection)) == ([], ["item-1"], [])
    assert f"Say it in {target} words" in text_of(over.one("[data-longer=item-1]"))
