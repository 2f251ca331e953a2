"""A plugin of pytest: only the properties, and each with as many examples as asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest
from hypothesis import is_hypothesis_test, settings

#: Where Hypothesis keeps what a test was decorated with; there is no other way to say it later.
_SETTINGS = "_hypothesis_internal_use_settings"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--examples", type=int, default=2_000, help="examples of each property")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out whatever is no property."""
    functions = [item for item in items if isinstance(item, pytest.Function)]
    properties = [item for item in functions if is_hypothesis_test(item.obj)]
    for item in properties:
        _let_it_try(cast("Callable[..., object]", item.obj), config.getoption("--examples"))
    left_out = [item for item in items if item not in properties]
    config.hook.pytest_deselected(items=left_out)
    items[:] = properties


def _let_it_try(test: Callable[..., object], examples: int) -> None:
    # A method's attributes are its function's.
    function = getattr(test, "__func__", test)
    given = getattr(function, _SETTINGS, None) or settings()
    setattr(function, _SETTINGS, settings(given, max_examples=examples))
