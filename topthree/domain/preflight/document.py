"""A finished document taken apart again: what was rendered is what is checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "wbr"})
_UNSEEN = frozenset({"head", "style", "script", "title"})
_BLOCKS = frozenset(
    {"p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "td", "figcaption"}
)
#: Deeper than any template, and than the parser of editors' texts allows.
_DEEPEST = 200


@dataclass(slots=True, eq=False, repr=False)
class Element:
    """An element, its attributes, and what stands in it."""

    tag: str
    attributes: Mapping[str, str]
    parent: Element | None = None
    children: list[Element | str] = field(default_factory=list)

    def walk(self) -> Iterator[Element]:
        """Give this element and all below it, in the order in which they are read."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def all(self, *tags: str) -> list[Element]:
        """Return the elements with one of these tags, in the order in which they are read."""
        return [element for element in self.walk() if element.tag in tags]

    def ancestors(self) -> Iterator[Element]:
        """Give this element and those around it, from the inside out."""
        here: Element | None = self
        while here is not None:
            yield here
            here = here.parent

    @property
    def words(self) -> str:
        """The words in it, on one line."""
        return " ".join("".join(self.texts()).split())

    @property
    def is_seen(self) -> bool:
        """Whether it is part of what a reader gets."""
        return not any(each.tag in _UNSEEN for each in self.ancestors())

    def texts(self) -> Iterator[str]:
        """Give the pieces of text in it, with room between blocks."""
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.tag == "br":
                yield " "
            elif child.tag not in _UNSEEN:
                gap = " " if child.tag in _BLOCKS else ""
                yield f"{gap}{''.join(child.texts())}{gap}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A paragraph, an entry of a list or a heading."""

    words: str
    is_quoted: bool = False


def parse(html: str) -> Element:
    """Return the document as the element that everything stands in; comments are left out."""
    parser = _Parser()
    parser.feed(html)
    parser.close()
    return parser.root


def blocks_of(root: Element) -> tuple[Block, ...]:
    """Return the innermost blocks that hold words, in the order in which they are read."""
    found = [
        Block(
            words=element.words,
            is_quoted=any(each.tag == "blockquote" for each in element.ancestors()),
        )
        for element in root.all(*_BLOCKS)
        if not any(below.tag in _BLOCKS for below in element.walk() if below is not element)
    ]
    return tuple(block for block in found if block.words)


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self._here = self.root
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        element = Element(tag, values, self._here)
        self._here.children.append(element)
        if tag not in _VOID and self._depth < _DEEPEST:
            self._here = element
            self._depth += 1

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._here.children.append(
            Element(tag, {name: value or "" for name, value in attrs}, self._here)
        )

    def handle_endtag(self, tag: str) -> None:
        closed = next((each for each in self._here.ancestors() if each.tag == tag), None)
        while closed is not None and self._here.parent is not None:
            was, self._here = self._here, self._here.parent
            self._depth -= 1
            if was is closed:
                return

    def handle_data(self, data: str) -> None:
        self._here.children.append(data)
