"""What editors typed, as readers see it: words field by field, and the links among them."""

from __future__ import annotations

from collections.abc import Iterator

from topthree.domain.preflight.document import Block, Element, blocks_of, parse
from topthree.domain.preflight.proof import Passage, ShownLink
from topthree.domain.writing.issue import PLACES, IssueContent
from topthree.domain.writing.item import Item
from topthree.render.markdown import to_page_html


def shown_texts(content: IssueContent) -> Element:
    """Return the three items' texts as the public page has them, each under its anchor."""
    sections = (
        f'<section id="item-{place}">{to_page_html(item.body)}</section>'
        for place, item in zip(PLACES, content.items, strict=True)
    )
    return parse("".join(sections))


def shown_passages(content: IssueContent, texts: Element) -> tuple[Passage, ...]:
    """Return what stands in each field that is not empty, in the order of the form.

    :param texts: what :func:`shown_texts` makes of the content; parsing it takes the longest.
    """
    passages = [
        _line("subject", content.language, content.subject),
        _line("preheader", content.language, content.preheader),
        Passage(
            field="greeting",
            language=content.language,
            blocks=tuple(
                Block(words=" ".join(each.split())) for each in content.greeting.split("\n\n")
            ),
        ),
    ]
    for place, item in zip(PLACES, content.items, strict=True):
        body = Passage(
            field=f"item-{place}-body",
            language=item.language or content.language,
            blocks=blocks_of(_body(texts, place)),
        )
        passages += _item_passages(place, item, body)
    return tuple(each for each in passages if any(block.words for block in each.blocks))


def shown_links(content: IssueContent, texts: Element) -> tuple[ShownLink, ...]:
    """Return the links of the three items, in the order in which they are read.

    :param texts: as for :func:`shown_passages`.
    """
    found: list[ShownLink] = []
    for place, item in zip(PLACES, content.items, strict=True):
        found += (
            ShownLink(
                field=f"item-{place}-body",
                url_field=f"item-{place}-body",
                words=link.words,
                url=link.attributes.get("href", ""),
            )
            for link in _body(texts, place).all("a")
        )
        if item.link.url and item.link.label:
            found.append(
                ShownLink(
                    field=f"item-{place}-link-label",
                    url_field=f"item-{place}-link-url",
                    words=item.link.label,
                    url=item.link.url,
                )
            )
    return tuple(found)


def _body(texts: Element, place: int) -> Element:
    return texts.all("section")[place - 1]


def _item_passages(place: int, item: Item, body: Passage) -> Iterator[Passage]:
    at, language = f"item-{place}", body.language
    yield _line(f"{at}-kicker", language, item.kicker)
    yield _line(f"{at}-headline", language, item.headline)
    yield body
    yield _line(f"{at}-link-label", language, item.link.label)
    yield _line(f"{at}-contributor-name", language, item.contributor.name)
    yield _line(f"{at}-contributor-role", language, item.contributor.role)
    yield _line(f"{at}-contributor-school", language, item.contributor.school)
    yield _line(f"{at}-place", language, item.participation.place)
    for name, picture in (("picture", item.picture), ("portrait", item.portrait)):
        words = (picture.alt, picture.caption, picture.credit)
        blocks = tuple(Block(words=each) for each in words if each)
        yield Passage(field=f"{at}-{name}", language=language, blocks=blocks)


def _line(field: str, language: str, words: str) -> Passage:
    return Passage(field=field, language=language, blocks=(Block(words=words),))
