"""A PostgreSQL cluster that is restarted while it is used, and forgets what it has not flushed."""

from __future__ import annotations

import signal

from tests.support.network import LOOPBACK
from tests.support.postgresql import Cluster

_SECONDS = 60
_SETTINGS = {
    # The machine stays up: what the server has written, the next one finds.
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "on",
    # So that a commit that did not wait for the disk is forgotten, and not by chance saved.
    "wal_writer_delay": "10s",
    "max_connections": "60",
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "log_min_messages": "fatal",
}


class RestartingCluster(Cluster):
    """Start it, restart it once to have its own settings, and then as often as wanted."""

    def restart(self, *, immediately: bool = False) -> None:
        """Stop the server, with or without writing down what it holds, and start it again."""
        assert self._server is not None
        self._server.send_signal(signal.SIGQUIT if immediately else signal.SIGINT)
        # Otherwise it stays a zombie, and its lock keeps the next one from starting.
        self._server.wait(_SECONDS)
        settings = [f"--{name}={value}" for name, value in _SETTINGS.items()]
        data = f"{self._folder / 'data'}"
        self._server = self._spawn("postgres", "-D", data, "-p", str(self._port), *settings)
        self._wait_until_up()
