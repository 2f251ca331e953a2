"""Every page there is, in a real browser: axe in light and dark, and a phone's width."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy.orm import Session

from tests.support.accessibility import assert_accessible
from tests.support.agreeing import talk_about_an_issue
from tests.support.banking import stock
from tests.support.browser import opened_page
from tests.support.databases import Databases
from tests.support.faults import Fault, Phase
from tests.support.installation import Installation, complete_content, dismantle, install
from tests.support.kept_pictures import with_pictures
from tests.support.relay import Relay
from tests.support.sending import send_what_is_due
from tests.support.served import served
from topthree.domain.address import EmailAddress
from topthree.domain.audit import TERMINAL
from topthree.domain.ids import EditorId, IssueId
from topthree.domain.issue import SUBJECT_LIMIT, IssueContent
from topthree.domain.item import HEADLINE_LIMIT
from topthree.domain.permission import Role
from topthree.domain.school_calendar import SchoolBreak
from topthree.services.archive.correct_issue import Correcting, correct_issue
from topthree.services.archive.exchange_issue_files import import_files
from topthree.services.editors.sign_in import make_sign_in_token
from topthree.services.identity.editor_view import EditorView
from topthree.services.planning.school_calendar import Takeover, take_over_breaks
from topthree.services.sending.open_run import open_due_runs
from topthree.services.subscribers.subscribe import SignUp, subscribe
from topthree.services.writing.compose_issue import Save, create_issue, save_issue
from topthree.services.writing.presence import note_presence
from topthree.services.writing.read_desk import find_issue_named
from topthree.services.writing.working_copies import Sheet, keep_working_copy
from topthree.tokens import Purpose

SAMPLES = Path(__file__).resolve().parents[2] / "issues"
ANN = EmailAddress(local="ann", domain="school.example")
WINTER = Takeover(
    breaks=(
        SchoolBreak(first=date(2026, 12, 24), last=date(2027, 1, 3), name="Winter break"),
        SchoolBreak(first=date(2027, 2, 15), last=date(2027, 2, 15), name="Presidents’ Day"),
    ),
    source="school-calendar-of-the-whole-district.ics",
    replaces=False,
)
#: An issue whose places are full, and one that has only its third, from the bank.
FROM_BANK = (10, 11)
#: An issue that was approved, changed, commented on, shared and tried.
TALKED_ABOUT = 12
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


@pytest.fixture
def house(
    sqlite_databases: Databases, relay: Relay, tmp_path: Path
) -> Iterator[tuple[Installation, EditorView]]:
    """A lived-in house: an archive, a run with a failure, work in hand, mail in the outbox."""
    for url in sqlite_databases.fresh():
        installation = install(tmp_path / "house", url, TOPTHREE_SMTP_URL=relay.url)
        relay.add_fault(Fault(phase=Phase.RCPT, recipient="gone@school.example", refuse="550 no"))
        installation.add_subscribers("ben@school.example", "gone@school.example")
        with installation.wiring.writing() as session:
            import_files(
                session, installation.wiring.cadence, [SAMPLES], TERMINAL, installation.clock()
            )
        artist = installation.add_editor("Artist", Role.WRITER)
        content = with_pictures(installation, artist, complete_content())
        installation.schedule_approved_issue(content)
        installation.clock.now = installation.clock.now.replace(month=12, day=3, hour=11)
        (run_id,) = open_due_runs(installation.wiring)
        send_what_is_due(installation.wiring, run_id)
        editor = installation.add_editor("Publisher", Role.ADMINISTRATOR)
        installation.add_editor("Kim", Role.WRITER)
        with installation.wiring.writing() as session:
            fresh = create_issue(session, longest_content(content), editor, installation.clock())
            leave_text_beside(session, fresh.id, editor, installation.clock())
            sign_up = SignUp(address=ANN, source="a test", ip="127.0.0.1")
            subscribe(session, sign_up, installation.clock())
            take_over_breaks(session, WINTER, editor, installation.clock())
            stock(session, installation, editor)
            amend(session, editor, installation.clock())
            assert talk_about_an_issue(session, installation, editor) == TALKED_ABOUT
        yield installation, editor
        dismantle(installation)


def amend(session: Session, editor: EditorView, now: datetime) -> None:
    """Correct the page of the issue that was sent."""
    sent = find_issue_named(session, "2026-12-03")
    note = "The greeting was for another day; see https://www.example.gov/" + "x" * 90
    content = replace(sent.content, greeting="Dear teachers, here are the three again.")
    correcting = Correcting(issue_id=sent.id, based_on=0, content=content, note=note)
    correct_issue(session, correcting, editor, now)


def leave_text_beside(
    session: Session, changed: IssueId, editor: EditorView, now: datetime
) -> None:
    """Let an issue have two versions, and a draft and a published one text that is not in them."""
    later = Save(issue_id=changed, version=1, content=complete_content("V" * SUBJECT_LIMIT))
    save_issue(session, later, editor, now)
    for issue_id in (IssueId(8), IssueId(9)):
        sheet = Sheet(issue_id=issue_id, editor_id=editor.id, tab="kept")
        kept = {"subject": "W" * SUBJECT_LIMIT, "item-1-link-url": "nowhere"}
        keep_working_copy(session, sheet, 1, kept, now)
        note_presence(session, replace(sheet, editor_id=EditorId(1)), 1, now)


def longest_content(content: IssueContent) -> IssueContent:
    """An issue whose subject and first headline are one word each, as long as they may be."""
    first, second, third = content.items
    items = (replace(first, headline="W" * HEADLINE_LIMIT), second, third)
    return replace(content, subject="W" * SUBJECT_LIMIT, items=items)


def paths(house: Installation, editor: EditorView) -> dict[str, list[str]]:
    """Where each page is seen, by endpoint; several states of one where they look different."""
    now = house.clock()

    def token(purpose: Purpose, subject: int) -> str:
        return house.wiring.tokens.sign(purpose, subject, now)

    with house.wiring.writing() as session:
        address = EmailAddress(local=editor.name.lower(), domain="desk.example")
        sign_in = make_sign_in_token(session, house.wiring.tokens, address, now)
    draft, sent, longest = 8, 9, 10
    return {
        "public.landing": ["/"],
        "public.show_joining": ["/subscribe/"],
        "public.archive": ["/issues/"],
        "public.issue": ["/issues/2026-11-19/", "/issues/2026-09-24/", "/issues/2026-12-03/"],
        "public.issue_as_sent": ["/issues/2026-12-03/as-sent/", "/issues/2026-11-19/as-sent/"],
        "public.privacy": ["/privacy/"],
        "public.accessibility": ["/accessibility/"],
        "public.show_confirming": [f"/c/{token(Purpose.CONFIRM, 3)}/", "/c/nonsense/"],
        "public.show_disowning": [f"/w/{token(Purpose.DISOWN, 3)}/", "/w/nonsense/"],
        "public.show_leaving": [f"/u/{token(Purpose.UNSUBSCRIBE, 1)}/", "/u/nonsense/"],
        "public.show_shared": [f"/s/{token(Purpose.SHARE, link)}/" for link in (1, 2)],
        "public.show_shared_mail": [f"/s/{token(Purpose.SHARE, 1)}/mail/"],
        "public.show_keeping": [f"/b/{token(Purpose.UNDO_LEAVING, 1)}/", "/b/nonsense/"],
        "desk.sign_in": [],
        "desk.show_link": [f"/desk/sign-in/{sign_in}/", "/desk/sign-in/nonsense/"],
        "desk.back_from_provider": ["/desk/sign-in/oidc/back/"],
        "desk.board": ["/desk/"],
        "desk.issues": ["/desk/issues/"],
        "desk.compose": [
            f"/desk/issues/{draft}/?tab=kept",
            *(f"/desk/issues/{issue}/" for issue in (draft, sent, FROM_BANK[1])),
        ],
        "desk.picture": [
            f"/desk/issues/{longest}/items/1/picture/",
            f"/desk/issues/{longest}/items/2/picture/",
            f"/desk/issues/{longest}/items/2/portrait/",
        ],
        "desk.preview": [f"/desk/issues/{draft}/preview/"],
        "desk.preview_text": [f"/desk/issues/{draft}/preview/text/"],
        "desk.preview_page": [f"/desk/issues/{draft}/preview/page/"],
        "desk.review": [
            f"/desk/issues/{issue}/review/" for issue in (draft, sent, FROM_BANK[1], TALKED_ABOUT)
        ],
        "desk.show_comment": [f"/desk/issues/{TALKED_ABOUT}/comments/1/"],
        "desk.show_sharing": [
            f"/desk/issues/{issue}/share/" for issue in (draft, sent, TALKED_ABOUT)
        ],
        "desk.bank": ["/desk/bank/", "/desk/bank/?q=zebra&state=idea"],
        "desk.new_bank_item": ["/desk/bank/new/"],
        "desk.bank_item": ["/desk/bank/1/", "/desk/bank/2/"],
        "desk.places": ["/desk/bank/1/places/"],
        "desk.bank_picture": ["/desk/bank/2/picture/"],
        "desk.show_last_call": ["/desk/bank/1/last-call/", "/desk/bank/2/last-call/"],
        "desk.show_deleting": ["/desk/bank/2/delete/"],
        "desk.place": [f"/desk/issues/{issue}/places/1/" for issue in (sent, *FROM_BANK)],
        "desk.show_last_call_of_place": [f"/desk/issues/{sent}/places/1/last-call/"],
        "desk.history": [f"/desk/issues/{longest}/history/"],
        "desk.compare": [f"/desk/issues/{longest}/history/compare/?from=1&to=2"],
        "desk.version": [f"/desk/issues/{longest}/history/1/"],
        "desk.slot": [f"/desk/issues/{draft}/slot/", f"/desk/issues/{sent}/slot/"],
        "desk.show_sending": [f"/desk/issues/{draft}/send/"],
        "desk.show_correcting": [f"/desk/issues/{sent}/correct/"],
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
        "desk.editor": [f"/desk/editors/{editor.id}/", f"/desk/editors/{editor.id + 1}/"],
        "desk.me": ["/desk/me/"],
        "desk.audit": ["/desk/audit/", "/desk/audit/?kind=issue&thing=77"],
        "desk.show_removing": [f"/desk/editors/{editor.id}/remove/"],
        "desk.outbox": ["/desk/outbox/"],
        "desk.message": ["/desk/outbox/none/"],
    }


def test_axe_finds_nothing_and_a_phone_scrolls_one_way_only_on_every_page(
    house: tuple[Installation, EditorView], browser: Browser
) -> None:
    installation, editor = house
    seen = paths(installation, editor)
    with served(installation) as url, opened_page(browser, url) as page:
        page.goto("/desk/sign-in/")
        assert_good_at_every_width(page)
        page.goto(seen["desk.show_link"][0])
        page.get_by_role("button").click()
        for path in (path for places in seen.values() for path in places):
            page.goto(path)
            assert_good_at_every_width(page)
        send_after_the_session(page)
        assert_good_at_every_width(page)


def send_after_the_session(page: Page) -> None:
    """Come to the page that keeps what somebody typed when they were signed out already."""
    page.goto("/desk/issues/8/")
    page.context.clear_cookies()
    page.locator("#subject").fill("W" * SUBJECT_LIMIT)
    page.get_by_role("button", name="Save", exact=True).last.press("Enter")
    page.get_by_role("heading", name="You are signed out, and nothing is lost").wait_for()


def test_no_page_was_forgotten(house: tuple[Installation, EditorView]) -> None:
    installation, editor = house
    pages = {
        rule.endpoint
        for rule in installation.app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
    }

    assert pages - NO_PAGES == set(paths(installation, editor))


def assert_good_at_every_width(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    assert_accessible(page, "light", "dark")
    page.set_viewport_size({"width": 320, "height": 900})
    assert_accessible(page, "light")
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 320, f"{page.url} is {wide} px wide on a screen of 320 px"
