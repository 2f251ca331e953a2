"""The WSGI app, for a server such as gunicorn, and for ``flask --app wsgi``."""

from __future__ import annotations

from topthree.app import create_app
from topthree.app.commands import add_commands

app = create_app()
add_commands(app)
