"""Two people agree on an issue in a real browser, with the keyboard only and without script."""

from __future__ import annotations

from playwright.sync_api import Browser, Page

from tests.support.browser import opened_page
from tests.support.colleague import Colleague
from tests.support.installation import Installation
from tests.support.served import served
from topthree.domain.editors.permission import Role
from topthree.domain.subscribers.address import EmailAddress
from topthree.services.editors.sign_in import make_sign_in_token

#: More stops than any page of these has.
_MANY = 80
_FOCUSED = """(() => {
  const focused = document.activeElement;
  if (focused === document.body) return "";
  return (focused.labels?.[0] ?? focused).innerText ?? "";
})()"""


def two_with_an_issue(installation: Installation) -> tuple[Colleague, Colleague, str]:
    ann, ben = (Colleague(installation, name, Role.EDITOR) for name in ("Ann", "Ben"))
    ann.sign_in()
    return ann, ben, ann.write_issue()


def reach(page: Page, words: str) -> None:
    """Press Tab until the control with these words, or this label, has the focus."""
    for _ in range(_MANY):
        page.keyboard.press("Tab")
        if words in page.evaluate(_FOCUSED):
            return
    raise AssertionError(f"No Tab leads to “{words}” on {page.url}.")


def press(page: Page, words: str) -> None:
    """Reach a link or a button, and go where it leads."""
    reach(page, words)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def come_in(page: Page, installation: Installation, colleague: Colleague) -> None:
    """Use a link of the terminal; the colleague's other browser stays signed in."""
    local, _, domain = colleague.editor.address.partition("@")
    address = EmailAddress(local=local, domain=domain)
    with installation.wiring.writing() as session:
        token = make_sign_in_token(
            session, installation.wiring.tokens, address, installation.clock()
        )
    page.goto(f"/desk/sign-in/{token}/")
    with page.expect_navigation():
        page.get_by_role("button").press("Enter")


def ask(page: Page, whom: str, words: str) -> None:
    reach(page, "Who should read it?")
    page.keyboard.type(whom)
    reach(page, "What do you want to say?")
    page.keyboard.type(words)
    press(page, "Ask for approval")


def comment_on_item_3(page: Page, words: str) -> None:
    reach(page, "Comment on item 3")
    page.keyboard.press("Enter")
    reach(page, "Your comment on item 3")
    page.keyboard.type(words)
    press(page, "Add the comment")


def change_headline_of_item_3(page: Page, path: str, headline: str) -> None:
    page.goto(path)
    for _ in range(3):
        reach(page, "Headline")
    page.keyboard.press("Control+A")
    page.keyboard.type(headline)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def subjects_to(installation: Installation, colleague: Colleague) -> list[str]:
    mails = [mail for mail in installation.outbox() if mail.recipient == colleague.editor.address]
    return [mail.subject for mail in mails if "code for" not in mail.subject]


def test_two_people_agree_with_the_keyboard_only(
    installation: Installation, browser: Browser
) -> None:
    ann, ben, path = two_with_an_issue(installation)

    with (
        served(installation) as url,
        opened_page(browser, url, with_script=False) as anns,
        opened_page(browser, url, with_script=False) as bens,
    ):
        come_in(anns, installation, ann)
        come_in(bens, installation, ben)
        anns.goto(f"{path}review/")
        ask(anns, "Ben", "Before noon, please.")
        asked = subjects_to(installation, ben)
        bens.goto(f"{path}review/")
        comment_on_item_3(bens, "A chair, not a seat.")
        anns.goto(path)
        press(anns, "1 comment on item 3")
        press(anns, "Resolve")
        change_headline_of_item_3(anns, path, "Take a chair")
        bens.goto(f"{path}review/")
        left = bens.locator(".comments > ul").count()
        press(bens, "Approve this text")
        sealed = bens.locator("#seal").inner_text()
        change_headline_of_item_3(anns, path, "Take a stool")
        bens.goto(f"{path}review/")
        changed = [bens.locator(f".since {tag}").inner_text() for tag in ("del", "ins")]

    assert (left, sealed) == (0, "Approved")
    assert ["chair" in changed[0], "stool" in changed[1]] == [True, True]
    assert asked == ["Ann asks you to approve “Share the lead”"]
    assert subjects_to(installation, ben)[0] == "Ann changed “Share the lead” after it was approved"
