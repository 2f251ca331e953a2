"""What we keep about people, and whether everyone can use the pages."""

from __future__ import annotations

from flask import Response, render_template

from topthree.domain.subscribers.subscription import PENDING_KEPT
from topthree.web.access import public
from topthree.web.public.freshness import fresh


@public
def privacy() -> Response:
    """Say what is kept, how long, and how to leave."""
    return fresh(render_template("public/privacy.html", pending_kept_days=PENDING_KEPT.days))


@public
def accessibility() -> Response:
    """Say what was checked, and whom to tell about a barrier."""
    return fresh(render_template("public/accessibility.html"))
