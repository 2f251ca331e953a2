"""Two people agree on an issue: what the second one read is what goes out, and nothing else."""

from __future__ import annotations

import pytest

from tests.support.colleague import Colleague, signed_in
from tests.support.installation import Installation, complete_content
from tests.support.page import text_of
from topthree.domain.editors.permission import Role


@pytest.fixture
def ana(installation: Installation) -> Colleague:
    return signed_in(installation, "Ana", Role.WRITER)


@pytest.fixture
def ed(installation: Installation) -> Colleague:
    return signed_in(installation, "Ed", Role.EDITOR)


def approve(colleague: Colleague, path: str) -> None:
    colleague.browser.get(f"{path}review/")
    colleague.browser.submit("form[action$='/approve/']")


def test_the_review_shows_all_of_it_as_readers_will_see_it(ana: Colleague, ed: Colleague) -> None:
    path = ana.write_issue(button="submit")

    page = ed.browser.get(f"{path}review/")

    items = [text_of(heading) for heading in page.select(".change h3")]
    assert items == [
        f"Item {place}: {item.headline}"
        for place, item in enumerate(complete_content().items, start=1)
    ]
    assert text_of(page.select(".diff em")[0]) == "closest"
    assert "https://www.example.gov/guide.pdf" in page.text
    assert "A grade 5 teacher, Teacher, Revere" in page.text


def test_a_second_person_approves_and_the_seal_names_them(ana: Colleague, ed: Colleague) -> None:
    path = ana.write_issue(button="submit")
    ed.browser.get(f"{path}review/")

    page = ed.browser.submit("form[action$='/approve/']")

    assert "Approved: exactly this text goes out" in page.text
    assert text_of(page.one("#seal")) == "Approved"
    assert "Ed" in text_of(page.one(".seal .state"))
    assert not page.select("form[action$='/approve/']")


def test_nobody_approves_their_own_last_change(ed: Colleague) -> None:
    path = ed.write_issue(button="submit")

    page = ed.browser.get(f"{path}review/")

    assert "You made the last change to this issue" in page.text
    assert not page.select("form[action$='/approve/']")


def test_approving_ones_own_change_is_refused_by_the_server_too(
    installation: Installation, ana: Colleague, ed: Colleague
) -> None:
    path = ana.write_issue(button="submit")
    ed.browser.get(path)
    ed.fill_in({"subject": "Ed’s own words"})
    digest, csrf = what_a_reviewer_sends(Colleague(installation, "Eve", Role.EDITOR), path)

    page = ed.browser.post(f"{path}approve/", {"digest": digest, "csrf": csrf_of(ed)})

    assert csrf
    assert page.status == 403
    assert "somebody else has to approve it" in page.text
    assert "In review" in ed.browser.get(f"{path}review/").text


def test_a_writer_reads_the_review_and_is_told_who_approves(ana: Colleague) -> None:
    path = ana.write_issue(button="submit")

    page = ana.browser.get(f"{path}review/")

    assert "It waits for approval" in page.text
    assert "Somebody else reads it now" in page.text
    assert not page.select("form[action$='/approve/'], form[action$='/send-back/']")


def test_an_issue_changed_meanwhile_is_not_approved_unread(ana: Colleague, ed: Colleague) -> None:
    path = ana.write_issue(button="submit")
    ed.browser.get(f"{path}review/")
    ana.browser.get(path)
    ana.fill_in({"subject": "Another subject"})

    page = ed.browser.submit("form[action$='/approve/']")

    assert page.status == 409
    assert page.title.startswith("Error: ")
    assert "The issue was changed after you opened it" in page.text
    assert "Another subject" in page.text
    assert "In review" in page.text


@pytest.mark.parametrize("digest", ["", "0" * 64, "\0", "é", "x" * 10_000])
def test_a_digest_that_is_not_this_text_approves_nothing(
    ana: Colleague, ed: Colleague, digest: str
) -> None:
    path = ana.write_issue(button="submit")
    ed.browser.get(f"{path}review/")

    page = ed.browser.post(f"{path}approve/", {"digest": digest, "csrf": csrf_of(ed)})

    assert page.status == 409
    assert "Approved" not in page.one("#seal").itertext()


