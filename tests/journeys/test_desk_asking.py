"""Asking a colleague to approve: who can be asked, what they get, and who may not say yes."""

from __future__ import annotations

import re

import pytest

from tests.support.colleague import Colleague, signed_in
from tests.support.databases import on_both_databases
from tests.support.forms import Entry
from tests.support.installation import Installation, with_wiring
from tests.support.page import text_of
from topthree.domain.agreeing.approval import ApprovalRule, OwnWork
from topthree.domain.editors.permission import Role
from topthree.mail.transports.maildir import OutboxMessage


@pytest.fixture
def ann(installation: Installation) -> Colleague:
    return signed_in(installation, "Ann", Role.EDITOR)


@pytest.fixture
def ben(installation: Installation) -> Colleague:
    return signed_in(installation, "Ben", Role.EDITOR)


def ask(colleague: Colleague, path: str, whom: Colleague | None, words: str = "") -> None:
    colleague.browser.get(f"{path}review/")
    fields: dict[str, Entry] = {"words": words}
    if whom is not None:
        fields["colleague"] = str(whom.editor.id)
    colleague.browser.submit("form[action$='/submit/']", fields)


def mails_to(installation: Installation, colleague: Colleague) -> list[OutboxMessage]:
    """What the colleague got, newest first, apart from links to sign in."""
    return [
        message
        for message in installation.outbox()
        if message.recipient == colleague.editor.address and "code for" not in message.subject
    ]


def test_who_is_asked_by_name_gets_mail_and_another_may_approve_as_well(
    installation: Installation, ann: Colleague, ben: Colleague
) -> None:
    cat = signed_in(installation, "Cat", Role.PUBLISHER)
    path = ann.write_issue()

    ask(ann, path, ben, "Please by noon, <b>thanks</b>.")
    (mail,) = mails_to(installation, ben)
    page = cat.browser.get(f"{path}review/")
    approved = cat.browser.submit("form[action$='/approve/']")

    assert mail.subject == "Ann asks you to approve “Share the lead”"
    assert "Please by noon, <b>thanks</b>." in mail.text.replace("\n", " ")
    assert f"<http://letters.example{path}review/>" in mail.text
    assert mails_to(installation, cat) == []
    assert "Ann asked Ben" in text_of(page.one(".seal"))
    assert text_of(approved.one("#seal")) == "Approved"
    assert mails_to(installation, ann)[0].subject == "Cat approved “Share the lead”"


def test_without_a_name_everyone_who_may_approve_it_gets_mail(
    installation: Installation, ann: Colleague, ben: Colleague
) -> None:
    writer = signed_in(installation, "Wim", Role.WRITER)
    path = ann.write_issue()

    ask(ann, path, None)

    assert mails_to(installation, ben)[0].subject == "“Share the lead” waits for an approval"
    assert mails_to(installation, ann) == mails_to(installation, writer) == []


@on_both_databases
def test_who_switches_the_mail_off_gets_none_and_whoever_asks_can_see_that(
    installation: Installation, ann: Colleague, ben: Colleague
) -> None:
    path = ann.write_issue()
    ask(ann, path, ben)
    (mail,) = mails_to(installation, ben)
    (own_page,) = re.findall(r"<http://letters\.example(/desk/me/)>", mail.text)
    ben.browser.get(own_page)
    off = ben.browser.submit("form[action='/desk/me/mail/']")
    cat = signed_in(installation, "Cat", Role.EDITOR)

    ask(ann, path, cat)
    told = mails_to(installation, cat)
    ask(ann, path, ben, "Please look at it.")
    choice = ann.browser.get(f"{path}review/").one(f"option[value='{ben.editor.id}']")

    assert "Switched off" in off.text
    assert len(told) == 1
    assert mails_to(installation, ben) == [mail]
    assert text_of(choice) == "Ben, editor, who has switched such mail off"
    ben.browser.get(own_page)
    ben.browser.submit("form[action='/desk/me/mail/']")
    ask(ann, path, None)
    assert len(mails_to(installation, ben)) == 2


def test_asking_fifty_times_sends_one_mail_and_asking_another_sends_one_more(
    installation: Installation, ann: Colleague, ben: Colleague
) -> None:
    cat = signed_in(installation, "Cat", Role.EDITOR)
    path = ann.write_issue()
    for _ in range(50):
        ann.browser.post(f"{path}submit/", {"csrf": csrf_of(ann), "colleague": str(ben.editor.id)})

    ask(ann, path, cat)

    assert len(mails_to(installation, cat)) == 1
    # Ben was asked, but is not asked any more by the time his mail could be sent.
    assert mails_to(installation, ben) == []


