"""The parts of a proof that come from rendering: what was typed, as it is read, and the mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from topthree.domain.newsletter import UNSUBSCRIBE_PLACEHOLDER
from topthree.domain.preflight.document import Element, parse
from topthree.domain.preflight.proof import Passage, RenderedMail, ShownLink
from topthree.domain.writing.issue import IssueContent
from topthree.render.readability import reading_grade
from topthree.render.shown import shown_links, shown_passages, shown_texts
from topthree.render.values import RenderedMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedParts:
    """What can be said of a content by itself."""

    passages: tuple[Passage, ...]
    links: tuple[ShownLink, ...]
    texts: Element
    #: By field; see :class:`topthree.domain.preflight.proof.Proof`.
    grades: Mapping[str, float]


def typed_parts(content: IssueContent) -> TypedParts:
    """Return what editors typed, as readers see it."""
    texts = shown_texts(content)
    passages = shown_passages(content, texts)
    grades = {
        passage.field: reading_grade([block.words for block in passage.blocks])
        for passage in passages
        if passage.is_english and passage.field.endswith("-body")
    }
    return TypedParts(
        passages=passages,
        links=shown_links(content, texts),
        texts=texts,
        grades={field: grade for field, grade in grades.items() if grade is not None},
    )


def taken_apart(rendered: RenderedMessage) -> RenderedMail:
    """Return an issue's message as checks look at it."""
    html = rendered.html.encode()
    document = parse(rendered.html)
    ways_out = [
        link
        for link in document.all("a")
        if UNSUBSCRIBE_PLACEHOLDER in link.attributes.get("href", "") and link.words
    ]
    return RenderedMail(
        size=len(html),
        way_out=html.rfind(UNSUBSCRIBE_PLACEHOLDER.encode()) if ways_out else None,
        document=document,
        styles="\n".join(style.words for style in document.all("style")),
        text=rendered.text,
    )
