"""Items live in the bank, go into issues, and come back; nothing of them is lost on the way."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from werkzeug.datastructures import MultiDict

from tests.support.colleague import Colleague, signed_in
from tests.support.databases import on_both_databases
from tests.support.forms import Entry, fill_in
from tests.support.installation import Installation
from tests.support.page import Page, text_of
from tests.support.publishing import publish
from topthree.domain.editors.permission import Role

NEW = "/desk/bank/new/"
READY: dict[str, Entry] = {
    "item-headline": "The first ten minutes",
    "item-body": "I count chairs.",
    "state": "ready",
    "tags": "Mornings, grade 5",
    "note": "Ask Ben.",
}


@pytest.fixture
def ana(installation: Installation) -> Colleague:
    return signed_in(installation, "Ana", Role.PUBLISHER)


def write(colleague: Colleague, entries: dict[str, Entry] | None = None, **more: Entry) -> Page:
    """Fill in the page of a new item and save it."""
    colleague.browser.get(NEW)
    return colleague.browser.submit("#bank-item", {**(entries or READY), **more})


def says_by_itself(colleague: Colleague, path: str, typed: Mapping[str, Entry]) -> dict[str, str]:
    """Send what the form on the screen holds as its script does, and return what comes back."""
    fields = MultiDict(fill_in(colleague.browser.page, "#bank-item", typed).fields)
    answer = colleague.browser.flask.post(path, data=fields)
    assert answer.status_code == 200
    said: dict[str, str] = answer.get_json()
    return {name: str(value) for name, value in said.items()}


def begin(colleague: Colleague) -> str:
    """Begin an issue and return the path of its places."""
    return f"{colleague.begin_issue()}places/"


def fill(colleague: Colleague, path: str, headline: str) -> Page:
    """Press the button beside the item with this headline."""
    page = colleague.browser.get(path)
    row = next(row for row in page.select(".rows > li") if headline in text_of(row))
    button = row.cssselect("button[name=item]")[0]
    csrf = row.cssselect("input[name=csrf]")[0].get("value", "")
    return colleague.browser.post(path, {"item": button.get("value", ""), "csrf": csrf})


def heads(page: Page) -> list[str]:
    return [text_of(heading) for heading in page.select(".rows h3")]


def test_an_empty_bank_says_what_to_do_first(ana: Colleague) -> None:
    page = ana.browser.get("/desk/bank/")

    assert "The bank is empty. Write the first item" in page.text
    assert page.one(".top a.button").get("href") == NEW


def test_an_item_is_written_found_and_written_again(ana: Colleague) -> None:
    added = write(ana)
    again = ana.browser.submit("#bank-item", {"item-headline": "The first five minutes"})
    found = ana.browser.get("/desk/bank/?q=five+ben&tag=Mornings&state=ready")

    assert "It is in the bank now" in added.text
    assert again.heading == "The first five minutes"
    assert heads(found) == ["The first five minutes"]
    assert "1 item found" in found.text
    assert "Nothing here is like that" in ana.browser.get("/desk/bank/?q=zebra").text


def test_what_is_called_ready_but_is_not_is_kept_and_says_what_is_missing(ana: Colleague) -> None:
    page = write(ana, {"item-headline": "A thought", "state": "ready"})

    assert page.status == 422
    assert "It is saved, as being written" in page.text
    assert page.select('.summary a[href="#item-body"]')
    saved = ana.browser.submit("#bank-item", {"item-body": "And its text.", "state": "ready"})
    assert "Ready" in text_of(saved.one(".top"))
    assert len(heads(ana.browser.get("/desk/bank/"))) == 1


def test_slips_are_said_at_their_fields_and_nothing_typed_is_lost(ana: Colleague) -> None:
    page = ana.browser.get(NEW)
    typed = {
        "csrf": page.select("input[name=csrf]")[0].get("value", ""),
        "item-section": "resource",
        "item-kicker": "Kept",
        "item-headline": "<script>\x00",
        "item-body": "x" * 1_000_000,
        "tags": "x" * 10_000,
        "use-by": "soon",
        "note": "x" * 1_001,
    }

    page = ana.browser.post(NEW, typed)

    assert page.status == 422
    wrong = ["item-headline", "item-body", "tags", "use-by", "note"]
    assert all(page.select(f"#{field}-wrong") for field in wrong)
    assert page.one("#item-kicker").get("value") == "Kept"
    assert not heads(ana.browser.get("/desk/bank/"))


@on_both_databases
def test_a_new_item_is_in_the_bank_once_while_it_is_written(ana: Colleague) -> None:
    ana.browser.get(NEW)

    begun = says_by_itself(ana, f"{NEW}autosave/", {"item-headline": "A her"})
    lost = says_by_itself(ana, f"{NEW}autosave/", {"item-headline": "A heron"})
    typed = {"item-headline": "A heron on the way", "version": lost["version"]}
    later = says_by_itself(ana, lost["to"], typed)

    assert (begun["fate"], later["fate"]) == ("saved", "saved")
    assert begun["to"] == lost["to"]
    assert heads(ana.browser.get("/desk/bank/")) == ["A heron on the way"]
    assert len(ana.browser.get("/desk/audit/?kind=item").select("tbody tr")) == 1


def test_what_a_colleague_made_of_a_new_item_is_not_overwritten_by_itself(
    ana: Colleague, installation: Installation
) -> None:
    ben = Colleague(installation, "Ben", Role.WRITER)
    ben.sign_in()
    ana.browser.get(NEW)
    begun = says_by_itself(ana, f"{NEW}autosave/", {"item-headline": "A heron"})
    ben.browser.get(begun["page"])
    ben.browser.submit("#bank-item", {"item-headline": "Two herons"})

    again = says_by_itself(ana, f"{NEW}autosave/", {"item-headline": "A heron again"})

    assert "Ben saved it meanwhile" in again["words"]
    assert heads(ana.browser.get("/desk/bank/")) == ["Two herons"]


def test_what_is_empty_or_unfit_begins_no_item_by_itself(ana: Colleague) -> None:
    ana.browser.get(NEW)
    empty = says_by_itself(ana, f"{NEW}autosave/", {"item-kicker": "The Buzz"})
    unfit = says_by_itself(ana, f"{NEW}autosave/", {"item-link-url": "nowhere"})

    assert empty["stays"]
    assert "https://" in unfit["words"]
    assert not heads(ana.browser.get("/desk/bank/"))


def test_an_item_that_is_ready_or_was_saved_meanwhile_is_not_changed_by_itself(
    ana: Colleague,
) -> None:
    ready = f"{write(ana).path.partition('?')[0]}autosave/"
    of_ready = says_by_itself(ana, ready, {"item-headline": "A slip of the hand"})
    draft = f"{write(ana, {'item-headline': 'A thought'}).path.partition('?')[0]}autosave/"
    says_by_itself(ana, draft, {"item-headline": "A second thought"})
    of_old = says_by_itself(ana, draft, {"item-headline": "Another one"})

    assert "only Save changes it" in of_ready["words"]
    assert "saved it meanwhile" in of_old["words"]
    assert heads(ana.browser.get("/desk/bank/")) == ["A second thought", "The first ten minutes"]


def test_the_same_button_fifty_times_makes_one_item(ana: Colleague) -> None:
    page = ana.browser.get(NEW)
    hidden = {
        name: page.one(f"#bank-item input[name={name}]").get("value", "")
        for name in ("csrf", "key")
    }

    for _ in range(50):
        ana.browser.flask.post(NEW, data={"item-section": "resource", "tags": "once", **hidden})

    assert len(heads(ana.browser.get("/desk/bank/"))) == 1


def test_two_tabs_get_both_texts_side_by_side(ana: Colleague) -> None:
    path = write(ana).path.partition("?")[0]
    first = ana.browser.page.one("input[name=version]").get("value", "")
    ana.browser.submit("#bank-item", {"item-headline": "Theirs"})

    page = ana.browser.submit("#bank-item", {"version": first, "item-headline": "Mine"})
    saved = ana.browser.submit("#bank-item", {"item-headline": "Both"})

    assert page.status == 409
    assert "Nothing is lost" in page.text
    assert [text_of(each) for each in page.select(".both .typed")] == ["Mine", "Theirs"]
    assert saved.path.startswith(path)
    assert saved.heading == "Both"


def test_an_issue_is_filled_from_the_bank_place_by_place(ana: Colleague) -> None:
    write(ana)
    sections = {"item-section": "reflection", "item-contributor-name": "A teacher"}
    write(ana, READY | sections | {"item-headline": "Doors"})
    write(ana, READY | {"item-section": "opportunity", "item-headline": "A seat"})
    places = begin(ana)

    second = fill(ana, f"{places}1/", "The first ten minutes")
    third = fill(ana, f"{places}2/", "Doors")
    whole = fill(ana, f"{places}3/", "A seat")

    assert second.heading == "Choose a reflection for place 2"
    assert third.heading == "Choose an opportunity for place 3"
    assert "All three places are filled" in whole.text
    assert whole.one("#item-2-headline").get("value") == "Doors"
    bank = ana.browser.get("/desk/bank/?state=used")
    assert len(heads(bank)) == 3


def test_what_is_over_before_the_slot_is_not_offered(ana: Colleague) -> None:
    write(ana, READY | {"use-by": "2026-12-01"})
    path = begin(ana)
    ana.browser.get(path.replace("places/", "slot/"))
    ana.browser.submit("form.choices", {"day": "2026-12-03"})

    page = ana.browser.get(f"{path}1/")

    assert "Nothing in the bank is like that" in page.text
    assert "before Thursday, December 3, 2026" in page.text


def test_what_stands_in_a_place_is_asked_for_before_it_makes_room(ana: Colleague) -> None:
    write(ana)
    places = begin(ana)
    ana.browser.get(places.removesuffix("places/"))
    ana.fill_in({"item-1-headline": "Typed here"})

    asked = fill(ana, f"{places}1/", "The first ten minutes")
    put = ana.browser.submit("main form")

    assert asked.status == 409
    assert asked.heading == "Shall it make room?"
    assert put.heading == "Choose a reflection for place 2"
    assert sorted(heads(ana.browser.get("/desk/bank/"))) == ["The first ten minutes", "Typed here"]


def test_an_item_comes_back_with_what_was_written_in_the_issue(ana: Colleague) -> None:
    item = write(ana).path.partition("?")[0]
    places = begin(ana)
    fill(ana, f"{places}1/", "The first ten minutes")
    ana.browser.get(places.removesuffix("places/"))
    ana.fill_in({"item-1-headline": "The first hour"})

    standing = ana.browser.get(item)
    ana.browser.submit("form[action$='/places/1/out/']")
    back = ana.browser.get(item)

    assert "It stands in an untitled issue, place 1" in standing.text
    assert not standing.select("#item-body")
    assert back.one("#item-headline").get("value") == "The first hour"
    assert "Ready" in text_of(back.one(".top"))
    assert "Choose a resource for place 1" in ana.browser.get(f"{places}1/").text


def test_what_was_typed_while_the_item_went_into_an_issue_stays_in_sight(ana: Colleague) -> None:
    shown = write(ana)
    late = fill_in(shown, "#bank-item", {"item-headline": "Typed too late"})
    fill(ana, f"{begin(ana)}1/", "The first ten minutes")

    refused = ana.browser.post(late.action, dict(late.fields))

    assert refused.status == 409
    assert refused.one("#item-headline").get("value") == "Typed too late"
    assert refused.select("button[formaction='/desk/bank/new/']")


def test_an_item_deleted_while_it_stands_in_an_issue_leaves_its_text_there(ana: Colleague) -> None:
    item = write(ana).path.partition("?")[0]
    places = begin(ana)
    fill(ana, f"{places}1/", "The first ten minutes")

    asked = ana.browser.get(f"{item}delete/")
    done = ana.browser.submit("main form")

    assert "keeps its text" in asked.text
    assert "Deleted from the bank" in done.text
    assert "The bank is empty" in done.text
    written = ana.browser.get(places.removesuffix("places/"))
    assert written.one("#item-1-headline").get("value") == "The first ten minutes"
    assert ana.browser.get(item).status == 404


def test_a_text_of_an_issue_is_kept_in_the_bank(ana: Colleague) -> None:
    places = begin(ana)
    ana.browser.get(places.removesuffix("places/"))
    ana.fill_in({"item-1-headline": "Typed here"})
    ana.browser.get(f"{places}1/")

    page = ana.browser.submit("form[action$='/keep/']")

    assert "A copy is in the bank" in page.text
    assert page.one("#item-headline").get("value") == "Typed here"


def test_an_item_is_chosen_a_place_on_its_own_page_and_copied(ana: Colleague) -> None:
    item = write(ana).path.partition("?")[0]
    nowhere = ana.browser.get(f"{item}places/")
    begin(ana)

    ana.browser.get(f"{item}places/")
    put = ana.browser.submit("form.choices")
    ana.browser.get(item)
    copy = ana.browser.submit("form[action$='/copy/']")

    assert "There is no issue in work" in nowhere.text
    assert put.heading == "Choose a reflection for place 2"
    assert "This is the copy" in copy.text
    assert copy.one("#state option[selected]").get("value") == "drafting"


def test_something_that_closes_is_run_again_as_a_last_call(ana: Colleague) -> None:
    closing = {"item-section": "opportunity", "item-closes-on": "2026-12-18"}
    item = write(ana, READY | closing).path.partition("?")[0]
    begin(ana)

    asked = ana.browser.get(f"{item}last-call/")
    places = ana.browser.submit("form.choices")

    days = [box.get("value") for box in asked.select("input[name=day]")]
    assert days == ["2026-12-03", "2026-12-17"]
    assert "The last call is in the bank" in places.text
    assert "Last call: The first ten minutes" in places.text


def test_what_has_gone_out_is_run_again_only_while_it_is_open(
    installation: Installation, ana: Colleague
) -> None:
    publish(installation)
    ana.sign_in()

    place = ana.browser.get("/desk/issues/1/places/3/")
    page = ana.browser.get("/desk/issues/1/places/3/last-call/")

    assert not place.select("form[action$='/out/']")
    assert "It has no closing date" in page.text
    csrf = ana.browser.get(NEW).one("#bank-item input[name=csrf]").get("value", "")
    out = ana.browser.post("/desk/issues/1/places/3/out/", {"csrf": csrf})
    assert out.status == 409


def test_what_no_page_offers_is_refused(ana: Colleague) -> None:
    begin(ana)
    csrf = ana.browser.get(NEW).one("#bank-item input[name=csrf]").get("value", "")
    asked = [
        ("/desk/bank/77/", "1"),
        ("/desk/bank/77/copy/", "1"),
        ("/desk/issues/1/places/1/", "all"),
        ("/desk/issues/1/places/9/", "1"),
        ("/desk/issues/77/places/1/", "1"),
    ]

    pages = [
        ana.browser.post(path, {"csrf": csrf, "item-section": "resource", "item": item})
        for path, item in asked
    ]

    assert [page.status for page in pages] == [404, 404, 400, 404, 404]
