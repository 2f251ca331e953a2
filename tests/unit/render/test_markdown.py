"""What editors write, brought to HTML: nothing in it acts, and nothing they meant is lost."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Callable

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topthree.render.markdown import (
    is_safe_link,
    to_mail_html,
    to_page_html,
    to_text,
    to_words,
)

ALLOWED_TAGS = {"p", "h3", "ul", "ol", "li", "a", "strong", "em", "br", "blockquote", "code"}
SSTI = [
    "{{7*7}}",
    "{{ config }}",
    "{% for x in [] %}{% endfor %}",
    "{%raw%}",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "${{<%[%'\"}}%\\.",
    "{{''.__class__.__mro__[1].__subclasses__()}}",
    "%(name)s {0} {name!r} {subject.__class__}",
]
XSS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=https://evil.example/x.js></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "<svg><g/onload=alert(2)//<p>",
    "<math><mi//xlink:href='data:x,<script>alert(4)</script>'>",
    "<table><td background='javascript:alert(1)'>",
    "<style>@import url(https://evil.example/x.css)</style>",
    '<p style="background:url(javascript:alert(1))">x</p>',
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<form action=https://evil.example><input name=x></form>",
    "<base href=https://evil.example/>",
    "<!--<img src='--><img src=x onerror=alert(1)//'>",
    "<!-- --!> <img src=x onerror=alert(1)> -->",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<a href='javascript:alert(1)'>x</a>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "`<script>alert(1)</script>`",
    "```html\n<script>alert(1)</script>\n```",
    "    <script>alert(1)</script>",
    "<div id=item-1 class=btn>x</div>",
    "<x-foo onclick=alert(1)>x</x-foo>",
    "<<script>script>alert(1)</script>",
]
LINKS = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "javascript&colon;alert(1)",
    "&#106;avascript:alert(1)",
    "&#x6A;avascript:alert(1)",
    "%6Aavascript:alert(1)",
    "\u2028javascript:alert(1)",
    "&#x2028;javascript:alert(1)",
    "\x01javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD4=",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "//evil.example/x",
    "/\\evil.example",
    "\\\\evil.example",
    "https:/evil.example",
    "https:evil.example",
    "https://",
    "https://agency.gov@evil.example/",
    "https://agency.gov\\@evil.example/",
    "https://[::1",
    "ftp://files.example/x",
    "tel:+15550100",
    "page.html",
    "#item-1",
    "?x=1",
    "",
    "blob:https://x",
    "mailto:",
]

Pipeline = Callable[[str], str]


def to_mail(text: str) -> str:
    return to_mail_html(text, "ref")


@pytest.fixture(params=[to_page_html, to_mail], ids=["page", "mail"])
def pipeline(request: pytest.FixtureRequest) -> Pipeline:
    chosen: Pipeline = request.param
    return chosen


def elements(markup: str) -> list[tuple[str, dict[str, str]]]:
    root = html5lib.parseFragment(markup, namespaceHTMLElements=False)
    return [(str(each.tag), dict(each.attrib)) for each in root.iter()][1:]


def assert_harmless(markup: str) -> None:
    for tag, attributes in elements(markup):
        assert tag in ALLOWED_TAGS
        assert set(attributes) <= {"href", "class", "start"}
        assert "href" not in attributes or re.match(
            r"(https?://[^/@\\\s?#]+([/?#]|$)|mailto:[^\s]+)", attributes["href"]
        )


@pytest.mark.parametrize("payload", XSS)
@pytest.mark.parametrize(
    "around", ["{}", "**{}**", "- {}", "> {}", "# {}", "[{}](https://a.example)"]
)
def test_html_is_words_and_not_elements(pipeline: Pipeline, payload: str, around: str) -> None:
    """R-67, T14."""
    assert_harmless(pipeline(around.format(payload)))


@pytest.mark.parametrize("payload", XSS[:19])
def test_html_reaches_the_reader_as_it_was_typed(payload: str) -> None:
    """T14: the reader sees the words, not a gap."""
    shown = "".join(html5lib.parseFragment(to_page_html(payload)).itertext())

    assert shown == html.unescape(payload)


@pytest.mark.parametrize("url", LINKS)
@pytest.mark.parametrize(
    "around", ["[words]({})", "[words](<{}>)", "<{}>", "![words]({})", "[words][1]\n\n[1]: {}"]
)
def test_a_link_leads_to_a_site_or_an_address_or_is_none(
    pipeline: Pipeline, url: str, around: str
) -> None:
    """R-67, T15."""
    markup = pipeline(around.format(url))

    assert_harmless(markup)
    assert "href" not in markup or "alert" not in markup


@pytest.mark.parametrize("url", ["//evil.example", "page.html", "https://agency.gov@evil.example/"])
def test_a_link_that_is_refused_stays_as_it_was_typed(pipeline: Pipeline, url: str) -> None:
    """So that the editor sees in the preview what did not become a link."""
    assert re.sub(" class=.*?>", ">", pipeline(f"[words]({url})")) == f"<p>[words]({url})</p>"


@pytest.mark.parametrize("url", LINKS)
def test_a_link_that_is_refused_has_no_address_in_the_text_either(url: str) -> None:
    """T15."""
    assert not re.search(r"^<.*>$", to_text(f"[words]({url})"), re.MULTILINE)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.gov",
        "http://example.gov/page?a=1&b=2#part",
        "HTTPS://EXAMPLE.GOV/",
        "https://example.gov:8443/~a/(b)/%C3%A9",
        "mailto:letters@example.gov?subject=Hello",
    ],
)
def test_a_link_to_a_site_or_an_address_is_kept(pipeline: Pipeline, url: str) -> None:
    [link] = [found for tag, found in elements(pipeline(f"[words](<{url}>)")) if tag == "a"]

    assert link["href"].lower() == url.lower()
    assert f"<{link['href']}>" in to_text(f"[words](<{url}>)")


@pytest.mark.parametrize("payload", SSTI)
def test_template_syntax_is_words(pipeline: Pipeline, payload: str) -> None:
    """T27."""
    shown = "".join(html5lib.parseFragment(pipeline(f"say {payload}.")).itertext())

    assert "49" not in shown
    # Backslashes and underscores are Markdown's own.
    assert re.sub(r"[\\_]", "", shown) == re.sub(r"[\\_]", "", f"say {payload}.")


@given(st.text(alphabet="<>&\"'=/!-[]()`*_#\\: \njavscriptonl1.{}%", max_size=120))
def test_whatever_is_typed_is_harmless(text: str) -> None:
    """R-67, T14, T15."""
    assert_harmless(to_page_html(text))
    assert_harmless(to_mail_html(text, "ref"))
    to_text(text)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("A *b* **c** `d`", "<p>A <em>b</em> <strong>c</strong> <code>d</code></p>"),
        ("# One\n\n## Two\n\n##### Five", "<h3>One</h3>\n<h3>Two</h3>\n<h3>Five</h3>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>'),
        ("> a", "<blockquote>\n<p>a</p>\n</blockquote>"),
        ("a  \nb", "<p>a<br>\nb</p>"),
        ("a\n\n---\n\nb", "<p>a</p>\n<p>b</p>"),
        ("    indented by hand", "<p>indented by hand</p>"),
        ("![A bus](https://a.example/b.png)", '<p><a href="https://a.example/b.png">A bus</a></p>'),
        ("![](https://a.example/b.png)", '<p><a href="https://a.example/b.png">a.example</a></p>'),
        (
            "[![A bus](https://a.example/b.png)](https://a.example)",
            '<p><a href="https://a.example">A bus</a></p>',
        ),
        ("[words]()", "<p>words</p>"),
        ("[](https://a.example/b)", '<p><a href="https://a.example/b">a.example</a></p>'),
        ("<https://a.example/b>", '<p><a href="https://a.example/b">a.example</a></p>'),
        ("<a@b.example>", '<p><a href="mailto:a@b.example">a@b.example</a></p>'),
        ("AT&T, 3 < 4", "<p>AT&amp;T, 3 &lt; 4</p>"),
        ("&copy; &amp; &nbsp;x", "<p>© &amp; &nbsp;x</p>"),
        ("", ""),
    ],
)
def test_markdown_becomes_plain_elements(written: str, shown: str) -> None:
    assert to_page_html(written) == shown


def test_a_character_reference_cannot_hide_anything() -> None:
    """What the form refuses when it is typed cannot come in by its number."""
    assert to_page_html("a&#x202E;b&#x2028;c&#x2067;d") == "<p>abcd</p>"
    assert to_text("a&#x202E;b&#x2028;c&#x2067;d") == "abcd"


def test_mail_has_the_same_words_with_the_classes_of_its_style_sheet() -> None:
    written = "# A\n\nb [c](https://a.example)\n\n- d\n\n1. e\n\n> f"

    mail = to_mail_html(written, "ref")

    assert re.sub(r' class="[^"]*"', "", mail) == to_page_html(written)
    assert '<h3 class="ink subhead">' in mail
    assert '<p class="ink text">b <a href="https://a.example" class="link">' in mail
    assert '<ul class="bullets">\n<li class="ink entry">' in mail
    assert '<ol class="numbers">' in mail
    assert '<blockquote class="quote">\n<p class="ref quoted">f' in mail


def test_words_alone_are_one_line() -> None:
    assert to_words("# A\n\nb *c*\nd [e](https://a.example)\n\n- f") == "A b c d e f"


@pytest.mark.parametrize("url", ["https://a.example", "mailto:a@b.example"])
def test_an_absolute_address_is_safe(url: str) -> None:
    assert is_safe_link(url)


@pytest.mark.parametrize("url", LINKS)
def test_any_other_address_is_not_safe(url: str) -> None:
    """T15."""
    assert not is_safe_link(html.unescape(url))


@pytest.mark.parametrize(
    "unit",
    [
        *("[", "![", "<div>", "[a](", "*a ", "**", "_a*", "> ", "- ", "`a", "[a][", "<", "&", "\\"),
        *(">\n", "[x]: y\n", "a\n\n", "- a\n", "[](", "*a_", "![a](b", "<!--", "&#x41;", "1. "),
    ],
)
def test_the_longest_body_is_rendered_in_time(unit: str) -> None:
    """T32: measured in the time of this process, with room for a slow machine."""
    body = (unit * 20_000)[:20_000]
    start = time.process_time()

    to_page_html(body)
    to_mail_html(body, "res")
    to_text(body)

    assert time.process_time() - start < 10


def test_lists_may_nest_deeper_than_anybody_writes_them() -> None:
    lists = "\n".join("  " * depth + f"- entry {depth}." for depth in range(20))

    assert to_page_html(lists).count("<li>") == to_text(lists).count("entry") == 20


def test_a_body_that_nests_deeply_is_rendered() -> None:
    """T32."""
    quotes = ">" * 10_000 + " end"
    lists = "\n".join("  " * depth + "- a" for depth in range(120))
    brackets = "[" * 9_000 + "x" + "](https://a.example)" * 500

    for body in (quotes, lists, brackets):
        assert_harmless(to_page_html(body))
        assert len(to_text(body)) < 40_000
