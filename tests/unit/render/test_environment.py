from __future__ import annotations

import pytest
from jinja2 import UndefinedError

from tests.unit.render.letters import NEWSLETTER
from topthree.render.environment import environment, render_message
from topthree.render.phrases import phrases_for


def test_a_template_without_a_value_it_names_is_an_error() -> None:
    """Otherwise a message would go out with a hole where a link should be."""
    with pytest.raises(UndefinedError, match="disown_url"):
        render_message(
            "confirm-subscription",
            newsletter=NEWSLETTER,
            language="en",
            direction="ltr",
            phrases=phrases_for("en"),
            code="418 206",
            confirm_url=NEWSLETTER.confirm_url("TOKEN"),
        )


def test_there_is_one_environment() -> None:
    assert environment() is environment()
