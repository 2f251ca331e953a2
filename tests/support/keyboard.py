"""Going through a page with the keyboard alone, as somebody without a mouse does."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.support.accessibility import assert_accessible, assert_fits_a_phone

_MOST_STEPS = 200
_FOCUSED = """() => {
  const here = document.activeElement;
  if (!here || here === document.body) return "";
  const label = here.labels && here.labels.length ? here.labels[0].innerText : "";
  const name = here.getAttribute("aria-label") || label || here.innerText || "";
  return name.replace(/\\s+/g, " ").replace(/ :/g, ":");
}"""


def tab_to(page: Page, words: str) -> None:
    """Press Tab until what has the focus is called by these words."""
    passed = []
    for _ in range(_MOST_STEPS):
        page.keyboard.press("Tab")
        name = page.evaluate(_FOCUSED).strip()
        if words in name:
            return
        passed.append(name)
    raise AssertionError(f"Tab never came to “{words}”, but passed {passed}.")


def press(page: Page, words: str) -> None:
    """Go to the link or button of these words with Tab, and press it; a page comes after it."""
    tab_to(page, words)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def type_into(page: Page, label: str, text: str) -> None:
    """Go to the field of this label with Tab, and type in the place of what stands there."""
    tab_to(page, label)
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def assert_shown(page: Page, words: str) -> None:
    """Wait for these words on a page that is good for everybody, on a phone too."""
    page.get_by_text(words).first.wait_for()
    assert_accessible(page, "light", "dark")
    assert_fits_a_phone(page)
