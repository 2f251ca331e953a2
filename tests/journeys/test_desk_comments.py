"""Comments on an issue: beside what they concern, plain whatever was typed, resolved one by one."""

from __future__ import annotations

import pytest

from tests.support.colleague import Colleague, signed_in
from tests.support.installation import Installation
from tests.support.page import Page, text_of
from topthree.domain.editors.permission import Role


@pytest.fixture
def ann(installation: Installation) -> Colleague:
    return signed_in(installation, "Ann", Role.WRITER)


@pytest.fixture
def ben(installation: Installation) -> Colleague:
    return signed_in(installation, "Ben", Role.EDITOR)


def say(colleague: Colleague, path: str, place: int, words: str) -> Page:
    colleague.browser.get(f"{path}review/")
    form = f"#on-{place} details:last-child form"
    return colleague.browser.submit(form, {"comment": words})


def said(page: Page, place: int) -> list[str]:
    return [text_of(text) for text in page.select(f"#on-{place} > ul .said-text")]


def test_a_comment_stands_beside_what_it_concerns_and_is_counted_where_one_writes(
    ann: Colleague, ben: Colleague
) -> None:
    path = ann.write_issue()
    say(ben, path, 3, "The office says Friday.")
    page = say(ben, path, 0, "Shorter, please.")

    writing = ann.browser.get(path)

    assert (said(page, 3), said(page, 0)) == (["The office says Friday."], ["Shorter, please."])
    assert "2 comments are not resolved yet" in text_of(page.one(".seal .advice"))
    counts = [text_of(link) for link in writing.select(".said-count")]
    assert counts == ["1 comment on the issue", "1 comment on item 3"]


def test_markup_in_a_comment_is_text_and_only_web_addresses_are_links(
    ann: Colleague,
) -> None:
    path = ann.write_issue()
    words = "<script>alert(1)</script> javascript:alert(2) https://example.gov/a?b=1&c=“2” <b>"

    page = say(ann, path, 1, words)

    assert said(page, 1) == [words]
    links = page.select("#on-1 .said-text a")
    assert [link.get("href") for link in links] == ["https://example.gov/a?b=1&c="]
    assert not page.select("#on-1 script, #on-1 b b, .said-text b")


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (" \n ", "Write what you want to say first"),
        ("x" * 1_000_000, "at most 2,000 fit"),
        ("a\u202eb", "hidden control character"),
    ],
)
def test_a_comment_that_cannot_be_kept_is_said_at_its_field(
    ann: Colleague, words: str, problem: str
) -> None:
    path = ann.write_issue()

    page = say(ann, path, 2, words)

    assert page.status == 422
    assert problem in text_of(page.one("#comment-2-wrong"))
    assert page.select("#on-2 details[open]")


def test_pressing_the_button_fifty_times_says_it_once(ann: Colleague) -> None:
    path = ann.write_issue()
    page = ann.browser.get(f"{path}review/")
    names = ("csrf", "form", "place")
    form = {name: page.select(f"#on-1 input[name={name}]")[0].get("value", "") for name in names}

    for _ in range(50):
        page = ann.browser.post(f"{path}comments/", {**form, "comment": "Once."})
    page = ann.browser.post(f"{path}comments/", {**form, "comment": "Gone back, and other words."})

    assert said(page, 1) == ["Once.", "Gone back, and other words."]


def test_whoever_reads_resolves_a_comment_and_opens_it_again(
    ann: Colleague, ben: Colleague
) -> None:
    path = ann.write_issue()
    say(ben, path, 1, "Which guide?")
    ann.browser.get(f"{path}review/")

    resolved = ann.browser.submit("#on-1 ul form", button="resolve")
    reopened = ann.browser.submit("#on-1 .resolved form", button="reopen")

    assert said(resolved, 1) == []
    assert "Resolved by Ann" in text_of(resolved.one("#on-1 .resolved"))
    assert not resolved.select(".seal .advice")
    assert said(reopened, 1) == ["Which guide?"]


def test_ones_own_comment_is_changed_and_deleted_and_nobody_elses(
    ann: Colleague, ben: Colleague
) -> None:
    path = ann.write_issue()
    say(ben, path, 1, "Wich guide?")
    others = ann.browser.get(f"{path}review/")
    tried = [
        ann.browser.get(f"{path}comments/1/"),
        ann.browser.post(f"{path}comments/1/", {"csrf": csrf_of(others), "comment": "Mine"}),
        ann.browser.post(f"{path}comments/1/delete/", {"csrf": csrf_of(others)}),
    ]

    ben.browser.follow("#on-1 ul a")
    changed = ben.browser.submit("form.narrow:not(.danger)", {"comment": "Which guide?"})
    ben.browser.follow("#on-1 ul a")
    deleted = ben.browser.submit("form.danger")

    assert [page.status for page in tried] == [403, 403, 403]
    assert not others.select("#on-1 ul a")
    assert said(changed, 1) == ["Which guide?"]
    assert "changed" in text_of(changed.one("#on-1 ul .small"))
    assert said(deleted, 1) == []


def test_a_comment_goes_with_its_item_when_that_is_moved(ann: Colleague) -> None:
    path = ann.write_issue()
    say(ann, path, 1, "About the first.")
    say(ann, path, 3, "About the third.")
    ann.browser.get(path)

    ann.fill_in({"item-1-kicker": "Other"}, button="move-1-2")

    page = ann.browser.get(f"{path}review/")
    assert [said(page, place) for place in (1, 2, 3)] == [
        [],
        ["About the first."],
        ["About the third."],
    ]


def csrf_of(page: Page) -> str:
    return page.select("input[name=csrf]")[0].get("value", "")