def test_only_who_could_approve_it_can_be_asked(
    installation: Installation, ann: Colleague, ben: Colleague
) -> None:
    writer = signed_in(installation, "Wim", Role.WRITER)
    path = ann.write_issue()
    page = ann.browser.get(f"{path}review/")

    answers = [
        ann.browser.post(f"{path}submit/", {"csrf": csrf_of(ann), "colleague": whom})
        for whom in (str(writer.editor.id), str(ann.editor.id), "9" * 30, "ben", "0")
    ]

    offered = [option.get("value") for option in page.select("#colleague option")]
    assert offered == ["", str(ben.editor.id)]
    assert [answer.status for answer in answers] == [422] * 5
    assert "may not approve this text" in text_of(answers[0].one("#colleague-wrong"))
    assert mails_to(installation, ben) == []


def test_whoever_touched_the_text_does_not_approve_it_even_after_somebody_else(
    ann: Colleague, ben: Colleague
) -> None:
    path = ann.write_issue()
    ben.browser.get(path)
    ben.fill_in({"subject": "Ben’s word"})
    ask(ben, path, None)

    page = ann.browser.get(f"{path}review/")

    assert "Some of this text is yours" in text_of(page.select(".seal .note")[0])
    assert not page.select("form[action$='/approve/']")


def test_an_installation_may_let_people_approve_their_own_work(
    installation: Installation,
) -> None:
    alone = with_wiring(installation, approval=ApprovalRule(own_work=OwnWork.ALLOWED))
    ann = signed_in(alone, "Ann", Role.EDITOR)
    path = ann.write_issue(button="submit")
    ann.browser.get(f"{path}review/")

    page = ann.browser.submit("form[action$='/approve/']")

    assert text_of(page.one("#seal")) == "Approved"


def test_an_approver_who_loses_the_role_meanwhile_approves_nothing(
    installation: Installation, ann: Colleague, ben: Colleague
) -> None:
    path = ann.write_issue(button="submit")
    ben.browser.get(f"{path}review/")
    only_publishers = ApprovalRule(roles=frozenset({Role.PUBLISHER}))
    with_wiring(installation, approval=only_publishers)

    page = ben.browser.submit("form[action$='/approve/']")

    assert page.status == 403
    assert page.title.startswith("Error: ")
    assert "Ask a publisher to read it. Nothing was approved." in page.text
    assert "In review" in text_of(page.one(".top"))


def test_who_wrote_it_gets_the_reason_by_mail(
    installation: Installation, ann: Colleague, ben: Colleague
) -> None:
    path = ann.write_issue(button="submit")
    ben.browser.get(f"{path}review/")

    ben.browser.submit("form[action$='/send-back/']", {"reason": "The office says Friday."})

    (mail,) = mails_to(installation, ann)
    assert mail.subject == "Ben sent “Share the lead” back"
    assert "“The office says Friday.”" in mail.text


def test_an_edit_ends_the_approval_tells_the_approver_and_shows_what_changed(
    installation: Installation, ann: Colleague, ben: Colleague
) -> None:
    path = ann.write_issue(button="submit")
    ben.browser.get(f"{path}review/")
    ben.browser.submit("form[action$='/approve/']")
    ann.browser.get(path)

    ann.fill_in({"item-3-headline": "Take a chair on a cabinet"})

    page = ben.browser.get(f"{path}review/")
    change = page.one(".since .difference")
    assert mails_to(installation, ben)[0].subject == (
        "Ann changed “Share the lead” after it was approved"
    )
    assert "Ben approved it" in text_of(page.one(".since"))
    assert "Ann changed it" in text_of(page.one(".since"))
    assert "Item 3: headline" in text_of(change)
    assert [text_of(each) for each in page.select(".since del")] == ["[removed: seat]"]
    assert [text_of(each) for each in page.select(".since ins")] == ["[added: chair]"]
    assert "As before: Subject, Preheader" in text_of(page.one(".since"))


def test_who_approved_before_may_approve_the_change_and_its_author_may_not(
    ann: Colleague, ben: Colleague
) -> None:
    path = ann.write_issue(button="submit")
    ben.browser.get(f"{path}review/")
    ben.browser.submit("form[action$='/approve/']")
    ben.browser.get(path)
    ben.fill_in({"subject": "One word other"})
    ask(ben, path, ann)

    refused = ben.browser.get(f"{path}review/")
    ann.browser.get(f"{path}review/")
    approved = ann.browser.submit("form[action$='/approve/']")

    assert "You made the last change" in refused.text
    assert text_of(approved.one("#seal")) == "Approved"
    assert not approved.select(".since")


def csrf_of(colleague: Colleague) -> str:
    return colleague.browser.page.select("input[name=csrf]")[0].get("value", "")
