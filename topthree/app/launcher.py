"""What the commands start: the server, the worker, and the pieces they ask for."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from flask import Flask, render_template
from sqlalchemy import Engine
from waitress import create_server

from topthree.app.checks import examine
from topthree.app.factory import create_app
from topthree.app.logs import log_to_stderr
from topthree.app.runners import is_current, make_runner, upgrade
from topthree.app.stop_signals import StopSignal, on_stop_signal
from topthree.cli.launcher import Check
from topthree.domain.clock import utc_now
from topthree.domain.ids import IssueId
from topthree.domain.refusal import Refusal
from topthree.jobs.restore_watch import watching_for_a_restore
from topthree.jobs.runners.kind import RunnerKind
from topthree.render.readability import warm_up
from topthree.services.installation.first_start import load_samples, open_the_door
from topthree.services.installation.premises import Premises
from topthree.services.proofing.preview_issue import preview_issue
from topthree.services.wiring import Wiring
from topthree.settings import Settings, SettingsError, read_settings
from topthree.web.database import db
from topthree.web.site import site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_THREADS = 8
_RUNNING = "Scheduler and sender are running. Ctrl-C stops them."
_STANDING_BY = (
    "Another process of this instance schedules and sends. This one stands by and takes over when"
    " it ends. Ctrl-C stops it."
)


class _Server(Protocol):
    """What is used of waitress, which has no types of its own."""

    def run(self) -> None:
        """Answer requests until SystemExit is raised."""
        ...


class EnvironmentLauncher:
    """Puts the service together from the environment, once, when a command first asks for it."""

    def wiring(self) -> Wiring:
        """Return the service, on a database that is up to date.

        :raises Refusal: if a setting is wrong, or the database has to be upgraded first.
        """
        wiring = self._wiring
        if not is_current(self._settings, self._engine):
            message = "The database is not up to date. Run “topthree db upgrade” first."
            raise Refusal(message)
        return wiring

    def premises(self) -> Premises:
        """Return where the installation is, whatever state its database is in."""
        settings = self._settings
        return Premises(
            engine=self._engine,
            instance=settings.instance,
            zone=settings.cadence.zone,
            clock=utc_now,
        )

    def upgrade(self) -> None:
        """Bring the database up to date."""
        self._settings.instance.mkdir(parents=True, exist_ok=True, mode=0o700)
        upgrade(self._settings, self._engine)

    def serve(self, host: str, port: int) -> None:
        """Bring the database up to date and run everything in this process until asked to stop.

        Where workers share a queue, they tick and send, and this process only serves pages.
        """
        log_to_stderr()
        # The port is known once it is listened on, and the app, which has it in its links, later.
        server = _listen(self._answer, host, port)
        self._default_public_url(_address(host, _port_of(server)))
        self.upgrade()
        self._address_file.write_text(self._settings.newsletter.public_url, encoding="ascii")
        with self._running_here():
            self._announce(host, _port_of(server))
            on_stop_signal(_raise_exit)
            threading.Thread(target=warm_up, name="warm up", daemon=True).start()
            server.run()
        _say("Stopped.")

    def work(self) -> None:
        """Run scheduler and sender until asked to stop."""
        log_to_stderr()
        self.wiring()
        with self._running() as leads:
            stop = StopSignal()
            _say(_RUNNING if leads else _STANDING_BY)
            stop.wait()
        _say("Stopped.")

    def page(self, issue_id: IssueId) -> bytes:
        """Return the public page of this issue, as the web serves or would serve it."""
        wiring = self.wiring()
        with self._app.test_request_context(base_url=wiring.newsletter.public_url):
            with wiring.reading() as session:
                page = preview_issue(session, wiring, issue_id, wiring.clock()).page
            return render_template("public/issue_alone.html", page=page).encode()

    def checks(self) -> tuple[Check, ...]:
        """Look at settings, database, folders and relay."""
        return examine(lambda: (self._settings, self._engine, self._wiring))

    def close(self) -> None:
        """Let go of the database, for whoever goes on living after the command."""
        if "_engine" in vars(self):
            self._engine.dispose()

    @cached_property
    def _settings(self) -> Settings:
        noted = self._address_file
        if noted.is_file():
            self._default_public_url(noted.read_text(encoding="ascii"))
        try:
            return read_settings(self._environment)
        except SettingsError as error:
            raise Refusal(str(error)) from error

    @cached_property
    def _environment(self) -> dict[str, str]:
        return dict(os.environ)

    @property
    def _address_file(self) -> Path:
        """Where a trial notes its address, for commands that print links into it."""
        return Path(self._environment.get("TOPTHREE_INSTANCE") or "instance") / "address"

    @cached_property
    def _app(self) -> Flask:
        try:
            return create_app(self._settings)
        except SettingsError as error:
            raise Refusal(str(error)) from error

    def _answer(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        return self._app(environ, start)

    @cached_property
    def _engine(self) -> Engine:
        with self._app.app_context():
            return db.engine

    @cached_property
    def _wiring(self) -> Wiring:
        with self._app.app_context():
            return site()

    def _default_public_url(self, address: str) -> None:
        """Let links lead to where a trial listens, unless a setting says otherwise."""
        if self._environment.get("TOPTHREE_MODE") != "production":
            self._environment.setdefault("TOPTHREE_PUBLIC_URL", address)

    def _running_here(self) -> AbstractContextManager[bool]:
        """Keep the jobs going beside the pages, unless workers do."""
        if self._settings.jobs is RunnerKind.DISTRIBUTED:
            return nullcontext(enter_result=False)
        return self._running()

    @contextmanager
    def _running(self) -> Iterator[bool]:
        """Keep the jobs going during the block; yield whether it is this process that does."""
        runner = make_runner(self._settings, self._wiring, self._engine)
        with watching_for_a_restore(self._wiring, self._settings.instance):
            leads = runner.start()
            try:
                yield leads
            finally:
                runner.stop()

    def _announce(self, host: str, port: int) -> None:
        address = self._settings.newsletter.public_url
        _say(f"\n  {self._settings.newsletter.name} is running.\n")
        _say(f"  For teachers   {address}/")
        _say(f"  For editors    {address}/desk/")
        if self._settings.is_production:
            _say(f"  Listening on   {host}:{port}\n")
            return
        wiring = self._wiring
        with wiring.writing() as session:
            load_samples(session, wiring, _samples())
            ways_in = open_the_door(session, wiring)
        if wiring.outbox:
            _say(f"  Mail goes to   {address}/desk/outbox/  (no relay is set)")
        if ways_in:
            _say("\n  To try the desk, sign in once with each, in two browsers or one by one:")
        for way_in in ways_in:
            _say(f"  {way_in.name:<16} {way_in.url}")
        _say("\n  Ctrl-C stops it.\n")


def keep_files_private() -> None:
    """Let nobody but this account read what this process writes: database, outbox, exports."""
    os.umask(0o077)


def _samples() -> Path:
    """Return the folder of sample issues: in the wheel, or beside the package in a checkout."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "samples"
    return installed if installed.is_dir() else package.parent / "issues"


def _listen(app: Callable[..., Iterable[bytes]], host: str, port: int) -> _Server:
    try:
        server: _Server = create_server(
            app,
            host=host,
            port=port,
            threads=_THREADS,
            ident=None,
            # Which of these headers to believe is decided in one place: by the app.
            clear_untrusted_proxy_headers=False,
        )
    except OSError as error:
        message = (
            f"Port {port} on {host} cannot be used: {error.strerror}."
            " Choose another, such as “make run PORT=8123”."
        )
        raise Refusal(message) from error
    return server


def _port_of(server: _Server) -> int:
    """Return the port that is listened on, which the system chose if 0 was asked for."""
    # A name such as localhost may stand for several addresses.
    several: Sequence[tuple[str, int]] = getattr(server, "effective_listen", ())
    port: int = several[0][1] if several else vars(server)["effective_port"]
    return port


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _raise_exit() -> None:
    raise SystemExit(0)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
