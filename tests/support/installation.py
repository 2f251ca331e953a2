"""A whole installation inside the test: settings, database, app and a clock that is set by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from flask import Flask
from sqlalchemy import Engine

from topthree.app import create_app
from topthree.domain.address import EmailAddress
from topthree.domain.ids import IssueId
from topthree.domain.issue import IssueContent
from topthree.domain.item import Contributor, Item, Link, Section
from topthree.domain.permission import Role
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
from topthree.settings import read_settings
from topthree.web.database import db
from topthree.web.site import attach, site

#: A Monday in New York, ten days before a slot of the default cadence.
A_MONDAY = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
_numbers = count(1)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """Everything a test needs to use the service from any side."""

    app: Flask
    wiring: Wiring
    clock: Clock
    folder: Path

    def outbox(self) -> tuple[OutboxMessage, ...]:
        """The mail that waits in the local outbox, newest first, after the notices were sent."""
        while send_notices(self.wiring):
            pass
        return read_outbox(self.folder / "outbox", 100)

    def premises(self) -> Premises:
        """Where it is, as the commands about the whole database are told."""
        engine: Engine = self.wiring.sessions.kw["bind"]
        zone = self.wiring.cadence.zone
        return Premises(engine=engine, instance=self.folder, zone=zone, clock=self.clock)

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
    app = create_app(settings, clock=clock)
    with app.app_context():
        wiring = site()
    installation = Installation(app=app, wiring=wiring, clock=clock, folder=folder)
    return with_wiring(installation, elapsed=clock.seconds)


def dismantle(installation: Installation) -> None:
    """Close what the installation has opened."""
    with installation.app.app_context():
        db.engine.dispose()


def with_wiring(installation: Installation, **changes: object) -> Installation:
    """Return the installation with some of its wiring replaced, its pages included."""
    wiring = replace(installation.wiring, **changes)  # type: ignore[arg-type]
    attach(installation.app, wiring)
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
