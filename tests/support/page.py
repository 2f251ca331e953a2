"""A page as a browser gets it: the answer, and the tree that HTML5's own rules make of it."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import cast

import html5lib
from html5lib.constants import DataLossWarning
from lxml.cssselect import CSSSelector
from lxml.etree import _Comment
from lxml.etree import _Element as Element
from werkzeug.datastructures import Headers

__all__ = ["Element", "Page", "text_of"]


@dataclass(frozen=True, kw_only=True)
class Page:
    """The last answer of a visit. `path` includes the query; `status` and `headers` are its own."""

    path: str
    status: int
    headers: Headers
    body: bytes

    @property
    def is_html(self) -> bool:
        return self.headers.get("Content-Type", "").startswith("text/html")

    @cached_property
    def source(self) -> str:
        return self.body.decode("utf-8")

    @cached_property
    def root(self) -> Element:
        return self._parsed[0]

    @property
    def parse_errors(self) -> Sequence[str]:
        return self._parsed[1]

    @property
    def title(self) -> str:
        return " ".join(text_of(element) for element in self.select("head > title"))

    @property
    def heading(self) -> str:
        return " ".join(text_of(element) for element in self.select("h1"))

    @property
    def text(self) -> str:
        """All the words of the page, with single spaces."""
        return " ".join(text_of(element) for element in self.select("body"))

    def select(self, selector: str) -> Sequence[Element]:
        """Return the elements a CSS selector finds, in the order of the page."""
        return cast("list[Element]", _compiled(selector)(self.root))

    def one(self, selector: str) -> Element:
        """Return the only element a CSS selector finds."""
        found = self.select(selector)
        if len(found) != 1:
            raise AssertionError(f"{self.path} has {len(found)} of {selector!r}, not one.")
        return found[0]

    @cached_property
    def _parsed(self) -> tuple[Element, Sequence[str]]:
        builder = html5lib.getTreeBuilder("lxml")
        parser = html5lib.HTMLParser(tree=builder, namespaceHTMLElements=False)
        with warnings.catch_warnings():
            # lxml cannot hold every name HTML may have; none that a check looks for is lost.
            warnings.simplefilter("ignore", DataLossWarning)
            root = parser.parse(self.source).getroot()
        return root, [f"line {line}: {code}" for (line, _), code, _ in parser.errors]


@cache
def _compiled(selector: str) -> CSSSelector:
    return CSSSelector(selector)


def text_of(element: Element, *, without: Collection[str] = ()) -> str:
    """Return the words in an element, with single spaces; scripts and styles have none."""
    return " ".join("".join(_texts(element, {"script", "style", *without})).split())


def _texts(element: Element, without: Collection[object]) -> Iterator[str]:
    if isinstance(element, _Comment) or element.tag in without:
        return
    yield element.text or ""
    for child in element:
        yield from _texts(child, without)
        yield child.tail or ""
