"""The composition root: settings become an engine, a transport, tokens, pages and jobs."""

from __future__ import annotations

from topthree.app.factory import create_app

__all__ = ["create_app"]
