"""What must be true of every HTML page the service gives, checked on each one any test fetches."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from tests.support.page import Element, Page, text_of

# Mail shown at the desk, or to whoever has a link to a draft, stands in a frame of our own pages.
# It is mail, not a page: other checks look at its words, and here its headers must lock it in.
FRAMED_MAIL = re.compile(r"^/(desk|s)/.+/(mail|message)\.html$")

_NEED_NO_LABEL = {"hidden", "submit", "button", "reset", "image"}
_REFERENCES = ("for", "form", "list", "headers", "aria-labelledby", "aria-describedby")
_REFERENCES_OF_ARIA = ("aria-controls", "aria-owns", "aria-errormessage", "aria-details")

Problems = Iterator[str]


def assert_good_page(page: Page) -> None:
    """Fail with every fault of the page at once."""
    problems = [problem for check in _checks_for(page) for problem in check(page)]
    if problems:
        listing = "\n".join(f"  - {problem}" for problem in problems)
        raise AssertionError(f"{page.path} ({page.status}) is not a good page:\n{listing}")


def _checks_for(page: Page) -> tuple[Callable[[Page], Problems], ...]:
    if 300 <= page.status < 400:
        return (_header_problems,)
    if FRAMED_MAIL.match(page.path.partition("?")[0]):
        return (_frame_problems,)
    return (
        _header_problems,
        _policy_problems,
        _parse_problems,
        _document_problems,
        _heading_problems,
        _label_problems,
        _reference_problems,
        _anchor_problems,
        _inline_problems,
        _media_problems,
        _foreign_problems,
    )


def _header_problems(page: Page) -> Problems:
    if page.headers.get("Content-Type") != "text/html; charset=utf-8":
        yield f"Content-Type is {page.headers.get('Content-Type')!r}, not text/html; charset=utf-8"
    if page.headers.get("X-Content-Type-Options") != "nosniff":
        yield "X-Content-Type-Options: nosniff is missing"
    if page.headers.get("Referrer-Policy", "unsafe-url") == "unsafe-url":
        yield "Referrer-Policy is missing or unsafe-url"


def _policy(page: Page) -> dict[str, list[str]]:
    directives = page.headers.get("Content-Security-Policy", "").split(";")
    words = [directive.split() for directive in directives]
    return {name.lower(): values for name, *values in filter(None, words)}


def _policy_problems(page: Page) -> Problems:
    policy = _policy(page)
    for directive in ("default-src", "base-uri", "form-action", "frame-ancestors"):
        if directive not in policy:
            yield f"the Content-Security-Policy says nothing of {directive}"
    for directive, values in policy.items():
        for value in {"'unsafe-inline'", "'unsafe-eval'", "'unsafe-hashes'", "*"} & set(values):
            yield f"the Content-Security-Policy allows {value} in {directive}"
    if policy.get("frame-ancestors") != ["'none'"]:
        yield "the Content-Security-Policy lacks frame-ancestors 'none'"


def _frame_problems(page: Page) -> Problems:
    policy = _policy(page)
    yield from _header_problems(page)
    if policy.get("default-src") != ["'none'"]:
        yield "framed mail lacks default-src 'none'"
    if policy.get("frame-ancestors") != ["'self'"]:
        yield "framed mail lacks frame-ancestors 'self'"
    if policy.get("sandbox", ["missing"]) != []:
        yield "framed mail lacks an empty sandbox"
    if "'unsafe-inline'" in policy.get("script-src", []):
        yield "framed mail may run scripts"


def _parse_problems(page: Page) -> Problems:
    for error in page.parse_errors:
        yield f"not valid HTML5, {error}"


def _document_problems(page: Page) -> Problems:
    if not page.root.get("lang"):
        yield "<html> has no lang"
    titles = page.select("head > title")
    if len(titles) != 1 or not text_of(titles[0]):
        yield f"there are {len(titles)} titles in the head, or it is empty"
    if not page.select("head > meta[name=viewport]"):
        yield "there is no viewport, so a phone shows the page tiny"
    if len(page.select("main")) != 1:
        yield f"there are {len(page.select('main'))} <main>, not one"
    counted = Counter(element.get("id") for element in page.select("[id]"))
    for name, count in counted.items():
        if count > 1 or not name:
            yield f"the id {name!r} is there {count} times"


def _heading_problems(page: Page) -> Problems:
    firsts = page.select("h1")
    if len(firsts) != 1:
        yield f"there are {len(firsts)} <h1>, not one"
    level = 1  # What stands above the <h1> may have an <h2> of its own.
    for heading in page.select("h1, h2, h3, h4, h5, h6"):
        depth = int(heading.tag[1])
        if not text_of(heading):
            yield f"an <h{depth}> is empty"
        if depth > level + 1:
            yield f"<h{depth}> “{text_of(heading)}” follows an <h{level}>: a level is skipped"
        level = depth


def _label_problems(page: Page) -> Problems:
    for control in page.select("input, select, textarea"):
        if control.get("type", "text").lower() not in _NEED_NO_LABEL and not _label(page, control):
            yield f"{_describe(control)} has no label"
    for button in page.select("button, a[href], input[type=submit], input[type=button]"):
        name = text_of(button) or button.get("value", "") or _aria_label(page, button)
        alternatives = " ".join(image.get("alt", "") for image in button.cssselect("img"))
        if not (name or alternatives).strip():
            yield f"{_describe(button)} has no name"


def _label(page: Page, control: Element) -> str:
    around = list(control.iterancestors("label"))
    pointing = [
        label for label in page.select("label[for]") if label.get("for") == control.get("id")
    ]
    # What can be chosen in a control does not say what it is for.
    words = [text_of(label, without={"select", "textarea"}) for label in around + pointing]
    return "".join(words) or _aria_label(page, control)


def _aria_label(page: Page, element: Element) -> str:
    named = element.get("aria-label", "").strip()
    pointed = element.get("aria-labelledby", "").split()
    texts = [text_of(other) for other in page.select("[id]") if other.get("id") in pointed]
    return named or " ".join(texts).strip()


def _ids(page: Page) -> set[str]:
    return {element.get("id", "") for element in page.select("[id]")}


def _reference_problems(page: Page) -> Problems:
    ids = _ids(page)
    for name in _REFERENCES + _REFERENCES_OF_ARIA:
        for element in page.select(f"[{name}]"):
            for missing in set(element.get(name, "").split()) - ids:
                yield f"{_describe(element)} points with {name} to #{missing}, which is not there"


def _anchor_problems(page: Page) -> Problems:
    ids = _ids(page)
    here = urlsplit(page.path)
    for link in page.select("a[href]"):
        target = urlsplit(link.get("href", ""))
        is_here = not target.netloc and not target.scheme and target.path in {"", here.path}
        if is_here and target.fragment and target.fragment not in ids | {"top"}:
            yield f"the link “{text_of(link)}” leads to #{target.fragment}, which is not there"


def _inline_problems(page: Page) -> Problems:
    for element in page.root.iter("*"):
        for attribute in map(str, element.attrib):
            if attribute == "style" or attribute.startswith("on"):
                yield f"{_describe(element)} has the attribute {attribute}"
        if element.tag.rpartition("}")[2] == "style":
            yield "there is a <style>"
        if element.tag == "script" and not element.get("src"):
            yield "there is a <script> without src"
        for attribute in ("href", "src", "action", "formaction"):
            if element.get(attribute, "").strip().lower().startswith("javascript:"):
                yield f"{_describe(element)} runs script from {attribute}"


def _media_problems(page: Page) -> Problems:
    for image in page.select("img, input[type=image]"):
        if image.get("alt") is None:
            yield f"{_describe(image)} has no alt"
    for frame in page.select("iframe"):
        if not frame.get("title", "").strip():
            yield "an <iframe> has no title"
        if frame.get("sandbox") is None:
            yield "an <iframe> has no sandbox"


def _foreign_problems(page: Page) -> Problems:
    for element in page.select(
        "[src], [srcset], link[href]:not([rel=canonical]):not([rel=alternate])"
    ):
        for attribute in ("src", "srcset", "href"):
            target = urlsplit(element.get(attribute, "").strip())
            if target.netloc:
                yield f"{_describe(element)} is fetched from {target.netloc}"


def _describe(element: Element) -> str:
    marks = {name: element.get(name) for name in ("id", "name", "type", "href", "class")}
    shown = "".join(f' {name}="{value}"' for name, value in marks.items() if value)
    return f"<{element.tag}{shown}>"
