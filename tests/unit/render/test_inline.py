"""The inliner behind its one function: these tests are what another inliner would have to pass."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.unit.render.letters import declarations, document, style_blocks
from topthree.render.inline import StyleFetchRefused, inline_styles

KEPT = """
:root{color-scheme:light dark!important}
a:hover{color:#11223a!important}
@media (max-width:480px){.a{color:#2a3b4c!important;padding:0!important}}
@media (prefers-color-scheme:dark){.a{color:#3c4d5e!important}}
[data-ogsc] .a{color:#4a5b6c!important}
"""


def page(body: str, *, styles: str = "", kept: str = "") -> str:
    second = f'<style data-premailer="ignore">{kept}</style>' if kept else ""
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>t</title>'
        f"<style>{styles}</style>{second}</head><body>{body}</body></html>"
    )


def style_of(html: str, tag: str = "p") -> dict[str, str]:
    found = document(html).find(f".//{tag}")
    assert found is not None
    return declarations(found)


def test_a_rule_moves_into_the_elements_it_is_for() -> None:
    html = inline_styles(page("<p class='a b'>x</p><i>y</i>", styles=".a{color:#11223a}"))

    assert style_of(html) == {"color": "#11223a"}
    assert style_of(html, "i") == {}
    assert style_blocks(html) == []


@pytest.mark.parametrize(
    ("styles", "attribute", "color"),
    [
        (".a{color:#11223a} .a{color:#2a3b4c}", "", "#2a3b4c"),
        ("p.a{color:#11223a} .a{color:#2a3b4c}", "", "#11223a"),
        (".a.b{color:#11223a} .a{color:#2a3b4c}", "", "#11223a"),
        ("body p{color:#11223a} p{color:#2a3b4c}", "", "#11223a"),
        (".a{color:#11223a}", "color:#3c4d5e", "#3c4d5e"),
    ],
    ids=["later wins", "element and class win", "two classes win", "descendant wins", "own wins"],
)
def test_the_cascade_decides_as_in_a_browser(styles: str, attribute: str, color: str) -> None:
    """R-75."""
    html = inline_styles(page(f'<p class="a b" style="{attribute}">x</p>', styles=styles))

    assert style_of(html)["color"] == color


def test_the_second_block_is_left_as_it_is() -> None:
    """R-56, E-10: by default premailer takes "!important" out of it, and it loses its effect."""
    html = inline_styles(page("<p class='a'>x</p>", styles=".a{color:#5a6b7c}", kept=KEPT))

    assert style_blocks(html) == [KEPT]
    assert style_of(html) == {"color": "#5a6b7c"}


def test_a_rule_that_cannot_be_inlined_keeps_its_weight() -> None:
    """E-10, R-76."""
    styles = "@media (max-width:480px){.a{color:#2a3b4c !important}} .a{color:#11223a}"

    html = inline_styles(page("<p class='a'>x</p>", styles=styles))

    [left_over] = style_blocks(html)
    assert "#2a3b4c !important" in left_over


def test_width_height_and_color_attributes_are_the_templates() -> None:
    """E-10: premailer would write width="100%", height="auto" and align="center"."""
    styles = (
        "table{width:100%;background-color:#123456} td{text-align:center;vertical-align:top}"
        " img{height:auto;width:50%}"
    )
    body = (
        '<table width="600" bgcolor="#ffffff"><tr><td>'
        '<img src="https://a.example/b.png" alt="" width="300" height="200"></td></tr></table>'
    )

    html = inline_styles(page(body, styles=styles))

    assert '<table width="600" bgcolor="#ffffff"' in html
    assert 'width="300" height="200"' in html
    assert "align=" not in html.replace("text-align", "").replace("vertical-align", "")


def test_the_doctype_stays() -> None:
    """R-57, E-10."""
    assert inline_styles(page("<p>x</p>")).startswith("<!DOCTYPE html>\n<html lang=")


def test_comments_for_outlook_stay() -> None:
    """R-65."""
    comment = '<!--[if mso]><table width="600"><tr><td width="600"><![endif]-->'

    assert comment in inline_styles(page(f"{comment}<p>x</p>"))


@pytest.mark.parametrize(
    "href",
    [
        "https://example.gov/?a=1&amp;b=2#c",
        "mailto:a@b.example?subject=x%20y",
        "#item-1",
        "https://example.gov/u/UnsubscribeTokenStandsHere000/",
        "https://example.gov/u/%%X%%/__X__/{{x}}/",
    ],
)
def test_an_address_is_not_changed(href: str) -> None:
    """E-12: what is filled in after inlining must survive it."""
    html = inline_styles(page(f'<a href="{href}">x</a>'))

    assert f'href="{href.replace("{{x}}", "%7B%7Bx%7D%7D")}"' in html or f'href="{href}"' in html


@dataclass(frozen=True, kw_only=True)
class Elsewhere:
    """A style sheet on another server, and who asked for it."""

    url: str
    hits: list[str]


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    hits: list[str] = []

    class Count(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hits.append(self.path)
            self.send_response(200)
            self.end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), Count) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Elsewhere(url=f"http://127.0.0.1:{server.server_port}/x.css", hits=hits)
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    "styles",
    ["@import url({});", '@import "{}";', "@import url('{}') screen; p{{color:#11223a}}"],
)
def test_a_style_sheet_that_imports_another_is_refused(elsewhere: Elsewhere, styles: str) -> None:
    """E-11, R-76: premailer would fetch it, whatever allow_network says."""
    with pytest.raises(StyleFetchRefused, match=re.escape(elsewhere.url)):
        inline_styles(page("<p>x</p>", styles=styles.format(elsewhere.url)))

    assert elsewhere.hits == []


def test_nothing_that_a_document_names_is_fetched(elsewhere: Elsewhere) -> None:
    """R-76."""
    link = f'<link rel="stylesheet" href="{elsewhere.url}">'
    picture = f'<p style="background:url({elsewhere.url})"><img src="{elsewhere.url}" alt=""></p>'

    inline_styles(page(link + picture, styles=f"p{{background:url({elsewhere.url})}}"))

    assert elsewhere.hits == []


@pytest.fixture
def impatient_threads() -> Iterator[None]:
    """Make threads interrupt each other a thousand times as often as they would."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(usual)


def test_the_same_document_gives_the_same_bytes_in_many_threads_at_once(
    impatient_threads: None,
) -> None:
    """R-76: without a lock, one in ten comes out different."""
    styles = ".a{color:#11223a} @media (max-width:480px){.a{color:#2a3b4c} .b{color:#3c4d5e}}"
    documents = [page(f"<p class='a'>{number}</p>" * 20, styles=styles) for number in range(8)]

    with ThreadPoolExecutor(8) as threads:
        at_once = list(threads.map(inline_styles, documents * 10))

    assert at_once == [inline_styles(each) for each in documents] * 10


def test_inlining_twice_changes_nothing_that_is_shown() -> None:
    once = inline_styles(page("<p class='a'>x</p>", styles=".a{color:#11223a;margin:0 0 8px}"))

    assert inline_styles(once) == once
