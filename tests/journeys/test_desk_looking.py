"""An editor looks before it goes out: previews, a test send, the outbox."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.support.colleague import Colleague
from tests.support.databases import on_both_databases
from tests.support.faults import Fault, Phase
from tests.support.installation import Installation, dismantle, install
from tests.support.page import text_of
from tests.support.relay import Relay
from tests.support.teacher import Teacher
from topthree.domain.editors.permission import Role


@pytest.fixture
def ana(installation: Installation) -> Colleague:
    colleague = Colleague(installation, "Ana", Role.WRITER)
    colleague.sign_in_by_mail()
    return colleague


@pytest.fixture
def wired(database_url: str, relay: Relay, tmp_path: Path) -> Iterator[Installation]:
    """An installation whose mail goes out through the relay."""
    installation = install(tmp_path / "wired", database_url, TOPTHREE_SMTP_URL=relay.url)
    yield installation
    dismantle(installation)


@pytest.fixture
def ben(wired: Installation, relay: Relay) -> Colleague:
    """An editor there, who came in by the code of the message that the relay took."""
    colleague = Colleague(wired, "Ben", Role.WRITER)
    colleague.ask_to_sign_in()
    wired.outbox()
    message = message_from_bytes(relay.accepted[-1].content, policy=policy.default)
    digits = [word for word in str(message["Subject"]).split() if word.isdigit()]
    colleague.browser.submit("main form", {"code": "".join(digits)})
    return colleague


def test_the_mail_is_shown_in_a_frame_that_locks_it_in(ana: Colleague) -> None:
    path = ana.write_issue()

    page = ana.browser.get(f"{path}preview/")
    framed = ana.browser.get(page.one("iframe").get("src", ""))

    assert page.one("iframe").get("sandbox") == ""
    assert page.headers["Content-Security-Policy"].count("frame-ancestors 'none'") == 1
    assert "Five schools that share the lead" in framed.source
    policy_words = framed.headers["Content-Security-Policy"]
    assert "script-src" not in policy_words
    assert "form-action 'none'" in policy_words
    assert framed.headers["Referrer-Policy"] == "no-referrer"


def test_the_text_and_the_page_are_shown_too(ana: Colleague) -> None:
    path = ana.write_issue()

    text = ana.browser.get(f"{path}preview/text/")
    page = ana.browser.get(f"{path}preview/page/")

    assert "FIVE SCHOOLS" in text_of(text.one("pre")).upper()
    assert page.heading == "Share the lead"
    assert "Nobody sees this page yet" in page.text
    assert len(page.select("section.item")) == 3


def test_an_empty_draft_can_be_looked_at(ana: Colleague) -> None:
    path = ana.begin_issue()

    parts = ("preview/", "preview/text/", "preview/mail.html", "preview/page/", "review/")
    pages = [ana.browser.get(f"{path}{part}") for part in parts]

    assert [page.status for page in pages] == [200] * len(pages)


def test_saving_can_lead_to_the_preview(ana: Colleague) -> None:
    ana.write_issue(button="preview")

    assert "/preview/" in ana.browser.page.path
    assert "Saved." in ana.browser.page.text


def test_a_test_without_a_relay_waits_in_the_outbox(
    installation: Installation, ana: Colleague
) -> None:
    path = ana.write_issue()
    ana.browser.get(f"{path}preview/")

    page = ana.browser.submit(f"form[action='{path}test/']", {"address": "me@desk.example"})

    (message, *_) = installation.outbox()
    assert "it waits in the outbox" in page.text
    assert (message.recipient, message.subject) == ("me@desk.example", "[Test] Share the lead")


def test_the_last_test_is_shown_with_how_many_got_it_and_whether_the_text_is_another(
    ana: Colleague,
) -> None:
    path = ana.write_issue()
    before = text_of(ana.browser.get(f"{path}preview/").one(".side"))
    addresses = "me@desk.example; you@desk.example, ME@desk.example"
    ana.browser.submit(f"form[action='{path}test/']", {"address": addresses})
    tested = text_of(ana.browser.get(f"{path}review/").one(".seal"))
    ana.browser.get(path)

    ana.fill_in({"subject": "Another subject"})

    changed = text_of(ana.browser.get(f"{path}preview/").one(".side"))
    assert "No test has been sent yet" in before
    assert "by Ana, to 2 addresses. It is what stands here now." in tested
    assert "to 2 addresses. The content has changed since." in changed


@on_both_databases
def test_a_test_goes_to_any_address_through_the_relay(relay: Relay, ben: Colleague) -> None:
    path = ben.write_issue()
    ben.browser.get(f"{path}preview/")

    page = ben.browser.submit(f"form[action='{path}test/']", {"address": "me@elsewhere.example"})

    (accepted,) = relay.sent_to("me@elsewhere.example")
    assert "the mail server took it" in page.text
    assert b"[Test]" in accepted.content


def test_a_test_that_the_relay_refuses_shows_its_words(relay: Relay, ben: Colleague) -> None:
    relay.add_fault(
        Fault(phase=Phase.RCPT, recipient="no@elsewhere.example", refuse="550 5.1.1 <b>No")
    )
    path = ben.write_issue()
    ben.browser.get(f"{path}preview/")

    page = ben.browser.submit(f"form[action='{path}test/']", {"address": "no@elsewhere.example"})

    assert page.status == 502
    assert "It said: 550 5.1.1 <b>No" in page.text
    assert page.one("#address").get("value") == "no@elsewhere.example"


def test_a_test_without_an_answer_says_that_nothing_else_is_affected(
    relay: Relay, ben: Colleague
) -> None:
    path = ben.write_issue()
    ben.browser.get(f"{path}preview/")
    relay.stop()

    page = ben.browser.submit(f"form[action='{path}test/']", {"address": "me@elsewhere.example"})

    assert page.status == 502
    assert "The test was not sent" in page.text
    assert "Nothing else is affected" in page.text


def test_a_test_to_no_address_is_said_at_the_field(ana: Colleague) -> None:
    path = ana.write_issue()
    ana.browser.get(f"{path}preview/")

    page = ana.browser.submit(f"form[action='{path}test/']", {"address": "me@desk\r\nBcc: you"})

    assert page.status == 422
    assert text_of(page.one("#address-wrong"))


def test_a_subscription_can_be_confirmed_from_the_outbox(
    installation: Installation, ana: Colleague
) -> None:
    teacher = Teacher(installation)
    teacher.ask_for_the_letter()
    installation.outbox()

    listed = ana.browser.get("/desk/outbox/")
    message = ana.browser.follow("tbody tr:first-child a")
    links = [link.get("href", "") for link in message.select(".letter a")]
    framed = ana.browser.get(message.one("iframe").get("src", ""))

    assert teacher.address in listed.text
    assert any("/c/" in link for link in links)
    assert framed.path.endswith("/message.html")


def test_a_hostile_message_in_the_outbox_is_inert(
    installation: Installation, ana: Colleague
) -> None:
    attack = '<script>alert(1)</script> https://x.example/"onclick=alert(2) javascript:alert(3)'
    head = f"To: {attack}\r\nSubject: {attack}\r\nMIME-Version: 1.0\r\n"
    raw = f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{attack}\r\n"
    (installation.folder / "outbox" / "new" / "00.hostile").write_text(raw)

    listed = ana.browser.get("/desk/outbox/")
    page = ana.browser.get("/desk/outbox/00.hostile/")

    assert "<script>alert" not in listed.source + page.source
    assert [link.get("href") for link in page.select(".letter a")] == ["https://x.example/"]
    assert attack in text_of(page.one(".letter"))


def test_an_empty_outbox_says_how_it_fills(ana: Colleague, installation: Installation) -> None:
    for message in (installation.folder / "outbox" / "new").iterdir():
        message.unlink()

    page = ana.browser.get("/desk/outbox/")

    assert "No message has been written yet" in page.text


@pytest.mark.parametrize("name", ["nothing", "..", "%2e%2e%2fsecret-key", "a" * 400, "%00", "tmp"])
def test_only_messages_are_read_from_the_outbox(ana: Colleague, name: str) -> None:
    assert ana.browser.get(f"/desk/outbox/{name}/").status == 404
    assert ana.browser.flask.get(f"/desk/outbox/{name}/message.html").status_code == 404


def test_the_way_in_of_somebody_else_is_not_for_writers(
    installation: Installation, ana: Colleague
) -> None:
    pat = Colleague(installation, "Pat", Role.PUBLISHER)
    pat.ask_to_sign_in()
    names = [mail.name for mail in installation.outbox() if mail.recipient == "pat@desk.example"]

    listed = ana.browser.get("/desk/outbox/")
    opened = ana.browser.get(f"/desk/outbox/{names[0]}/")

    assert "pat@desk.example" not in listed.text
    assert "ana@desk.example" in listed.text
    assert opened.status == 404


def test_with_a_relay_there_is_no_outbox_and_the_page_says_why(ben: Colleague) -> None:
    page = ben.browser.get("/desk/outbox/")

    assert page.status == 404
    assert "Mail goes out through a relay here" in page.text
    assert "Outbox" not in ben.browser.get("/desk/").text
