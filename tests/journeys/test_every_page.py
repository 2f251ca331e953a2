"""Every page there is, in a real browser: axe in light and dark, and a phone's width."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.support.accessibility import assert_accessible
from tests.support.browser import opened_page
from tests.support.databases import Databases
from tests.support.desk_session import let_in
from tests.support.lived_in import LivedIn, lived_in
from tests.support.served import served
from topthree.app import create_app
from topthree.domain.subscribers.address import EmailAddress
from topthree.domain.writing.issue import SUBJECT_LIMIT
from topthree.services.editors.sign_in import make_sign_in_token
from topthree.settings import read_settings
from topthree.tokens import Purpose

DRAFT, SENT, LONGEST = 8, 9, 10
#: An issue whose places are full, and one that has only its third, from the bank.
FROM_BANK = (10, 11)
#: An issue that was approved, changed, commented on, shared and tried.
TALKED_ABOUT = 12
#: Where each page is seen, by endpoint; several states of one where they look different.
PATHS = {
    "public.landing": ["/"],
    "public.show_joining": ["/subscribe/"],
    "public.archive": ["/issues/"],
    "public.issue": ["/issues/2026-11-19/", "/issues/2026-09-24/", "/issues/2026-12-03/"],
    "public.issue_as_sent": ["/issues/2026-12-03/as-sent/", "/issues/2026-11-19/as-sent/"],
    "public.privacy": ["/privacy/"],
    "public.accessibility": ["/accessibility/"],
    "public.show_confirming": ["/c/{confirm}/", "/c/nonsense/"],
    "public.show_disowning": ["/w/{disown}/", "/w/nonsense/"],
    "public.show_leaving": ["/u/{leave}/", "/u/nonsense/"],
    "public.show_shared": ["/s/{shared}/", "/s/{no_longer_shared}/"],
    "public.show_shared_mail": ["/s/{shared}/mail/"],
    "public.show_keeping": ["/b/{undo_leaving}/", "/b/nonsense/"],
    "desk.sign_in": ["/desk/sign-in/"],
    "desk.show_link": ["/desk/sign-in/{sign_in}/", "/desk/sign-in/nonsense/"],
    "desk.back_from_provider": ["/desk/sign-in/oidc/back/"],
    "desk.board": ["/desk/"],
    "desk.issues": ["/desk/issues/"],
    "desk.compose": [
        "/desk/issues/99/",
        f"/desk/issues/{DRAFT}/?tab=kept",
        *(f"/desk/issues/{issue}/" for issue in (DRAFT, SENT, FROM_BANK[1])),
    ],
    "desk.picture": [
        f"/desk/issues/{LONGEST}/items/1/picture/",
        f"/desk/issues/{LONGEST}/items/2/picture/",
        f"/desk/issues/{LONGEST}/items/2/portrait/",
    ],
    "desk.preview": [f"/desk/issues/{DRAFT}/preview/"],
    "desk.preview_text": [f"/desk/issues/{DRAFT}/preview/text/"],
    "desk.preview_page": [f"/desk/issues/{DRAFT}/preview/page/"],
    "desk.review": [
        f"/desk/issues/{issue}/review/" for issue in (DRAFT, SENT, FROM_BANK[1], TALKED_ABOUT)
    ],
    "desk.show_comment": [f"/desk/issues/{TALKED_ABOUT}/comments/1/"],
    "desk.show_sharing": [f"/desk/issues/{issue}/share/" for issue in (DRAFT, SENT, TALKED_ABOUT)],
    "desk.bank": ["/desk/bank/", "/desk/bank/?q=zebra&state=idea"],
    "desk.new_bank_item": ["/desk/bank/new/"],
    "desk.bank_item": ["/desk/bank/1/", "/desk/bank/2/"],
    "desk.places": ["/desk/bank/1/places/"],
    "desk.bank_picture": ["/desk/bank/2/picture/"],
    "desk.show_last_call": ["/desk/bank/1/last-call/", "/desk/bank/2/last-call/"],
    "desk.show_deleting": ["/desk/bank/2/delete/"],
    "desk.place": [f"/desk/issues/{issue}/places/1/" for issue in (SENT, *FROM_BANK)],
    "desk.show_last_call_of_place": [f"/desk/issues/{SENT}/places/1/last-call/"],
    "desk.history": [f"/desk/issues/{LONGEST}/history/"],
    "desk.compare": [f"/desk/issues/{LONGEST}/history/compare/?from=1&to=2"],
    "desk.version": [f"/desk/issues/{LONGEST}/history/1/"],
    "desk.slot": [f"/desk/issues/{DRAFT}/slot/", f"/desk/issues/{SENT}/slot/"],
    "desk.show_sending": [f"/desk/issues/{DRAFT}/send/"],
    "desk.show_correcting": [f"/desk/issues/{SENT}/correct/"],
    "desk.runs": ["/desk/runs/"],
    "desk.run": ["/desk/runs/1/"],
    "desk.show_cancelling": ["/desk/runs/1/cancel/"],
    "desk.show_missed": ["/desk/runs/1/missed/"],
    "desk.show_corrected_letter": ["/desk/runs/1/corrected/"],
    "desk.held": ["/desk/runs/1/held/"],
    "desk.people": ["/desk/runs/1/people/", "/desk/runs/1/people/?outcome=failed"],
    "desk.calendar": [
        "/desk/calendar/",
        "/desk/calendar/?change=move&on=2026-12-31&until=2027-01-07&note=Winter+break",
    ],
    "desk.school_calendar": ["/desk/calendar/breaks/"],
    "desk.editors": ["/desk/editors/"],
    "desk.editor": ["/desk/editors/{editor}/", "/desk/editors/{other_editor}/"],
    "desk.me": ["/desk/me/"],
    "desk.audit": ["/desk/audit/", "/desk/audit/?kind=issue&thing=77"],
    "desk.show_removing": ["/desk/editors/{editor}/remove/"],
    "desk.outbox": ["/desk/outbox/"],
    "desk.message": ["/desk/outbox/none/"],
}
#: Answers that are no pages: files, redirects, and mail in a frame with rules of its own.
NO_PAGES = {
    "static",
    "hooks.healthz",
    "hooks.send_to_the_page",
    "public.feed",
    "public.media",
    "public.robots",
    "public.shared_mail",
    "public.sitemap",
    "desk.message_html",
    "desk.audit_file",
    "desk.people_file",
    "desk.preview_mail",
}
#: What differs between two houses that are the same: secrets, and the numbers of their writers.
_OF_ITS_OWN = re.compile(
    r"""(?<=name="(?:csrf|form)"\ value=") [\w-]+ | [\w~-]{20,} | (?i:(?<=writer-|lisher-) \d+)""",
    re.VERBOSE,
)


