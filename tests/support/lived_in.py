"""A house that people have lived in: something to show on every page there is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from tests.support.agreeing import talk_about_an_issue
from tests.support.banking import stock
from tests.support.faults import Fault, Phase
from tests.support.installation import Installation, complete_content, dismantle, install
from tests.support.kept_pictures import with_pictures
from tests.support.relay import Relay
from tests.support.sending import send_what_is_due
from topthree.domain.audit.entry import TERMINAL
from topthree.domain.editors.permission import Role
from topthree.domain.ids import EditorId, IssueId
from topthree.domain.planning.school_calendar import SchoolBreak
from topthree.domain.subscribers.address import EmailAddress
from topthree.domain.writing.issue import SUBJECT_LIMIT, IssueContent
from topthree.domain.writing.item import HEADLINE_LIMIT
from topthree.services.archive.correct_issue import Correcting, correct_issue
from topthree.services.archive.exchange_issue_files import import_files
from topthree.services.identity.editor_view import EditorView
from topthree.services.planning.school_calendar import Takeover, take_over_breaks
from topthree.services.sending.open_run import open_due_runs
from topthree.services.subscribers.subscribe import SignUp, subscribe
from topthree.services.writing.compose_issue import Save, create_issue, save_issue
from topthree.services.writing.presence import note_presence
from topthree.services.writing.read_issue import find_issue_named
from topthree.services.writing.working_copies import Sheet, keep_working_copy

SAMPLES = Path(__file__).resolve().parents[2] / "issues"
ANN = EmailAddress(local="ann", domain="school.example")
WINTER = Takeover(
    breaks=(
        SchoolBreak(first=date(2026, 12, 24), last=date(2027, 1, 3), name="Winter break"),
        SchoolBreak(first=date(2027, 2, 15), last=date(2027, 2, 15), name="Presidents’ Day"),
    ),
    source="school-calendar-of-the-whole-district.ics",
    replaces=False,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LivedIn:
    """The house, and who looks at it."""

    installation: Installation
    #: An administrator.
    editor: EditorView


@contextmanager
def lived_in(folder: Path, database_url: str) -> Iterator[LivedIn]:
    """Give a house with an archive, a run with a failure, work in hand and mail in the outbox."""
    with Relay() as relay:
        relay.add_fault(Fault(phase=Phase.RCPT, recipient="gone@school.example", refuse="550 no"))
        installation = install(folder, database_url, TOPTHREE_SMTP_URL=relay.url)
        yield LivedIn(installation=installation, editor=live_in(installation))
        dismantle(installation)


def live_in(installation: Installation) -> EditorView:
    """Do what fills each page; return the administrator who did it."""
    installation.add_subscribers("ben@school.example", "gone@school.example")
    with installation.wiring.writing() as session:
        cadence, now = installation.wiring.cadence, installation.clock()
        import_files(session, cadence, [SAMPLES], TERMINAL, now)
    content = send_an_issue(installation)
    editor = installation.add_editor("Publisher", Role.ADMINISTRATOR)
    installation.add_editor("Kim", Role.WRITER)
    with installation.wiring.writing() as session:
        fresh = create_issue(session, longest_content(content), editor, installation.clock())
        leave_text_beside(session, fresh.id, editor, installation.clock())
        sign_up = SignUp(address=ANN, source="a test", ip="127.0.0.1")
        subscribe(session, sign_up, installation.clock())
        take_over_breaks(session, WINTER, editor, installation.clock())
        stock(session, installation, editor)
        amend(session, editor, installation.clock())
        talk_about_an_issue(session, installation, editor)
    return editor


def send_an_issue(installation: Installation) -> IssueContent:
    """Let an issue with pictures go out; return what it says."""
    artist = installation.add_editor("Artist", Role.WRITER)
    content = with_pictures(installation, artist, complete_content())
    installation.schedule_approved_issue(content)
    installation.clock.now = installation.clock.now.replace(month=12, day=3, hour=11)
    (run_id,) = open_due_runs(installation.wiring)
    send_what_is_due(installation.wiring, run_id)
    return content


def amend(session: Session, editor: EditorView, now: datetime) -> None:
    """Correct the page of the issue that was sent."""
    sent = find_issue_named(session, "2026-12-03")
    note = "The greeting was for another day; see https://www.example.gov/" + "x" * 90
    content = replace(sent.content, greeting="Dear teachers, here are the three again.")
    correcting = Correcting(issue_id=sent.id, based_on=0, content=content, note=note)
    correct_issue(session, correcting, editor, now)


def leave_text_beside(
    session: Session, changed: IssueId, editor: EditorView, now: datetime
) -> None:
    """Let an issue have two versions, and a draft and a published one text that is not in them."""
    later = Save(issue_id=changed, version=1, content=complete_content("V" * SUBJECT_LIMIT))
    save_issue(session, later, editor, now)
    for issue_id in (IssueId(8), IssueId(9)):
        sheet = Sheet(issue_id=issue_id, editor_id=editor.id, tab="kept")
        kept = {"subject": "W" * SUBJECT_LIMIT, "item-1-link-url": "nowhere"}
        keep_working_copy(session, sheet, 1, kept, now)
        note_presence(session, replace(sheet, editor_id=EditorId(1)), 1, now)


def longest_content(content: IssueContent) -> IssueContent:
    """An issue whose subject and first headline are one word each, as long as they may be."""
    first, second, third = content.items
    items = (replace(first, headline="W" * HEADLINE_LIMIT), second, third)
    return replace(content, subject="W" * SUBJECT_LIMIT, items=items)