def test_an_edit_voids_the_approval(ana: Colleague, ed: Colleague) -> None:
    path = ana.write_issue(button="submit")
    approve(ed, path)
    warned = ana.browser.get(path)

    ana.fill_in({"item-2-headline": "One word other"})

    assert "Approved by Ed. A change makes it a draft again" in warned.text
    page = ed.browser.get(f"{path}review/")
    assert "Draft" in text_of(page.one(".top"))
    assert "Ed" not in text_of(page.one(".seal"))


def test_saving_an_approved_issue_unchanged_keeps_the_approval(
    ana: Colleague, ed: Colleague
) -> None:
    path = ana.write_issue(button="submit")
    approve(ed, path)
    ana.browser.get(path)

    page = ana.fill_in({})

    assert "Approved" in text_of(page.one(".top"))


def test_sending_back_needs_a_reason(ana: Colleague, ed: Colleague) -> None:
    path = ana.write_issue(button="submit")
    ed.browser.get(f"{path}review/")

    page = ed.browser.submit("form[action$='/send-back/']", {"reason": " \n "})

    assert page.status == 422
    assert "Say what has to change" in text_of(page.one("#reason-wrong"))


@pytest.mark.parametrize(
    ("form", "field"), [("send-back", "reason"), ("submit", "words"), ("share", "whom")]
)
def test_more_words_than_fit_are_counted_refused_and_kept_to_the_last(
    installation: Installation, ana: Colleague, ed: Colleague, form: str, field: str
) -> None:
    path = ana.write_issue(button="submit")
    ed.browser.get(f"{path}{'share' if form == 'share' else 'review'}/")
    typed = "x" * 1_000_000

    page = ed.browser.submit(f"form[action$='/{form}/']", {field: typed})

    kept = page.one(f"#{field}")
    assert page.status == 422
    assert "has 1,000,000 characters" in text_of(page.one(f"#{field}-wrong"))
    assert (kept.get("value") or kept.text) == typed
    assert "In review" in text_of(page.one(".top"))


def test_the_writer_reads_why_it_came_back(ana: Colleague, ed: Colleague) -> None:
    path = ana.write_issue(button="submit")
    ed.browser.get(f"{path}review/")

    page = ed.browser.submit(
        "form[action$='/send-back/']", {"reason": "The office says\nFriday <b>\0not</b> Thursday."}
    )

    assert "Sent back to its writers with your reason" in page.text
    reason = "Sent back: The office says Friday <b>not</b> Thursday."
    assert reason in ana.browser.get(path).text
    assert "Draft" in text_of(ana.browser.page.one(".top"))


def test_an_approval_can_be_taken_back_with_a_reason(ana: Colleague, ed: Colleague) -> None:
    path = ana.write_issue(button="submit")
    approve(ed, path)
    ed.browser.get(f"{path}review/")

    page = ed.browser.submit("form[action$='/send-back/']", {"reason": "The date has changed."})

    assert "Draft" in text_of(page.one(".top"))


def test_sending_back_twice_says_where_it_stands(ana: Colleague, ed: Colleague) -> None:
    path = ana.write_issue(button="submit")
    ed.browser.get(f"{path}review/")
    fields = {"reason": "Too long.", "csrf": csrf_of(ed)}
    ed.browser.post(f"{path}send-back/", fields)

    page = ed.browser.post(f"{path}send-back/", fields)

    assert page.status == 409
    assert "it is draft" in page.text


def test_an_incomplete_draft_is_not_submitted(ana: Colleague) -> None:
    path = ana.begin_issue()
    page = ana.browser.get(f"{path}review/")

    refused = ana.browser.post(f"{path}submit/", {"csrf": csrf_of(ana)})

    assert text_of(page.one("a.button")) == "Mend what stops it"
    assert refused.status == 422
    assert "Place 3 of 3 is empty" in refused.text


def test_a_complete_draft_is_submitted_from_the_review_as_well(ana: Colleague) -> None:
    path = ana.write_issue()
    ana.browser.get(f"{path}review/")

    page = ana.browser.submit("form[action$='/submit/']")

    assert "In review" in text_of(page.one(".top"))


def csrf_of(colleague: Colleague) -> str:
    return colleague.browser.page.select("input[name=csrf]")[0].get("value", "")


def what_a_reviewer_sends(colleague: Colleague, path: str) -> tuple[str, str]:
    colleague.sign_in()
    page = colleague.browser.get(f"{path}review/")
    return page.one("input[name=digest]").get("value", ""), csrf_of(colleague)
