"""Plain text written from the tokens of parsed Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markdown_it.token import Token

from topthree.render.plain_words import wrapped

_QUOTE_INDENT = "  "


def write_text(tokens: Sequence[Token]) -> str:
    """Return the text with lines wrapped, lists marked, quotations indented, no blank edges."""
    writer = _Writer()
    for token in tokens:
        writer.take(token)
    return "\n".join(writer.lines).strip("\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Link:
    words: str
    url: str


class _Writer:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self._indents: list[str] = []
        #: The next number of each list that is open; None for one with dashes.
        self._lists: list[int | None] = []
        #: Stands before the first line of an entry, then is used up.
        self._marker = ""

    def take(self, token: Token) -> None:
        match token.type:
            case "inline":
                self._write(token.children or [])
            case "bullet_list_open" | "ordered_list_open":
                self._open_list(token)
            case "list_item_open":
                self._open_entry()
            case "blockquote_open":
                self._indents.append(_QUOTE_INDENT)
            case "list_item_close" | "blockquote_close":
                self._indents.pop()
            case "bullet_list_close" | "ordered_list_close":
                self._close_list()
            case "heading_close" | "paragraph_close" if not token.hidden:
                self._leave_a_line()

    def _open_list(self, token: Token) -> None:
        is_ordered = token.type.startswith("ordered")
        self._lists.append(int(token.attrs.get("start", 1)) if is_ordered else None)

    def _close_list(self) -> None:
        self._lists.pop()
        if not self._lists:
            self._leave_a_line()

    def _open_entry(self) -> None:
        number = self._lists[-1]
        if number is None:
            self._marker = "  - "
        else:
            self._marker = f"  {number}. "
            self._lists[-1] = number + 1
        self._indents.append(" " * len(self._marker))

    def _leave_a_line(self) -> None:
        if self.lines and self.lines[-1]:
            self.lines.append("")

    def _write(self, children: Sequence[Token]) -> None:
        words, links = _words_and_links(children)
        indent = "".join(self._indents)
        first = indent
        if self._marker:
            first = indent[: -len(self._marker)] + self._marker
            self._marker = ""
        for line in words.split("\n"):
            self.lines += wrapped(line, indent, first).split("\n")
            first = indent
        if len(links) == 1:
            self.lines.append(f"{indent}<{links[0].url}>")
            return
        # With several, each address needs the words it belongs to.
        for link in links:
            self.lines += wrapped(f"{link.words}:", f"{indent}  ").split("\n")
            self.lines.append(f"{indent}  <{link.url}>")


def _words_and_links(children: Sequence[Token]) -> tuple[str, list[_Link]]:
    words: list[str] = []
    links: list[_Link] = []
    start = 0
    for child in children:
        match child.type:
            case "softbreak":
                words.append(" ")
            case "hardbreak":
                words.append("\n")
            case "link_open":
                start = len(words)
                links.append(_Link(words="", url=str(child.attrs["href"])))
            case "link_close":
                url = links[-1].url
                links[-1] = _Link(words="".join(words[start:]), url=url)
            case _:
                words.append(child.content)
    return "".join(words), links
