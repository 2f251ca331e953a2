"""What is pasted from Word, Docs, Outlook and web pages becomes Markdown, and nothing else."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.sources import ROOT
from topthree.render.markdown import to_page_html, to_words

CLIPBOARDS = Path(__file__).resolve().parents[1] / "support" / "clipboards"
SCRIPT = ROOT / "topthree" / "web" / "static" / "paste.js"

Paste = Callable[[str], str | None]


@pytest.fixture(scope="module")
def paste(browser: Browser) -> Iterator[Paste]:
    """The function under test, in a browser that may ask nobody for anything."""
    context = browser.new_context(offline=True)
    page = context.new_page()
    module = base64.b64encode(SCRIPT.read_bytes()).decode()
    page.evaluate(
        "async (source) => { window.module = await import(source) }",
        f"data:text/javascript;base64,{module}",
    )

    def convert(html: str) -> str | None:
        markdown: str | None = page.evaluate("(html) => window.module.toMarkdown(html)", html)
        return markdown

    yield convert
    assert page.evaluate("window.ran === undefined"), "What was pasted has run."
    context.close()


@pytest.mark.parametrize("name", ["word", "google-docs", "outlook", "web-page", "hostile"])
def test_a_clipboard_becomes_the_markdown_of_its_form(paste: Paste, name: str) -> None:
    markdown = paste((CLIPBOARDS / f"{name}.html").read_text())

    assert markdown == (CLIPBOARDS / f"{name}.md").read_text().rstrip("\n")


@pytest.mark.parametrize(
    "text",
    [
        "5 * 3 and *not* italic, **nor** bold",
        "snake_case, _lead_ and __lead__ and 1_000",
        "# no heading",
        "- no entry",
        "+ 1",
        "3. no entry",
        "12) no entry",
        "> no quotation",
        ">no quotation",
        "<b>no markup</b> & &amp; &#65;",
        "[words](https://example.org) and ![x](y)",
        "[ref]: https://example.org",
        "a `b` c \\* \\ d",
        "===",
        "--- three",
        "<https://example.org>",
    ],
)
def test_text_that_looks_like_markdown_stays_text(paste: Paste, text: str) -> None:
    markdown = paste(f"<p>before</p><p>{escape(text)}</p>") or ""

    assert to_words(markdown) == f"before {text}"
    assert str(to_page_html(markdown)).count("<") == 4


def test_bold_that_touches_signs_and_letters_is_still_bold(paste: Paste) -> None:
    markdown = paste("<p>a<b>(b)</b>c, <b>d </b>e, <b>f</b><b>g</b><i>h</i> <b><br></b></p>") or ""

    assert str(to_page_html(markdown)) == (
        "<p>a(<strong>b</strong>)c, <strong>d</strong> e, <strong>fg</strong><em>h</em></p>"
    )


def test_word_for_the_web_says_how_deep_an_entry_is(paste: Paste) -> None:
    entries = (("1", "one"), ("2", "two"), ("1", "three"))
    html = "".join(
        f'<div class="ListContainerWrapper"><ul><li data-aria-level="{level}"><p>{words}</p></li>'
        "</ul></div>"
        for level, words in entries
    )

    assert paste(html) == "- one\n  - two\n- three"


@pytest.mark.parametrize(
    "html",
    [
        '<div style="font-family: monospace; white-space: pre;"><div>if x:</div></div>',
        "<pre>- a\n- b</pre>",
        "<div>" * 5_000 + "x",
    ],
)
def test_what_is_no_prose_is_better_taken_as_plain_text(paste: Paste, html: str) -> None:
    assert paste(html) is None


def test_a_million_characters_are_read(paste: Paste) -> None:
    markdown = paste("<p>word <b>bold</b></p>" * 40_000) or ""

    assert markdown.count("**bold**") == 40_000
