"""A whole installation inside the test: settings, database, app and a clock that is set by hand."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import cast

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from tests.support.audit_words import untold_details
from topthree.app import create_app
from topthree.app.wire import wire
from topthree.domain.editors.permission import Role
from topthree.domain.ids import IssueId
from topthree.domain.subscribers.address import EmailAddress
from topthree.domain.writing.issue import IssueContent
from topthree.domain.writing.item import Contributor, Item, Link, Section
from topthree.mail.transports.maildir import OutboxMessage, read_outbox
from topthree.services.agreeing.review_issue import Asking, Reading, approve_issue, submit_issue
from topthree.services.editors.manage_editors import Newcomer, add_editor
from topthree.services.identity.editor_view import EditorView
from topthree.services.installation.premises import Premises
from topthree.services.notices.send_notices import send_notices
from topthree.services.planning.schedule_issue import Placing, schedule_issue
from topthree.services.planning.slots_ahead import slot_choices
from topthree.services.subscribers.import_subscribers import Source, import_subscribers
from topthree.services.wiring import Wiring
from topthree.services.writing.compose_issue import create_issue
from topthree.settings import Settings, read_settings
from topthree.store.engine import make_engine
from topthree.web.database import db
from topthree.web.site import attach

#: A Monday in New York, ten days before a slot of the default cadence.
A_MONDAY = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
_numbers = count(1)


class _Compiled(BytecodeCache):
    """The pages' templates, compiled once for all installations of this process."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


class Clock:
    """The time, as the test says it is."""

    def __init__(self, now: datetime = A_MONDAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return self.now.timestamp()

    def advance(self, span: timedelta) -> None:
        self.now += span


class Pages:
    """The app, put together when it is first asked for: tests of services never do."""

    def __init__(self, settings: Settings, clock: Clock, wiring: Wiring) -> None:
        self._settings = settings
        self._clock = clock
        self._wiring = wiring
        self._app: Flask | None = None

    @property
    def app(self) -> Flask:
        if self._app is None:
            self._app = create_app(self._settings, clock=self._clock)
            self._app.jinja_env.bytecode_cache = _COMPILED
            with self._app.app_context():
                # One engine for pages and jobs, as in the service itself.
                cast("dict[str | None, Engine]", db.engines)[None] = engine_of(self._wiring)
            attach(self._app, self._wiring)
        return self._app

    def rewire(self, wiring: Wiring) -> None:
        self._wiring = wiring
        if self._app is not None:
            attach(self._app, wiring)


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """Everything a test needs to use the service from any side."""

    pages: Pages
    wiring: Wiring
    clock: Clock
    folder: Path

    @property
    def app(self) -> Flask:
        return self.pages.app

    def outbox(self) -> tuple[OutboxMessage, ...]:
        """The mail that waits in the local outbox, newest first, after the notices were sent."""
        while send_notices(self.wiring):
            pass
        return read_outbox(self.folder / "outbox", 100)

    def premises(self) -> Premises:
        """Where it is, as the commands about the whole database are told."""
        zone = self.wiring.cadence.zone
        return Premises(
            engine=engine_of(self.wiring), instance=self.folder, zone=zone, clock=self.clock
        )

    def add_editor(self, name: str, role: Role) -> EditorView:
        address = EmailAddress(local=name.lower(), domain="desk.example")
        with self.wiring.writing() as session:
            newcomer = Newcomer(address=address, name=name, role=role)
            return add_editor(session, newcomer, None, self.clock())

    def add_subscribers(self, *addresses: str) -> None:
        """Import these as confirmed, through the service that operators use."""
        raw = ("address\n" + "\n".join(addresses) + "\n").encode()
        file = self.folder / "subscribers.csv"
        file.write_bytes(raw)
        source = Source(consent="They signed a list at the convening.", name="a test")
        with file.open("rb") as opened:
            import_subscribers(self.wiring, opened, source)

    def schedule_approved_issue(self, content: IssueContent | None = None) -> IssueId:
        """Write, submit, approve and schedule an issue for the next free slot; two people do it."""
        number = next(_numbers)
        writer = self.add_editor(f"Writer-{number}", Role.WRITER)
        publisher = self.add_editor(f"Publisher-{number}", Role.PUBLISHER)
        now = self.clock()
        with self.wiring.writing() as session:
            issue = create_issue(session, content or complete_content(), writer, now)
            reading = Reading(issue_id=issue.id, digest=issue.digest)
            submit_issue(session, self.wiring, Asking(issue_id=issue.id), writer, now)
            approve_issue(session, self.wiring, reading, publisher, now)
            day = slot_choices(session, self.wiring.cadence, now)[0].day
            placing = Placing(issue_id=issue.id, day=day)
            schedule_issue(session, self.wiring.cadence, placing, publisher, now)
        return issue.id


def install(folder: Path, database_url: str, **environment: str) -> Installation:
    """Put an installation together on a migrated database."""
    folder.mkdir(exist_ok=True)
    clock = Clock()
    settings = read_settings(
        {
            "TOPTHREE_INSTANCE": str(folder),
            "TOPTHREE_DATABASE_URL": database_url,
            "TOPTHREE_PUBLIC_URL": "http://letters.example",
            "TOPTHREE_CHECK_LINKS": "no",
            **environment,
        }
    )
    wiring = wire(settings, make_engine(settings.database_url), clock)
    wiring = replace(wiring, elapsed=clock.seconds)
    pages = Pages(settings, clock, wiring)
    return Installation(pages=pages, wiring=wiring, clock=clock, folder=folder)


def dismantle(installation: Installation) -> None:
    """Close what the installation has opened; whatever stands in its log, people can read."""
    untold = set[tuple[str, str]]()
    # A test may have taken the database away.
    with suppress(DBAPIError), installation.wiring.reading() as session:
        untold = untold_details(session)
    engine_of(installation.wiring).dispose()
    assert not untold, f"Say these in domain/audit/act_details.py: {untold}"


def engine_of(wiring: Wiring) -> Engine:
    """The engine that pages, jobs and services share."""
    engine: Engine = wiring.sessions.kw["bind"]
    return engine


def with_wiring(installation: Installation, **changes: object) -> Installation:
    """Return the installation with some of its wiring replaced, its pages included."""
    wiring = replace(installation.wiring, **changes)  # type: ignore[arg-type]
    installation.pages.rewire(wiring)
    return replace(installation, wiring=wiring)


def complete_content(subject: str = "Share the lead") -> IssueContent:
    """An issue that lacks nothing."""
    return IssueContent(
        subject=subject,
        preheader="A guide, a voice, and a chair with your name on it.",
        greeting="Dear teachers, here are three.",
        items=(
            Item(
                section=Section.RESOURCE,
                kicker="What We’re Reading",
                headline="Five schools that share the lead",
                body="The person *closest* to the work decides.\n\n- Revere\n- Wareham",
                link=Link(label="The guide as PDF", url="https://www.example.gov/guide.pdf"),
            ),
            Item(
                section=Section.REFLECTION,
                kicker="From the Classroom",
                headline="I stopped planning alone",
                body="For nine years I planned on Sunday nights.",
                contributor=Contributor(name="A grade 5 teacher", role="Teacher", school="Revere"),
            ),
            Item(
                section=Section.OPPORTUNITY,
                kicker="Get Involved",
                headline="Take a seat on a cabinet",
                body="Any teacher may apply.",
                link=Link(label="Apply for a seat", url="https://www.example.gov/apply"),
            ),
        ),
    )
