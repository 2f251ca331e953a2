"""The letter beside its text: what is typed, in every form that readers get, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.accessibility import assert_accessible
from tests.support.browser import opened_page
from tests.support.colleague import Colleague, signed_in, typed
from tests.support.installation import Installation, complete_content
from tests.support.page import Page as FetchedPage
from tests.support.page import text_of
from tests.support.served import served
from topthree.domain.editors.permission import Role
from topthree.web.desk.writing.compose_form import FIELDS

LOOKS = ("phone", "wide", "text", "page", "paper")
HOSTILE = (
    "</pre></title></style></textarea><script>parent.ran = 1</script>"
    '<img src=x onerror="parent.ran = 1"> [x](javascript:alert(1)) {{ 7 * 7 }}'
)


@pytest.fixture
def ana(installation: Installation) -> Colleague:
    return signed_in(installation, "Ana", Role.WRITER)


def look_at(ana: Colleague, path: str, fields: Mapping[str, str]) -> FetchedPage:
    """Press the button beside the preview, with these fields typed and nothing else."""
    csrf = ana.browser.get(path).select("input[name=csrf]")[0].get("value", "")
    return ana.browser.post(f"{path}preview/mail.html", {"csrf": csrf, **fields})


def test_what_is_typed_is_shown_and_not_kept(ana: Colleague) -> None:
    path = ana.write_issue()
    fields = {**typed(complete_content()), "subject": "Only typed", "item-1-link-url": "https:/"}

    shown = look_at(ana, path, {name: str(value) for name, value in fields.items()})

    assert (shown.status, text_of(shown.one("h1"))) == (200, "Only typed")
    assert "Only typed" not in ana.browser.get(path).source


def test_every_form_of_the_letter_can_be_asked_for_saved_and_typed(ana: Colleague) -> None:
    path = ana.write_issue()

    for look in (*LOOKS, "nonsense"):
        saved = ana.browser.get(f"{path}preview/mail.html?look={look}&dark=on&no-pictures=on")
        blank = look_at(ana, path, {"look": look, "dark": "on"})

        assert "Five schools that share the lead".upper() in saved.source.upper(), look
        assert (saved.status, blank.status) == (200, 200), look


def test_the_dark_is_the_one_that_dark_programs_show(ana: Colleague) -> None:
    path = ana.write_issue()

    dark = ana.browser.get(f"{path}preview/mail.html?dark=on").source
    light = ana.browser.get(f"{path}preview/mail.html").source

    assert "@media (min-width: 0){.page,.sheet{background-color:#141a18!important}" in dark
    assert "@media (max-width: 0){.page,.sheet{background-color:#141a18!important}" in light


def test_markup_and_script_in_every_field_stay_words(ana: Colleague) -> None:
    path = ana.begin_issue()
    fields = {**dict.fromkeys(FIELDS, HOSTILE), "language": "en"}

    for look in LOOKS:
        shown = look_at(ana, path, {**fields, "look": look})

        assert shown.status == 200
        assert not shown.select("script, img, [onerror], a[href^=javascript]"), look
        assert "script-src" not in shown.headers["Content-Security-Policy"]
        assert "49" not in text_of(shown.one("title"))


def test_hidden_characters_do_not_break_the_preview(ana: Colleague) -> None:
    path = ana.begin_issue()
    odd = "a\x00b\x0bc\ufffe\u202ed😀"

    pages = [look_at(ana, path, {"subject": odd, "item-1-body": odd, "look": x}) for x in LOOKS]

    assert [page.status for page in pages] == [200] * len(LOOKS)


def test_a_million_characters_are_refused_in_the_frame_with_a_reason(ana: Colleague) -> None:
    path = ana.begin_issue()

    shown = look_at(ana, path, {"item-1-body": "word " * 200_000})

    assert shown.status == 422
    assert "too long for a letter" in shown.text
    assert "frame-ancestors 'self'" in shown.headers["Content-Security-Policy"]


def test_a_refusal_can_be_read_in_the_frame(ana: Colleague) -> None:
    path = ana.begin_issue()

    refused = ana.browser.post(f"{path}preview/mail.html", {"csrf": "another", "subject": "x"})

    assert refused.status == 403
    assert "This form has grown old" in refused.text
    assert refused.headers["Content-Security-Policy"].endswith("sandbox; frame-ancestors 'self'")


def come_in(page: Page, ana: Colleague) -> None:
    ana.ask_to_sign_in()
    page.goto(ana.link)
    page.get_by_role("button").click()
    page.get_by_role("button", name="Write an issue").click()
    page.locator("#subject").wait_for()


def test_the_preview_follows_typing_and_leaves_the_way_back_alone(
    installation: Installation, browser: Browser
) -> None:
    ana = Colleague(installation, "Ana", Role.WRITER)

    with served(installation) as url, opened_page(browser, url) as page:
        come_in(page, ana)
        letter = page.frame_locator("#stage iframe:not(.coming)")
        before = page.evaluate("history.length")
        page.locator("#item-2-body").press_sequentially("It **follows**")
        expect(letter.locator("strong", has_text="follows")).to_be_visible()
        page.locator("#subject").fill("Five")
        expect(letter.locator("h1")).to_have_text("Five")
        expect(page.locator(".inbox b")).to_have_text("Five")
        assert page.evaluate("history.length") == before
        page.get_by_role("radio", name="Phone").focus()
        for name, tag in (("Desktop", "h1"), ("Text", "pre"), ("Web page", "article")):
            page.keyboard.press("ArrowRight")
            assert page.get_by_role("radio", name=name).is_checked()
            expect(letter.locator(tag).first).to_contain_text("Five", ignore_case=True)
        page.get_by_role("checkbox", name="Dark").press("Space")
        expect(letter.locator("body")).to_have_css("background-color", "rgb(20, 26, 24)")
        assert_accessible(page)
        page.locator("#item-1-body").fill("word " * 200_000)
        expect(page.locator("#preview-hint")).to_contain_text("too long for a letter")
        page.locator("#item-1-body").fill("short again")
        expect(letter.locator("article")).to_contain_text("short again")


def test_every_form_of_the_letter_is_reached_without_script(
    installation: Installation, browser: Browser
) -> None:
    ana = Colleague(installation, "Ana", Role.WRITER)

    with served(installation) as url, opened_page(browser, url, with_script=False) as page:
        come_in(page, ana)
        page.locator("#subject").fill("By hand")
        letter = page.frame_locator("#stage iframe")
        widths = []
        for name, tag in (("Desktop", "h1"), ("Text", "pre"), ("On paper", "h1"), ("Phone", "h1")):
            page.get_by_role("radio", name=name).check(force=True)
            page.get_by_role("button", name="Show what is typed").click()
            expect(letter.locator(tag)).to_contain_text("By hand", ignore_case=True)
            widths.append(letter.locator("html").evaluate("() => innerWidth"))
        assert widths == [640, 640, 816, 360]


def test_only_an_address_with_the_mark_of_its_content_is_kept_for_ever(ana: Colleague) -> None:
    page = ana.browser.get(ana.begin_issue())
    marked = page.one("script[src*=writing]").get("src", "")

    with ana.browser.flask.get(marked) as kept, ana.browser.flask.get("/static/marks.js") as bare:
        headers = [answer.headers["Cache-Control"] for answer in (kept, bare)]

    assert "immutable" in headers[0]
    assert headers[1] == "public, no-cache"
