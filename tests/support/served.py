"""An installation of this process, answering a real browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from werkzeug.serving import WSGIRequestHandler, make_server

from tests.support.installation import Installation
from tests.support.network import LOOPBACK


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@contextmanager
def served(installation: Installation) -> Iterator[str]:
    """Yield the address at which the installation's pages answer."""
    server = make_server(LOOPBACK, 0, installation.app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, name="served")
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
