from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from topthree.app import create_app
from topthree.domain.editors.permission import Permission
from topthree.settings import read_settings
from topthree.web.access import Audience

# Flask's own view, for files that everyone may read.
NEEDS_NO_DECLARATION = "static"


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return create_app(read_settings({"TOPTHREE_INSTANCE": str(tmp_path)}))


def declarations(app: Flask) -> dict[str, object]:
    return {
        rule.rule: getattr(app.view_functions[rule.endpoint], "audience", None)
        for rule in app.url_map.iter_rules()
        if rule.endpoint != NEEDS_NO_DECLARATION
    }


def test_every_route_declares_who_may_use_it(app: Flask) -> None:
    undeclared = [
        path for path, audience in declarations(app).items() if not isinstance(audience, Audience)
    ]

    assert declarations(app), "The app has no routes."
    assert not undeclared, "Decorate the views of these with one of topthree/web/access.py."


def test_everything_at_the_desk_is_behind_its_door(app: Flask) -> None:
    behind = {Audience.DESK, Audience.SIGNING_IN}
    open_desk = [
        path
        for path, audience in declarations(app).items()
        if path.startswith("/desk") != (audience in behind)
    ]

    assert not open_desk, "A path starts with /desk exactly if its view is for editors."


def test_every_view_of_the_desk_asks_for_a_permission(app: Flask) -> None:
    views = [
        view for view in app.view_functions.values() if vars(view).get("audience") == Audience.DESK
    ]

    assert views, "The desk has no views."
    assert all(isinstance(vars(view).get("permission"), Permission) for view in views)
