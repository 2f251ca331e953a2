"""Whether the service can do its work, for whoever watches it."""

from __future__ import annotations

from flask import Response

from topthree.web.access import public
from topthree.web.database import read_only


@public
def healthz() -> Response:
    """Answer 200 if the database answers; any failure is the blueprint's 503."""
    with read_only() as session:
        session.connection().exec_driver_sql("SELECT 1")
    return Response("ok\n", content_type="text/plain; charset=utf-8")
