"""An editor writes an issue, and nothing that was typed is ever lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest

from tests.support.banking import stock
from tests.support.colleague import Colleague, signed_in, typed
from tests.support.installation import Installation, complete_content
from tests.support.page import Page, text_of
from topthree.domain.editors.permission import Role
from topthree.domain.writing.issue import IssueContent
from topthree.domain.writing.item import Participation
from topthree.web.desk.writing.compose_form import FIELDS

SCRIPT = "<script>alert(1)</script>{{ 7*7 }}{% raw %}"
LINES = (
    "subject",
    "preheader",
    "item-1-kicker",
    "item-2-headline",
    "item-1-link-label",
    "item-2-contributor-name",
    "item-2-contributor-role",
    "item-2-contributor-school",
    "item-3-place",
)


@pytest.fixture
def ana(installation: Installation) -> Colleague:
    return signed_in(installation, "Ana", Role.WRITER)


def value(page: Page, name: str) -> str:
    field = page.one(f"#compose [name='{name}']")
    if field.tag == "select":
        return page.one(f"#{name} option[selected]").get("value", "")
    return (field.text or "") if field.tag == "textarea" else field.get("value", "")


def wrong(page: Page, name: str) -> str:
    return text_of(page.one(f"#{name}-wrong"))


def test_a_blank_issue_says_what_to_do_first(ana: Colleague, installation: Installation) -> None:
    page = ana.browser.get(ana.begin_issue())
    with installation.wiring.writing() as session:
        stock(session, installation, ana.editor)
    stocked = ana.browser.get(page.path)

    assert "Nothing is ready in the bank, so write them below" in text_of(page.one(".begin"))
    assert "1 resource" in text_of(stocked.one(".begin"))
    assert stocked.one(".begin a.button").get("href", "").endswith("/places/1/")
    assert not stocked.select(".preflight, .finding:not([hidden])")


def test_a_draft_says_what_is_missing_and_leads_there(ana: Colleague) -> None:
    ana.begin_issue()
    page = ana.fill_in({"greeting": "Dear teachers,"})

    listed = [link.get("href") for link in page.select(".preflight a")]
    assert "5 things stop this issue." in page.text
    assert listed[:3] == ["#subject", "#preheader", "#item-1-headline"]
    assert "Place 2 of 3 is empty" in text_of(page.one("#item-2-headline-found"))


def test_what_was_typed_is_there_again(ana: Colleague) -> None:
    content = complete_content()
    when = Participation(
        closes_on=date(2026, 12, 4),
        closes_at=time(17, 0),
        happens_on=date(2027, 1, 20),
        place="Malden, and online",
    )
    items = (*content.items[:2], replace(content.items[2], participation=when, language="es"))
    entries = typed(replace(content, items=items))

    page = ana.browser.get(ana.write_issue(replace(content, items=items)))

    assert {name: value(page, name) for name in FIELDS} == entries
    assert "Nothing stops this issue." in page.text


def test_the_first_blank_line_of_a_text_survives_showing_it(ana: Colleague) -> None:
    path = ana.begin_issue()

    page = ana.fill_in({"item-1-link-url": "nowhere", "item-1-body": "\nBelow a blank line"})

    assert page.status == 422
    assert value(page, "item-1-body") == "\nBelow a blank line"
    assert page.path == path


def test_saving_says_so_and_loading_again_is_harmless(ana: Colleague) -> None:
    ana.begin_issue()

    page = ana.fill_in({"subject": "Share the lead"})

    assert page.path.endswith("/?said=saved")
    assert text_of(page.one("[role=status]")) == "Saved."


@pytest.mark.parametrize("hidden", ["a\r\nBcc: b", "a\0b", "a\x1bb", "a\u2028b", "a\u202eb"])
def test_a_line_with_something_hidden_in_it_is_refused(ana: Colleague, hidden: str) -> None:
    path = ana.begin_issue()

    page = ana.fill_in(dict.fromkeys(LINES, hidden))

    assert page.status == 422
    assert page.title.startswith("Error: ")
    assert [name for name in LINES if "hidden character" not in wrong(page, name)] == []
    assert {page.one(f"#{name}").get("aria-invalid") for name in LINES} == {"true"}
    assert {value(ana.browser.get(path), name) for name in LINES} == {""}


@pytest.mark.parametrize("hidden", ["a\0b", "a\x1bb", "a\u2066b", "a\u202eb"])
def test_a_text_with_something_hidden_in_it_is_refused(ana: Colleague, hidden: str) -> None:
    ana.begin_issue()

    page = ana.fill_in({"greeting": hidden, "item-1-body": hidden})

    assert page.status == 422
    assert "hidden control character" in wrong(page, "greeting")
    assert "hidden control character" in wrong(page, "item-1-body")


def test_script_in_every_field_is_shown_as_what_was_typed(ana: Colleague) -> None:
    ana.begin_issue()
    every = {name: SCRIPT for name in FIELDS if not name.endswith("-section")}
    fields = {**every, "version": "1", "do": "save", "csrf": value_of_csrf(ana.browser.page)}

    page = ana.browser.post(ana.browser.page.path.partition("?")[0], fields)

    assert page.status == 422
    assert {name: value(page, name) for name in every} == every
    assert not page.select("main script")


def test_script_that_can_be_saved_is_inert_on_every_page(ana: Colleague) -> None:
    content = complete_content(SCRIPT)
    first, second, third = (
        replace(item, headline=SCRIPT, body=SCRIPT, kicker=SCRIPT[:40]) for item in content.items
    )
    items = (first, second, third)
    path = ana.write_issue(replace(content, greeting=SCRIPT, preheader=SCRIPT, items=items))

    pages = ["", "preview/", "preview/text/", "preview/page/", "preview/mail.html", "review/"]
    shown = [ana.browser.get(f"{path}{part}") for part in pages]
    shown += [ana.browser.get("/desk/"), ana.browser.get("/desk/issues/")]

    assert [page.status for page in shown] == [200] * len(shown)
    assert not [page.path for page in shown if "<script>alert" in page.source]
    assert all("alert(1)" in page.source for page in shown)
    assert not [page.path for page in shown if ">49" in page.source]


def test_a_body_of_200_kb_is_kept_on_the_page_and_refused(ana: Colleague) -> None:
    path = ana.begin_issue()
    pasted = "A long line of text. " * 10_000

    page = ana.fill_in({"item-2-body": pasted, "subject": "Kept as well"})

    assert page.status == 422
    assert "209,999 characters; at most 20,000 fit" in wrong(page, "item-2-body")
    assert value(page, "item-2-body") == pasted
    assert value(page, "subject") == "Kept as well"
    assert value(ana.browser.get(path), "subject") == ""


@pytest.mark.parametrize(
    ("name", "slip", "said"),
    [
        ("item-3-closes-on", "tomorrow", "this is no date"),
        ("item-3-closes-on", "2026-02-30", "this is no date"),
        ("item-3-closes-on", "9999-12-31", "this is no date"),
        ("item-3-happens-on", "0001-01-01", "this is no date"),
        ("item-2-contributor-consents-on", "by mail", "this is no date"),
        ("item-3-happens-on", "31/12/2026", "this is no date"),
        ("item-3-closes-at", "25:00", "this is no time"),
        ("item-3-closes-at", "noon", "this is no time"),
        ("item-3-closes-at", "17:00+02:00", "this is no time"),
        ("item-1-link-url", "javascript:alert(1)", "a link starts with https://"),
        ("item-1-link-url", "//example.gov", "a link starts with https://"),
        ("item-1-link-url", "http://[::1", "a link starts with https://"),
        ("subject", "x" * 121, "121 characters; at most 120 fit"),
    ],
)
def test_a_slip_is_said_at_its_field_and_in_the_list_and_stays_typed(
    ana: Colleague, name: str, slip: str, said: str
) -> None:
    ana.begin_issue()

    page = ana.fill_in({name: slip})

    assert page.status == 422
    assert said in wrong(page, name)
    assert said in text_of(page.one(f'.summary a[href="#{name}"]'))
    assert value(page, name) == slip
    assert page.one(f"#{name}").get("type") == "text"


@pytest.mark.parametrize(
    ("day", "at"), [("2026-12-04", "17:00"), ("12/4/2026", "5 pm"), ("2026-12-4", "5:00 P.M.")]
)
def test_dates_and_times_are_read_as_people_type_them(ana: Colleague, day: str, at: str) -> None:
    path = ana.begin_issue()

    ana.fill_in({"item-3-closes-on": day, "item-3-closes-at": at})
    ana.fill_in({"item-2-contributor-consents-on": day})
    page = ana.browser.get(path)

    assert value(page, "item-3-closes-on") == "2026-12-04"
    assert value(page, "item-3-closes-at") == "17:00"
    assert value(page, "item-2-contributor-consents-on") == "2026-12-04"


@pytest.mark.parametrize(
    ("name", "sent"),
    [("item-1-section", "essay"), ("language", "tongues"), ("item-3-language", "?")],
)
def test_a_choice_that_is_not_offered_is_refused(ana: Colleague, name: str, sent: str) -> None:
    path = ana.begin_issue()
    csrf = value_of_csrf(ana.browser.page)
    fields = {**typed(IssueContent()), name: sent, "version": "1", "csrf": csrf}

    page = ana.browser.post(path, fields)  # type: ignore[arg-type]

    assert page.status == 422
    assert wrong(page, name)


def test_items_change_places_with_everything_they_hold(ana: Colleague) -> None:
    path = ana.write_issue()
    before = ana.browser.get(path)

    page = ana.fill_in({}, button="move-2-1")

    moved = {name: value(page, name.replace("item-2", "item-1")) for name in item_fields(2)}
    assert moved == {name: value(before, name) for name in item_fields(2)}
    assert value(page, "item-2-headline") == value(before, "item-1-headline")
    assert "Saved, in the new order" in page.text


def test_moving_an_item_that_cannot_be_saved_keeps_the_slip_with_the_item(ana: Colleague) -> None:
    ana.begin_issue()

    page = ana.fill_in({"item-2-link-url": "nowhere"}, button="move-2-3")

    assert page.status == 422
    assert value(page, "item-3-link-url") == "nowhere"
    assert "Item 3" in wrong(page, "item-3-link-url")


def test_asking_for_approval_saves_first_and_says_what_is_missing(ana: Colleague) -> None:
    path = ana.begin_issue()

    page = ana.fill_in({"subject": "Half an issue"}, button="submit")

    assert page.status == 422
    assert "Your text is saved, but it is not ready to be approved" in page.text
    assert "Place 1 of 3 is empty" in wrong(page, "item-1-headline")
    assert value(ana.browser.get(path), "subject") == "Half an issue"


def test_asking_for_approval_leads_to_the_review(ana: Colleague) -> None:
    ana.write_issue(button="submit")

    page = ana.browser.page

    assert "/review/" in page.path
    assert "In review" in page.text
    assert "a colleague is asked to approve it" in page.text


def test_asking_twice_is_harmless(ana: Colleague) -> None:
    path = ana.write_issue(button="submit")
    page = ana.browser.get(path)
    fields = {**typed(complete_content()), "version": "1", "do": "submit"}

    page = ana.browser.post(path, {**fields, "csrf": value_of_csrf(page)})  # type: ignore[dict-item]

    assert page.status == 200
    assert "in review already" in page.text


def item_fields(place: int) -> list[str]:
    return [name for name in FIELDS if name.startswith(f"item-{place}-")]


def value_of_csrf(page: Page) -> str:
    return page.select("input[name=csrf]")[0].get("value", "")


def test_two_who_save_at_once_both_keep_their_text(
    installation: Installation, ana: Colleague
) -> None:
    path = ana.write_issue()
    ben = Colleague(installation, "Ben", Role.WRITER)
    ben.sign_in()
    ana.browser.get(path)
    ben.browser.get(path)
    ben.fill_in({"subject": "Ben’s subject", "item-1-body": "Ben’s text"})

    page = ana.fill_in({"subject": "Ana’s subject", "greeting": "Ana’s greeting"})

    assert page.status == 409
    assert page.title.startswith("Error: ")
    assert "Ben saved this issue while you were writing" in page.text
    assert value(page, "subject") == "Ana’s subject"
    assert [text_of(each) for each in page.select(".both .typed")][:2] == [
        "Ana’s subject",
        "Ben’s subject",
    ]
    assert "Ben’s text" in page.text
    assert "Ben’s subject" in ben.browser.get(path).text


def test_saving_again_after_seeing_both_is_a_decision(
    installation: Installation, ana: Colleague
) -> None:
    path = ana.write_issue()
    ben = Colleague(installation, "Ben", Role.WRITER)
    ben.sign_in()
    ana.browser.get(path)
    ben.browser.get(path)
    ben.fill_in({"subject": "Ben’s subject"})
    ana.fill_in({"subject": "Ana’s subject"})

    page = ana.fill_in({})

    assert page.status == 200
    assert value(page, "subject") == "Ana’s subject"


def test_a_third_save_in_between_is_not_overwritten_either(
    installation: Installation, ana: Colleague
) -> None:
    path = ana.write_issue()
    ben = Colleague(installation, "Ben", Role.WRITER)
    ben.sign_in()
    ana.browser.get(path)
    ben.browser.get(path)
    ben.fill_in({"subject": "First of Ben"})
    ana.fill_in({"subject": "Ana’s subject"})
    ben.fill_in({"subject": "Second of Ben"})

    page = ana.fill_in({})

    assert page.status == 409
    assert "Second of Ben" in page.text


def test_saving_what_is_there_already_is_no_conflict(
    installation: Installation, ana: Colleague
) -> None:
    path = ana.write_issue()
    ben = Colleague(installation, "Ben", Role.WRITER)
    ben.sign_in()
    ana.browser.get(path)
    ben.browser.get(path)
    ben.fill_in({"subject": "The same thought"})

    page = ana.fill_in({"subject": "The same thought"})

    assert page.status == 200


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 40, "²"])
def test_a_form_without_a_version_overwrites_nothing(ana: Colleague, version: str) -> None:
    path = ana.write_issue()
    page = ana.browser.get(path)
    fields = {**typed(IssueContent(subject="Sneaked in")), "version": version}

    page = ana.browser.post(path, {**fields, "csrf": value_of_csrf(page)})  # type: ignore[dict-item]

    assert page.status == 409
    assert value(ana.browser.get(path), "subject") == "Share the lead"


@pytest.mark.parametrize("path", ["999999", "0", "999999999999999999"])
def test_an_issue_that_is_not_there_is_a_page_that_says_so(ana: Colleague, path: str) -> None:
    pages = [
        ana.browser.get(f"/desk/issues/{path}/{part}")
        for part in ("", "preview/", "preview/page/", "review/", "slot/")
    ]

    assert [page.status for page in pages] == [404] * len(pages)
    assert ana.browser.flask.get(f"/desk/issues/{path}/preview/mail.html").status_code == 404


@pytest.mark.parametrize("name", ["subject", "item-1-body"])
def test_a_heap_of_accents_is_refused_at_its_field_and_kept(ana: Colleague, name: str) -> None:
    path = ana.begin_issue()
    heap = "a" + "\u0301\u0327" * 50

    page = ana.fill_in({name: heap})

    assert page.status == 422
    assert "heap of accents" in wrong(page, name)
    assert value(page, name).strip() == heap
    assert ana.browser.get(path).one("#subject").get("value") == ""
