"""Typing: the toolbar, its shortcuts, lists and pasting, by keyboard; and dragging items."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.accessibility import assert_accessible
from tests.support.browser import opened_page
from tests.support.colleague import Colleague, typed
from tests.support.databases import Databases
from tests.support.installation import complete_content, dismantle, install
from tests.support.served import served
from topthree.domain.editors.permission import Role

CLIPBOARDS = Path(__file__).resolve().parents[1] / "support" / "clipboards"
PASTE = """(field, [text, html]) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  if (html) clipboardData.setData("text/html", html);
  const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
  return field.dispatchEvent(event);
}"""
HEADLINES = tuple(item.headline for item in complete_content().items)


@pytest.fixture
def writer(
    sqlite_databases: Databases, tmp_path: Path, browser: Browser
) -> Iterator[tuple[Page, Colleague]]:
    """Somebody who has just opened a new issue."""
    for url in sqlite_databases.fresh():
        house = install(tmp_path / "house", url)
        ana = Colleague(house, "Ana", Role.WRITER)
        with served(house) as address, opened_page(browser, address) as page:
            ana.ask_to_sign_in()
            page.goto(ana.link)
            page.get_by_role("button").click()
            page.get_by_role("button", name="Write an issue").click()
            page.get_by_role("toolbar").first.wait_for()
            yield page, ana
        dismantle(house)


def text_of_item(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Text").first


def pressed(page: Page, *keys: str) -> str:
    """Press the keys and return what then stands in the text of the first item."""
    for key in keys:
        page.keyboard.press(key)
    return text_of_item(page).input_value()


def test_words_are_marked_with_shortcuts_and_undone_like_typing(
    writer: tuple[Page, Colleague],
) -> None:
    page, _ = writer
    text_of_item(page).focus()

    page.keyboard.type("Ask who decides")

    assert pressed(page, "Control+Shift+ArrowLeft", "Control+b") == "Ask who **decides**"
    assert pressed(page, "Control+i") == "Ask who ***decides***"
    assert pressed(page, "Control+b", "Control+i") == "Ask who decides"
    assert pressed(page, *["Control+z"] * 3) == "Ask who **decides**"
    assert pressed(page, "Control+z") == "Ask who decides"
    assert pressed(page, "Control+a", "Control+k") == "[Ask who decides](https://)"
    page.keyboard.type("https://www.example.gov/")
    assert pressed(page) == "[Ask who decides](https://www.example.gov/)"


def test_the_toolbar_is_used_with_the_keyboard_alone(writer: tuple[Page, Colleague]) -> None:
    page, _ = writer
    field = text_of_item(page)
    field.fill("Ask who decides")

    def focused(name: str) -> None:
        expect(page.get_by_role("button", name=name).first).to_be_focused()

    pressed(page, "Control+a", "Shift+Tab")
    focused("Bold")
    pressed(page, *["ArrowRight"] * 3)
    focused("Bulleted list")
    assert pressed(page, "Enter") == "- Ask who decides"
    expect(field).to_be_focused()
    assert pressed(page, "End", "Enter", "x") == "- Ask who decides\n- x"
    assert pressed(page, "Enter", "Enter") == "- Ask who decides\n- x\n"
    numbered = pressed(page, "Control+a", "Shift+Tab", "ArrowRight", "Enter")
    assert numbered == "1. Ask who decides\n2. x\n"
    pressed(page, "Shift+Tab", "End")
    focused("Heading")
    pressed(page, "ArrowRight")
    focused("Bold")
    assert_accessible(page)


def test_pasting_keeps_the_form_of_a_text_and_can_be_undone(
    writer: tuple[Page, Colleague],
) -> None:
    page, _ = writer
    field = text_of_item(page)
    word = (CLIPBOARDS / "word.html").read_text()
    markdown = (CLIPBOARDS / "word.md").read_text().rstrip("\n")

    field.fill("Before")
    field.press("End")
    field.evaluate(PASTE, ["plain words", word])
    assert field.input_value() == f"Before\n\n{markdown}"
    field.press("Control+z")
    assert field.input_value() == "Before"
    field.press("Control+a")
    field.evaluate(PASTE, ["https://www.example.gov/a", "<a href='x'>y</a>"])
    assert field.input_value() == "[Before](https://www.example.gov/a)"
    is_left_to_the_browser = field.evaluate(PASTE, ["**plain** text\n- as it is", ""])
    assert is_left_to_the_browser
    field.fill("")
    field.evaluate(PASTE, ["word " * 200_000, f"<p>{'word ' * 200_000}</p>"])
    expect(page.locator("[data-counts=item-1-body]")).to_contain_text("more than 100,000")
    expect(page.locator("[data-longer=item-1]")).to_be_visible()
    page.locator("#subject").press_sequentially("Alive")
    expect(page.locator("#subject")).to_have_value("Alive")


def test_an_item_is_dragged_to_another_place_and_saved_there(
    writer: tuple[Page, Colleague],
) -> None:
    page, _ = writer
    for name, value in typed(complete_content()).items():
        if name.endswith("headline"):
            page.locator(f"#{name}").fill(str(value))

    grip = page.locator("#item-1 .grip")
    grip.scroll_into_view_if_needed()
    box = grip.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 20)
    expect(page.locator("#item-1-body")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("#item-1-body")).to_be_visible()
    page.mouse.up()
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 20)
    page.mouse.move(x, y + 600, steps=3)
    page.mouse.up()

    page.wait_for_url("**/?said=moved#item-3")
    first, second, third = HEADLINES
    shown = [page.locator(f"#item-{place}-headline").input_value() for place in (1, 2, 3)]
    assert shown == [second, third, first]
