"""The dark is the light in other colors: what holds of a page in one holds in the other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.sources import name_of, style_sheets

_SCHEME = re.compile(r"@media[^{]*prefers-color-scheme[^{]*\{\s*([^{}]*)\{([^{}]*)\}\s*\}")
_COLOR = re.compile(r"--[\w-]+: (#[0-9a-f]{6}|screen|multiply)")


@pytest.mark.parametrize("path", style_sheets(), ids=name_of)
def test_the_dark_changes_nothing_but_the_tokens_of_color(path: Path) -> None:
    text = path.read_text()
    rules = _SCHEME.findall(text)

    assert len(rules) == text.count("prefers-color-scheme")
    for selector, declarations in rules:
        assert selector.strip() == ":root"
        for declaration in filter(None, map(str.strip, declarations.split(";"))):
            assert _COLOR.fullmatch(declaration), declaration


def test_there_is_a_dark() -> None:
    assert sum(len(_SCHEME.findall(path.read_text())) for path in style_sheets()) == 1
