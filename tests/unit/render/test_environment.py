from __future__ import annotations

import pytest
from jinja2 import UndefinedError

from topthree.render.environment import environment, render_message


def test_a_template_without_a_value_it_names_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        render_message("issue")


def test_there_is_one_environment() -> None:
    assert environment() is environment()
