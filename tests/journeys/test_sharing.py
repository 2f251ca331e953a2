"""A draft, shown by a link to a colleague without an account: as it is, for a time, and no more."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.client import PageClient
from tests.support.colleague import Colleague, signed_in
from tests.support.forms import Entry
from tests.support.installation import Installation
from tests.support.page import Page, text_of
from topthree.domain.editors.permission import Role
from topthree.services.editors.manage_editors import remove_editor
from topthree.services.sending.open_run import open_due_runs


@pytest.fixture
def ann(installation: Installation) -> Colleague:
    return signed_in(installation, "Ann", Role.WRITER)


@pytest.fixture
def guest(installation: Installation) -> PageClient:
    return PageClient(installation.app)


def shared(colleague: Colleague, path: str, days: str = "7", *, may_comment: bool = True) -> str:
    """Make a link to the issue and return its path."""
    colleague.browser.get(f"{path}share/")
    fields: dict[str, Entry] = {"whom": "Mo", "days": days, "may-comment": may_comment}
    page = colleague.browser.submit("form[action$='/share/']", fields)
    return page.select(".links a.mono")[0].get("href", "").removeprefix("http://letters.example")


def comment(guest: PageClient, link: str, **fields: str) -> Page:
    guest.get(link)
    typed = {"name": "Mo", "place": "2", "comment": "Lovely.", **fields}
    return guest.submit("#comment-form form", typed)


def test_a_link_shows_the_page_and_the_mail_as_they_are_at_that_moment(
    ann: Colleague, guest: PageClient
) -> None:
    path = ann.write_issue()
    link = shared(ann, path)
    first = guest.get(link)
    ann.browser.get(path)
    ann.fill_in({"subject": "Another subject"})

    page, mail = guest.get(link), guest.get(f"{link}mail/")
    inside = guest.flask.get(f"{link}mail.html")

    assert "Share the lead" in first.text
    assert not first.select("main a[href*='/issues/']")
    assert "Ann shows it to you" in text_of(page.one(".preview-band"))
    assert "Another subject" in page.text
    assert mail.heading == "Another subject"
    assert "I stopped planning alone" in inside.text
    assert "sandbox" in inside.headers["Content-Security-Policy"]


def test_no_answer_of_a_link_is_kept_indexed_or_passed_on(
    ann: Colleague, guest: PageClient
) -> None:
    link = shared(ann, ann.write_issue())

    for path in (link, f"{link}mail/", f"{link}mail.html", "/s/nonsense/"):
        answer = guest.flask.get(path)

        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("days", ["1", "7", "30"])
def test_a_link_lasts_as_long_as_was_chosen(
    installation: Installation, ann: Colleague, guest: PageClient, days: str
) -> None:
    link = shared(ann, ann.write_issue(), days)
    installation.clock.advance(timedelta(days=int(days), seconds=-1))
    before = guest.get(link)
    installation.clock.advance(timedelta(seconds=2))

    after, mail = guest.get(link), guest.flask.get(f"{link}mail.html")

    assert (before.status, after.status, mail.status_code) == (200, 410, 410)
    assert "Ask whoever sent it to you for a fresh one" in after.text


def test_a_link_ends_when_somebody_ends_it_and_when_its_maker_leaves(
    installation: Installation, ann: Colleague, guest: PageClient
) -> None:
    path = ann.write_issue()
    first, second = shared(ann, path), shared(ann, path, "30")
    ann.browser.get(f"{path}share/")
    page = ann.browser.submit(".links > li:last-child form")
    ended, other = guest.get(first), guest.get(second)
    with installation.wiring.writing() as session:
        remove_editor(session, ann.editor.id, None, installation.clock())

    left = guest.get(second)

    assert "That link shows nothing any more" in page.text
    assert (ended.status, other.status, left.status) == (410, 200, 410)


def test_a_link_that_was_never_made_shows_nothing(ann: Colleague, guest: PageClient) -> None:
    link = shared(ann, ann.write_issue())

    answers = [guest.get(path) for path in ("/s/nonsense/", f"{link[:-2]}/", f"/u{link[2:]}")]

    assert [answer.status for answer in answers] == [404, 404, 404]


def test_a_comment_by_link_stands_beside_its_place_and_says_that_it_came_so(
    ann: Colleague, guest: PageClient
) -> None:
    path = ann.write_issue()
    link = shared(ann, path)

    page = comment(guest, link, comment="<script>x</script>\n\nhttps://example.gov")

    desk = ann.browser.get(f"{path}review/")
    assert "The editors have your comment" in page.text
    assert "Mo (by link)" in text_of(desk.one("#on-2 > ul b"))
    assert text_of(desk.one("#on-2 .said-text")) == "<script>x</script> https://example.gov"
    assert not desk.select("#on-2 ul a[href*='/comments/']")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": " "}, "Say who you are"),
        ({"name": "M\nBcc: x"}, "hidden character"),
        ({"comment": ""}, "Write what you want to say first"),
        ({"comment": "x" * 3_000}, "at most 2,000 fit"),
    ],
)
def test_a_slip_is_said_and_what_was_typed_is_kept(
    ann: Colleague, guest: PageClient, fields: dict[str, str], said: str
) -> None:
    link = shared(ann, ann.write_issue())

    page = comment(guest, link, **fields)

    assert page.status == 422
    assert said in text_of(page.one(".wrong"))
    assert page.select("#place option[selected]")[0].get("value") == "2"


def test_a_million_characters_are_too_much_at_once(ann: Colleague, guest: PageClient) -> None:
    link = shared(ann, ann.write_issue())

    assert comment(guest, link, comment="x" * 1_000_000).status == 413


def test_comments_by_link_are_throttled(ann: Colleague, guest: PageClient) -> None:
    path = ann.write_issue()
    link = shared(ann, path)

    statuses = [comment(guest, link, comment=f"Number {n}").status for n in range(21)]

    assert statuses == [200] * 20 + [429]
    assert "it is still here" in guest.page.text
    assert len(ann.browser.get(f"{path}review/").select("#on-2 > ul > li")) == 20


def test_a_link_for_reading_only_takes_no_comment(ann: Colleague, guest: PageClient) -> None:
    path = ann.write_issue()
    link = shared(ann, path, may_comment=False)

    page = guest.get(link)
    refused = guest.post(link, {"name": "Mo", "place": "1", "comment": "Still."})

    assert not page.select("#comment-form")
    assert refused.status == 409
    assert not ann.browser.get(f"{path}review/").select("#on-1 li")


def test_pressing_the_button_fifty_times_makes_one_link(ann: Colleague) -> None:
    path = ann.write_issue()
    page = ann.browser.get(f"{path}share/")
    names = ("csrf", "form")
    form = {name: page.select(f"input[name={name}]")[-1].get("value", "") for name in names}

    for _ in range(50):
        page = ann.browser.post(f"{path}share/", {**form, "days": "7", "whom": "Mo"})

    assert len(page.select(".links > li")) == 1


def test_a_length_that_is_not_offered_is_refused(ann: Colleague) -> None:
    path = ann.write_issue()
    page = ann.browser.get(f"{path}share/")
    csrf = page.select("input[name=csrf]")[0].get("value", "")

    page = ann.browser.post(f"{path}share/", {"csrf": csrf, "days": "365"})

    assert page.status == 422
    assert "Choose one of the three lengths" in text_of(page.one("#days-wrong"))


def test_once_the_issue_is_out_its_link_leads_to_the_archive(
    installation: Installation, ann: Colleague, guest: PageClient
) -> None:
    issue_id = installation.schedule_approved_issue()
    link = shared(ann, f"/desk/issues/{issue_id}/", "30")
    installation.clock.now = installation.clock.now.replace(month=12, day=3, hour=11)
    open_due_runs(installation.wiring)
    ann.sign_in()

    page = guest.get(link)
    again = ann.browser.get(f"/desk/issues/{issue_id}/share/")

    assert page.path == "/issues/2026-12-03/"
    assert "This issue has gone out" in again.text
