"""The one way from an editor's Markdown to HTML for the page, HTML for mail, and plain text."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markupsafe import Markup

from topthree.domain.links.linked_document import LinkedDocument, with_note
from topthree.render.token_text import write_text

_SCHEMES = frozenset({"https", "http", "mailto"})
_TAGS = frozenset({"p", "h3", "ul", "ol", "li", "a", "strong", "em", "br", "blockquote", "code"})
_ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
#: The classes that the mail's style sheet knows, for what Markdown makes.
_MAIL_CLASSES = {
    "heading_open": "ink subhead",
    "bullet_list_open": "bullets",
    "ordered_list_open": "numbers",
    "list_item_open": "ink entry",
    "blockquote_open": "quote",
    "link_open": "link",
}
# A character reference (&#x202E;) can bring in what the form refuses when it is typed.
_HIDDEN = re.compile("[\u2028\u2029\u202a-\u202e\u2066-\u2069]")


#: Documents that may be linked to, by address.
Documents = Mapping[str, LinkedDocument]
NO_DOCUMENTS: Documents = {}
#: So far behind a link one looks for what is said of it: “(Word, 45 kB)”.
_NEAR = 40


def to_page_html(text: str, documents: Documents = NO_DOCUMENTS) -> Markup:
    """Return the HTML for the public page: plain elements, safe to be put in as it is.

    :param documents: what links to them says of kind and size.
    """
    return _html(_noted(_tokens(text), documents))


def to_mail_html(text: str, hue: str, documents: Documents = NO_DOCUMENTS) -> Markup:
    """Return the same elements with the classes of the mail's style sheet.

    :param hue: class of the section's color, which quotations take.
    """
    tokens = _noted(_tokens(text), documents)
    depth = 0
    for token in tokens:
        depth += token.nesting if token.type.startswith("blockquote") else 0
        for each in (token, *(token.children or ())):
            if each.type in _MAIL_CLASSES:
                each.attrSet("class", _MAIL_CLASSES[each.type])
        if token.type == "paragraph_open":
            token.attrSet("class", f"{hue} quoted" if depth else "ink text")
    classes = set(" ".join(_MAIL_CLASSES.values()).split()) | {hue, "quoted", "text"}
    return _html(tokens, dict.fromkeys(_TAGS, classes))


def to_text(text: str, documents: Documents = NO_DOCUMENTS) -> str:
    """Return the plain text, wrapped, with each link's address on a line of its own."""
    return write_text(_noted(_tokens(text), documents))


def to_words(text: str) -> str:
    """Return the words alone, on one line, without marks and without addresses."""
    inlines = (token.children or () for token in _tokens(text) if token.type == "inline")
    return " ".join(words for children in inlines for words in _words(children).split())


def linked_addresses(text: str) -> frozenset[str]:
    """Return the addresses that the text links to."""
    children = (child for token in _tokens(text) for child in token.children or ())
    return frozenset(str(child.attrs["href"]) for child in children if child.type == "link_open")


def is_safe_link(url: str) -> bool:
    """Tell whether this may be a link: absolute, to a site or an address, with nothing hidden."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    if parts.scheme not in _SCHEMES or "\\" in url or any(_is_blank(each) for each in url):
        return False
    # "https://agency.gov@elsewhere.example" leads elsewhere.
    return bool(parts.path) if parts.scheme == "mailto" else bool(host) and "@" not in parts.netloc


def _noted(tokens: Sequence[Token], documents: Documents) -> Sequence[Token]:
    """Put kind and size of a document behind the words that lead to it, if they say neither."""
    for token in tokens if documents else ():
        made: list[Token] = []
        start, url = 0, ""
        for index, child in enumerate(token.children or ()):
            if child.type == "link_open":
                start, url = index, str(child.attrs["href"])
            elif child.type == "link_close" and url in documents:
                words = _words((token.children or [])[start:index])
                after = _words((token.children or [])[index + 1 : index + 2])[:_NEAR]
                noted = with_note(words, documents[url], after)
                made.append(Token("text", "", 0, content=noted.removeprefix(words)))
            made.append(child)
        if token.children:
            token.children = made
    return tokens


def _words(children: Sequence[Token]) -> str:
    return "".join(" " if "break" in child.type else child.content for child in children)


def _is_blank(character: str) -> bool:
    return character.isspace() or not character.isprintable()


def _tokens(text: str) -> list[Token]:
    return _parser().parse(text)


def _html(tokens: Sequence[Token], classes: dict[str, set[str]] | None = None) -> Markup:
    parser = _parser()
    return Markup(  # noqa: S704 (what comes out of the sanitiser is what we call safe)
        nh3.clean(
            parser.renderer.render(tokens, parser.options, {}),
            tags=set(_TAGS),
            attributes=_ATTRIBUTES,
            url_schemes=set(_SCHEMES),
            url_relative="deny",
            link_rel=None,
            allowed_classes=classes or {},
        ).strip()
    )


@functools.cache
def _parser() -> MarkdownIt:
    """CommonMark without raw HTML and without blocks of program text, which nobody here means."""
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 50}).disable(["code", "fence"])
    # A link that is refused stays in the text as it was typed, for the editor to see.
    parser.validateLink = is_safe_link  # type: ignore[method-assign]
    for rule in (_bring_down_headings, _leave_out_rules, _tidy_inlines):
        parser.core.ruler.push(rule.__name__, rule)
    return parser


def _bring_down_headings(state: StateCore) -> None:
    # The issue's own headings are the first and the second level.
    for token in state.tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = "h3"


def _leave_out_rules(state: StateCore) -> None:
    state.tokens = [token for token in state.tokens if token.type != "hr"]


def _tidy_inlines(state: StateCore) -> None:
    for token in state.tokens:
        if token.children:
            token.children = _linked_images(_sound_links(token.children))
            for child in token.children:
                child.content = _HIDDEN.sub("", child.content)


def _sound_links(children: Sequence[Token]) -> list[Token]:
    """Make words of a link that leads nowhere, and give one that has none the name of its site."""
    made: list[Token] = []
    url = ""
    is_sound = True
    for child in children:
        is_first = bool(made) and made[-1].type == "link_open"
        if child.type == "link_open":
            url = str(child.attrs["href"])
            # The parser asks about every address but that of ``[words]()``.
            is_sound = is_safe_link(url)
        elif is_first and child.type == "link_close":
            made.append(Token("text", "", 0, content=_site(url)))
        elif is_first and made[-1].info == "auto":
            child.content = _site(url)
        if is_sound or not child.type.startswith("link_"):
            made.append(child)
    return made


def _site(url: str) -> str:
    """Return what stands for an address that nobody gave words to (WCAG 2.4.4)."""
    parts = urlsplit(url)
    return parts.hostname or parts.path


def _linked_images(children: Sequence[Token]) -> list[Token]:
    """Return the tokens with each image as a link with its words; issues have no images yet."""
    made: list[Token] = []
    depth = 0
    for child in children:
        depth += child.nesting if child.type.startswith("link_") else 0
        made += _image_tokens(child, is_linked=depth > 0) if child.type == "image" else [child]
    return made


def _image_tokens(image: Token, *, is_linked: bool) -> list[Token]:
    url = str(image.attrs["src"])
    words = Token("text", "", 0, content=image.content or _site(url))
    if is_linked or not is_safe_link(url):
        return [words]
    return [
        Token("link_open", "a", 1, attrs={"href": url}),
        words,
        Token("link_close", "a", -1),
    ]
