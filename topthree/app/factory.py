"""The Flask app, put together from settings."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from topthree.app.wire import wire
from topthree.domain.clock import utc_now
from topthree.settings import Settings, read_settings
from topthree.store.engine import engine_options
from topthree.web import database, desk, errors, hooks, public, security, site, templating

#: Room for the longest issue, typed twice over, where a session ended meanwhile; pages for visitors
#: take far less.
_LARGEST_FORM_BYTES = 2_000_000


def create_app(
    settings: Settings | None = None, *, clock: Callable[[], datetime] = utc_now
) -> Flask:
    """Return the app, wired. Opens no connection and starts nothing.

    :param settings: read from the environment when left out.
    """
    settings = settings or read_settings(os.environ)
    app = Flask("topthree.web")
    app.config.update(_config(settings))
    database.prepare(app)
    with app.app_context():
        site.attach(app, wire(settings, database.db.engine, clock))
    is_https = settings.newsletter.public_url.startswith("https://")
    security.prepare(app, is_https=is_https)
    errors.prepare(app)
    templating.prepare(app)
    for blueprint in (public.blueprint, desk.blueprint, hooks.blueprint):
        app.register_blueprint(blueprint)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    return app


def _config(settings: Settings) -> dict[str, object]:
    config: dict[str, object] = {
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(settings.database_url),
        "MAX_CONTENT_LENGTH": _LARGEST_FORM_BYTES,
        "MAX_FORM_MEMORY_SIZE": _LARGEST_FORM_BYTES,
    }
    if settings.is_production:
        # A host of somebody else's choosing gets no page of ours.
        config["TRUSTED_HOSTS"] = [urlsplit(settings.newsletter.public_url).hostname or ""]
    return config
