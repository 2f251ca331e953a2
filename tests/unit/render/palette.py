"""Contrast by the formula of WCAG 2, for the colors of a rendered message."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from xml.etree.ElementTree import Element

from tests.unit.render.letters import declarations, document, words_of

Color = tuple[int, int, int]


def color(written: str) -> Color:
    digits = written.lstrip("#")
    full = "".join(each * 2 for each in digits) if len(digits) == 3 else digits
    return int(full[0:2], 16), int(full[2:4], 16), int(full[4:6], 16)


def negated(shown: Color) -> Color:
    red, green, blue = shown
    return 255 - red, 255 - green, 255 - blue


def contrast(one: Color, other: Color) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(shown: Color) -> float:
    red, green, blue = (_linear(part / 255) for part in shown)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def light_pairs(html: str) -> Iterator[tuple[str, Color, Color]]:
    """Yield each text with its color and the one behind it, as a client without styles shows it."""
    yield from _pairs(html, declarations)


def dark_pairs(html: str) -> Iterator[tuple[str, Color, Color]]:
    """Yield the same for a client that takes the block for dark mode."""
    [block] = re.findall(r"@media \(prefers-color-scheme:dark\)\{(.*?\})\}", html, re.DOTALL)
    rules = {
        selector.strip().removeprefix("."): declared
        for selectors, declared in re.findall(r"([^{}]+)\{([^{}]*)\}", block)
        for selector in selectors.split(",")
    }

    def of(element: Element) -> dict[str, str]:
        shown = declarations(element)
        for name in element.get("class", "").split():
            pairs = (each.split(":") for each in rules.get(name, "").split(";") if each)
            shown |= {key: value.replace("!important", "") for key, value in pairs}
        return shown

    yield from _pairs(html, of)


def _pairs(
    html: str, style: Callable[[Element], dict[str, str]]
) -> Iterator[tuple[str, Color, Color]]:
    body = document(html).find("body")
    assert body is not None
    waiting = [(body, "", "")]
    while waiting:
        element, inherited, behind = waiting.pop()
        shown = style(element)
        foreground = shown.get("color", inherited)
        background = shown.get("background-color", behind)
        if (element.text or "").strip():
            assert foreground, f"No color is declared for {words_of(element)!r}."
            yield words_of(element), color(foreground), color(background)
        waiting += [(child, foreground, background) for child in element]
