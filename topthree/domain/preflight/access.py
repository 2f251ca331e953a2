"""Checks of what shuts readers out: pictures without words, headings out of order, faint text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from topthree.domain.preflight.colors import (
    Color,
    class_rules,
    color_of,
    contrast,
    dark_part,
    declarations,
    light_part,
    tokens_of,
)
from topthree.domain.preflight.document import Element
from topthree.domain.preflight.finding import WHOLE, Flaw
from topthree.domain.preflight.proof import Proof

#: What text needs on its background (WCAG 1.4.3).
_ENOUGH = 4.5
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_ITEM = re.compile(r"item-[123]")
_WHITE: Color = (255, 255, 255)
_BLACK: Color = (0, 0, 0)
#: Which tokens stand on which, on the pages that readers see.
_PAGE_PAIRS = (
    ("ink", "paper"),
    ("ink-2", "paper"),
    ("link", "paper"),
    ("link-visited", "paper"),
    ("resource", "paper"),
    ("reflection", "paper"),
    ("opportunity", "paper"),
    ("ink", "sheet"),
    ("on-action", "action"),
    ("ink", "opportunity-wash"),
)
_TEMPLATE = "Tell whoever runs the service: it is in the template, not in your text."


def undescribed(proof: Proof) -> Iterator[Flaw]:
    """Find pictures that say nothing to those who do not see them."""
    for document in (proof.mail.document, proof.page):
        for item, element in _by_item(document):
            if element.tag == "img" and "alt" not in element.attributes:
                message = "A picture has no description for those who do not see it."
                todo = "Say in words what it shows, or mark it as decorative."
                yield Flaw(field=_field(item, "picture"), message=message, todo=todo)


def disordered(proof: Proof) -> Iterator[Flaw]:
    """Find headings that are empty, or that skip a level: many people read by headings."""
    yield from _disorder(proof.mail.document, level=0)
    # The page's own two levels stand above the three texts.
    yield from _disorder(proof.page, level=2)


def faint(proof: Proof) -> Iterator[Flaw]:
    """Find text that cannot be told from its background, in the light and in the dark."""
    found = {
        **_faint_in_mail(proof.mail.document, "the mail", {}),
        **_faint_in_mail(
            proof.mail.document, "the mail in the dark", class_rules(dark_part(proof.mail.styles))
        ),
        **_faint_on_page(light_part(proof.page_styles), "the page"),
        **_faint_on_page(dark_part(proof.page_styles), "the page in the dark"),
    }
    for (where, text, ground), words in found.items():
        ratio = contrast(text, ground)
        message = (
            f"In {where}, “{words}” has a contrast of {ratio:.1f} to 1"
            f" ({_hex(text)} on {_hex(ground)}); it needs {_ENOUGH}."
        )
        yield Flaw(field=WHOLE, message=message, todo=_TEMPLATE)


def _disorder(document: Element, level: int) -> Iterator[Flaw]:
    for item, heading in _by_item(document):
        if heading.tag not in _HEADINGS:
            continue
        own = int(heading.tag[1])
        if not heading.words:
            todo = "Write it, or take the line out."
            yield Flaw(field=_field(item, "body"), message="A heading is empty.", todo=todo)
        elif own > level + 1:
            message = f"The heading “{heading.words}” skips a level."
            yield Flaw(field=_field(item, "body"), message=message, todo=_TEMPLATE)
        level = own


def _by_item(document: Element) -> Iterator[tuple[str, Element]]:
    """Give each element with the anchor of the item that it belongs to; empty before the first."""
    item = ""
    for element in document.walk():
        anchor = element.attributes.get("id", "")
        if _ITEM.fullmatch(anchor):
            item = anchor
        yield item, element


def _field(item: str, part: str) -> str:
    return f"{item}-{part}" if item else WHOLE


def _faint_in_mail(
    document: Element, where: str, rules: Mapping[str, Mapping[str, str]]
) -> dict[tuple[str, Color, Color], str]:
    """Return the pairs of colours that are too close, each with the first words that have them."""
    found: dict[tuple[str, Color, Color], str] = {}
    for element in document.walk():
        words = " ".join("".join(c for c in element.children if isinstance(c, str)).split())
        if words and element.is_seen:
            text = _color(element, ("color",), rules, _BLACK)
            ground = _color(element, ("background-color", "background"), rules, _WHITE)
            if contrast(text, ground) < _ENOUGH:
                found.setdefault((where, text, ground), words[:40])
    return found


def _color(
    element: Element,
    properties: tuple[str, ...],
    rules: Mapping[str, Mapping[str, str]],
    otherwise: Color,
) -> Color:
    """Return the colour that holds here: the innermost that is set."""
    for each in element.ancestors():
        classes = each.attributes.get("class", "").split() if rules else ()
        # The rules that are not inlined are marked as important, so they win; of them the last.
        styles = [rules[name] for name in reversed(classes) if name in rules]
        styles.append(declarations(each.attributes.get("style", "")))
        for values in styles:
            for name in properties:
                color = color_of(values.get(name, ""))
                if color is not None:
                    return color
        if "color" not in properties and (color := color_of(each.attributes.get("bgcolor", ""))):
            return color
    return otherwise


def _faint_on_page(styles: str, where: str) -> dict[tuple[str, Color, Color], str]:
    tokens = tokens_of(styles)
    pairs = [(text, ground) for text, ground in _PAGE_PAIRS if {text, ground} <= tokens.keys()]
    return {
        (where, tokens[text], tokens[ground]): f"{text} on {ground}"
        for text, ground in pairs
        if contrast(tokens[text], tokens[ground]) < _ENOUGH
    }


def _hex(color: Color) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color)