def words_of(house: LivedIn) -> dict[str, str]:
    """What stands in the paths: tokens, and numbers of people."""
    wiring, now = house.installation.wiring, house.installation.clock()
    with wiring.writing() as session:
        kim = EmailAddress(local="kim", domain="desk.example")
        sign_in = make_sign_in_token(session, wiring.tokens, kim, now)
    return {
        "confirm": wiring.tokens.sign(Purpose.CONFIRM, 3, now),
        "disown": wiring.tokens.sign(Purpose.DISOWN, 3, now),
        "leave": wiring.tokens.sign(Purpose.UNSUBSCRIBE, 1, now),
        "undo_leaving": wiring.tokens.sign(Purpose.UNDO_LEAVING, 1, now),
        "shared": wiring.tokens.sign(Purpose.SHARE, 1, now),
        "no_longer_shared": wiring.tokens.sign(Purpose.SHARE, 2, now),
        "sign_in": sign_in,
        "editor": str(house.editor.id),
        "other_editor": str(house.editor.id + 1),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A lived-in house that answers browsers."""

    origin: str
    words: dict[str, str]
    #: Lets the administrator in.
    secret: str

    def show(self, page: Page, path: str) -> None:
        is_inside = path.startswith("/desk/") and not path.startswith("/desk/sign-in/")
        if is_inside:
            page.context.add_cookies([{"name": "desk", "value": self.secret, "url": self.origin}])
        page.goto(path.format(**self.words))


@pytest.fixture(scope="module")
def shown(sqlite_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """One house for all pages: looking changes nothing."""
    folder = tmp_path_factory.mktemp("lived-in") / "house"
    for url in sqlite_databases.fresh():
        with lived_in(folder, url) as house, served(house.installation) as origin:
            secret = let_in(house.installation, house.editor)
            yield Shown(origin=origin, words=words_of(house), secret=secret)


@pytest.mark.parametrize("endpoint", PATHS)
def test_axe_finds_nothing_and_a_phone_scrolls_one_way_only(
    shown: Shown, browser: Browser, endpoint: str
) -> None:
    with opened_page(browser, shown.origin) as page:
        for path in PATHS[endpoint]:
            shown.show(page, path)
            assert_good_at_every_width(page)


def test_a_form_that_came_after_the_session_is_as_good_a_page(
    shown: Shown, browser: Browser
) -> None:
    with opened_page(browser, shown.origin) as page:
        shown.show(page, f"/desk/issues/{DRAFT}/")
        send_after_the_session(page)
        assert_good_at_every_width(page)


def send_after_the_session(page: Page) -> None:
    """Come to the page that keeps what somebody typed when they were signed out already."""
    page.context.clear_cookies()
    page.locator("#subject").fill("W" * SUBJECT_LIMIT)
    page.get_by_role("button", name="Save", exact=True).last.press("Enter")
    page.get_by_role("heading", name="You are signed out, and nothing is lost").wait_for()


def assert_good_at_every_width(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    assert_accessible(page, "light", "dark")
    page.set_viewport_size({"width": 320, "height": 900})
    assert_accessible(page, "light")
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 320, f"{page.url} is {wide} px wide on a screen of 320 px"


def test_no_page_was_forgotten(tmp_path: Path) -> None:
    app = create_app(read_settings({"TOPTHREE_INSTANCE": str(tmp_path)}))

    pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}

    assert pages - NO_PAGES == set(PATHS)


def test_every_page_says_the_same_on_both_databases(
    sqlite_databases: Databases, postgresql_databases: Databases, tmp_path: Path
) -> None:
    small, large = (
        read_everything(databases, tmp_path / kind)
        for kind, databases in (("small", sqlite_databases), ("large", postgresql_databases))
    )

    assert small == large


def read_everything(databases: Databases, folder: Path) -> dict[str, str]:
    """Every page of a lived-in house, but for what is of that house alone."""
    read: dict[str, str] = {}
    for url in databases.fresh():
        with lived_in(folder, url) as house:
            words, browser = words_of(house), house.installation.app.test_client()
            browser.set_cookie("desk", let_in(house.installation, house.editor))
            for path in (path for paths in PATHS.values() for path in paths):
                answer = browser.get(path.format(**words))
                assert answer.status_code < 500, path
                read[path] = _OF_ITS_OWN.sub("…", answer.text)
    return read
