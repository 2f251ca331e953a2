from __future__ import annotations

from collections.abc import Mapping

import pytest
from werkzeug.datastructures import Headers

from tests.support.page import Page
from tests.support.page_checker import assert_good_page
from tests.support.sample_site import GOOD_HEADERS

GOOD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Past issues</title>
<link rel="stylesheet" href="/static/site.css">
</head>
<body>
<a href="#main">Skip to the text</a>
<main id="main">
<h1>Past issues</h1>
<h2>This year</h2>
<svg viewBox="0 0 1 1" aria-hidden="true"><path d="M0 0"/></svg>
<form action="/find" method="post">
<label for="word">Word</label> <input id="word" name="word" aria-describedby="hint">
<p id="hint">One word is enough.</p>
<label>Year <select name="year"><option>2026</option></select></label>
<button>Find</button>
</form>
<img src="/static/three.svg" alt="">
<iframe src="/desk/issues/1/mail.html" title="The mail" sandbox></iframe>
</main>
</body>
</html>
"""
POLICY = GOOD_HEADERS["Content-Security-Policy"]
HEADERS = {"Content-Type": "text/html; charset=utf-8"} | GOOD_HEADERS


def page(
    source: str = GOOD, *, path: str = "/issues/", headers: Mapping[str, str] = HEADERS
) -> Page:
    return Page(path=path, status=200, headers=Headers(headers), body=source.encode())


def test_a_good_page_passes() -> None:
    assert_good_page(page())


@pytest.mark.parametrize(
    ("good", "bad", "finding"),
    [
        ('<html lang="en">', "<html>", "<html> has no lang"),
        ("<!doctype html>\n", "", "not valid HTML5, line 1: expected-doctype"),
        ("</form>", "</form></section>", "not valid HTML5"),
        ("<title>Past issues</title>", "", "0 titles"),
        ("<title>Past issues</title>", "<title> </title>", "1 titles"),
        ('name="viewport"', 'name="other"', "viewport"),
        ("main", "div", "0 <main>"),
        ("<h2>This year</h2>", "<h1>Two</h1>", "2 <h1>"),
        ("h1>", "h2>", "0 <h1>"),
        ("<h2>This year</h2>", "<h3>This year</h3>", "a level is skipped"),
        ("<h2>This year</h2>", "<h2> </h2>", "an <h2> is empty"),
        ('<label for="word">Word</label>', "", '<input id="word" name="word"> has no label'),
        ('<label for="word">Word</label>', '<label for="word"> </label>', "has no label"),
        ("Year <select", "<select", '<select name="year"> has no label'),
        ("<button>Find</button>", "<button></button>", "<button> has no name"),
        ('id="hint"', 'id="word"', "the id 'word' is there 2 times"),
        ('id="hint"', 'id="tip"', "to #hint, which is not there"),
        ('href="#main"', 'href="#text"', "leads to #text"),
        ('href="#main"', 'href="/issues/#text"', "leads to #text"),
        ('href="#main"', 'href="javascript:back()"', "runs script from href"),
        ("<h2>", '<h2 style="color: red">', "has the attribute style"),
        ("<h2>", '<h2 onclick="go()">', "has the attribute onclick"),
        ("</title>", "</title><style>p {}</style>", "there is a <style>"),
        ("</title>", "</title><script>go()</script>", "a <script> without src"),
        (' alt=""', "", "has no alt"),
        (' title="The mail"', "", "an <iframe> has no title"),
        (" sandbox", "", "an <iframe> has no sandbox"),
        ('src="/static/three', 'src="https://cdn.example/three', "fetched from cdn.example"),
        ('href="/static/', 'href="//cdn.example/', "fetched from cdn.example"),
    ],
)
def test_each_fault_of_a_page_is_found(good: str, bad: str, finding: str) -> None:
    source = GOOD.replace(good, bad)

    with pytest.raises(AssertionError) as complaint:
        assert_good_page(page(source))

    assert finding in str(complaint.value)


@pytest.mark.parametrize(
    ("header", "value", "finding"),
    [
        ("Content-Type", "text/html", "Content-Type is 'text/html'"),
        ("X-Content-Type-Options", "", "nosniff is missing"),
        ("Referrer-Policy", "unsafe-url", "Referrer-Policy"),
        ("Content-Security-Policy", "", "says nothing of default-src"),
        ("Content-Security-Policy", POLICY + "; style-src 'unsafe-inline'", "in style-src"),
        (
            "Content-Security-Policy",
            POLICY.replace("s 'none'", "s 'self'"),
            "frame-ancestors 'none'",
        ),
    ],
)
def test_each_missing_header_is_found(header: str, value: str, finding: str) -> None:
    with pytest.raises(AssertionError) as complaint:
        assert_good_page(page(headers=HEADERS | {header: value}))

    assert finding in str(complaint.value)


def test_framed_mail_may_be_any_html_but_must_be_locked_in() -> None:
    locked = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; "
        "frame-ancestors 'self'; sandbox"
    )
    mail = "<table><td style='color: red'>Hello"
    path = "/desk/issues/7/mail.html"

    assert_good_page(page(mail, path=path, headers=HEADERS | {"Content-Security-Policy": locked}))
    with pytest.raises(AssertionError, match="lacks an empty sandbox"):
        assert_good_page(page(mail, path=path))
