"""Colours as style sheets write them, and how well one is read on another (WCAG 2)."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from types import MappingProxyType

#: Red, green and blue, 0 to 255.
Color = tuple[int, int, int]

_HEX = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
_SHORT = 3
_TOKEN = re.compile(r"--([a-z0-9-]+):\s*([^;]+);")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_CLASS = re.compile(r"\.([A-Za-z0-9_-]+)")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def color_of(value: str) -> Color | None:
    """Return the colour that is written in hexadecimal digits; None for anything else."""
    found = _HEX.fullmatch(value.replace("!important", "").strip())
    if found is None:
        return None
    digits = found[1]
    if len(digits) == _SHORT:
        digits = "".join(digit * 2 for digit in digits)
    return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def contrast(one: Color, other: Color) -> float:
    """Return the ratio of WCAG 2: 1 for the same, 21 for black on white."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


# Inlined styles are the same few, again and again.
@functools.lru_cache(maxsize=1_000)
def declarations(style: str) -> Mapping[str, str]:
    """Return the values of a style by the names of their properties."""
    pairs = (part.partition(":") for part in style.split(";") if ":" in part)
    return MappingProxyType({name.strip().lower(): value.strip() for name, _, value in pairs})


def dark_part(styles: str) -> str:
    """Return the rules that hold where the reader's screen is dark."""
    plain = _COMMENT.sub("", styles)
    start = re.search(r"@media[^{]*prefers-color-scheme:\s*dark[^{]*\{", plain)
    if start is None:
        return ""
    depth = 1
    for index in range(start.end(), len(plain)):
        depth += {"{": 1, "}": -1}.get(plain[index], 0)
        if not depth:
            return plain[start.end() : index]
    return ""


def class_rules(styles: str) -> dict[str, dict[str, str]]:
    """Return what these rules, which have one class each or several, say of each class."""
    rules: dict[str, dict[str, str]] = {}
    for selectors, body in _RULE.findall(styles):
        for name in _CLASS.findall(selectors):
            rules.setdefault(name, {}).update(declarations(body))
    return rules


def tokens_of(styles: str) -> Mapping[str, Color]:
    """Return the colours among the custom properties, by their names without the dashes."""
    written = {name: color_of(value) for name, value in _TOKEN.findall(_COMMENT.sub("", styles))}
    return {name: color for name, color in written.items() if color is not None}


def light_part(styles: str) -> str:
    """Return the rules before the first one that holds only for some screens."""
    return _COMMENT.sub("", styles).partition("@media")[0]


def _luminance(color: Color) -> float:
    red, green, blue = (_linear(part / 255) for part in color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - the formula
