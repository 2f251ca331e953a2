"""Two people, or two clicks, at the same moment: one is first, and nothing is lost or doubled."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date

from tests.support.going_out import begin_run
from tests.support.installation import Installation, complete_content
from topthree.domain.audit.act import Act
from topthree.domain.audit.entry import TERMINAL, ThingKind
from topthree.domain.editors.permission import Role
from topthree.domain.planning.cadence import CadenceException, ExceptionKind
from topthree.domain.refusal import Conflict, Invalid
from topthree.domain.subscribers.address import EmailAddress
from topthree.domain.subscribers.subscription import ConsentKind, SubscriptionStatus
from topthree.services.audit.log import Wanted, list_entries
from topthree.services.editors.manage_editors import Newcomer, add_editor, list_editors
from topthree.services.editors.sign_in import LinkUsed, make_sign_in_token, sign_in_by_link
from topthree.services.editors.single_sign_on import (
    ErrandOver,
    begin_errand,
    end_errand,
    sign_in_by_identity,
)
from topthree.services.identity.editor_view import EditorView
from topthree.services.identity.identity_provider import Identity
from topthree.services.planning.change_cadence import change_cadence
from topthree.services.planning.read_calendar import list_cadence_changes
from topthree.services.planning.schedule_issue import Placing, schedule_issue
from topthree.services.planning.slots_ahead import slot_choices
from topthree.services.planning.start_issue import start_draft
from topthree.services.sending.steer_run import cancel_run, pause_run, resume_run
from topthree.services.subscribers.confirm_subscription import confirm_by_link
from topthree.services.subscribers.import_subscribers import (
    ImportReport,
    Source,
    import_subscribers,
)
from topthree.services.subscribers.report_subscribers import show_subscriber, subscriber_stats
from topthree.services.subscribers.subscribe import SignUp, subscribe
from topthree.services.writing.compose_issue import ChangedMeanwhile, Save, create_issue, save_issue
from topthree.services.writing.read_issue import IssueView, read_issue
from topthree.store.subscribers.subscribers import find_subscriber_by_key, newest_subscription
from topthree.tokens import Purpose

ANN = EmailAddress(local="ann", domain="school.example")
HANDS = 6


def at_once(act: Callable[[int], None]) -> list[BaseException]:
    """Do it with several hands together and return what went wrong."""
    together = threading.Barrier(HANDS)
    errors: list[BaseException] = []

    def hand(number: int) -> None:
        together.wait()
        try:
            act(number)
        except Exception as error:  # noqa: BLE001 - the test looks at each
            errors.append(error)

    threads = [threading.Thread(target=hand, args=(number,)) for number in range(HANDS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_a_button_that_is_pressed_six_times_together_begins_one_draft(
    installation: Installation,
) -> None:
    ana, bo = (installation.add_editor(name, Role.WRITER) for name in ("Ana", "Bo"))
    begun = []

    def press(number: int) -> None:
        with installation.wiring.writing() as session:
            begun.append(start_draft(session, ana, installation.clock()).id)

    def begin(editor: EditorView) -> IssueView:
        with installation.wiring.writing() as session:
            return start_draft(session, editor, installation.clock())

    assert at_once(press) == []
    assert len(begun) == HANDS
    assert len(set(begun)) == 1
    assert begin(bo).id not in begun
    written = Save(issue_id=begun[0], version=1, content=complete_content())
    with installation.wiring.writing() as session:
        save_issue(session, written, ana, installation.clock())
    assert begin(ana).id not in begun


def test_a_slot_that_is_skipped_six_times_together_is_skipped_once(
    installation: Installation,
) -> None:
    cadence, now = installation.wiring.cadence, installation.clock()
    skip = CadenceException(kind=ExceptionKind.SKIP, on=date(2026, 12, 17))

    def press(_number: int) -> None:
        with installation.wiring.writing() as session:
            change_cadence(session, cadence, skip, None, now)

    errors = at_once(press)

    assert [type(error) for error in errors] == [Invalid] * (HANDS - 1)
    with installation.wiring.reading() as session:
        assert len(list_cadence_changes(session)) == 1


def test_what_is_decided_six_times_together_about_a_run_is_decided_once(
    installation: Installation,
) -> None:
    run_id, wiring = begin_run(installation), installation.wiring

    errors = [
        *at_once(lambda number: pause_run(wiring, run_id, f"Reason {number}.", TERMINAL)),
        *at_once(lambda _number: resume_run(wiring, run_id, TERMINAL)),
        *at_once(lambda number: cancel_run(wiring, run_id, f"Reason {number}.", TERMINAL)),
    ]

    with wiring.reading() as session:
        entries = list_entries(session, Wanted(about_kind=ThingKind.RUN), limit=9).entries
    acts = [entry.act for entry in reversed(entries)]
    assert errors == []
    assert acts == [Act.RUN_PAUSED, Act.RUN_RESUMED, Act.RUN_CANCELLED]


def test_the_same_new_address_typed_six_times_together_is_one_subscriber_and_one_message(
    installation: Installation,
) -> None:
    def ask(number: int) -> None:
        with installation.wiring.writing() as session:
            sign_up = SignUp(address=ANN, source="a test", ip=f"198.51.{number}.1")
            subscribe(session, sign_up, installation.clock())

    assert at_once(ask) == []
    assert len(installation.outbox()) == 1
    with installation.wiring.reading() as session:
        assert len(show_subscriber(session, ANN).consent) == 1


def test_confirming_six_times_together_is_recorded_once(installation: Installation) -> None:
    now = installation.clock()
    with installation.wiring.writing() as session:
        subscribe(session, SignUp(address=ANN, source="a test", ip="127.0.0.1"), now)
    with installation.wiring.reading() as session:
        subscriber = find_subscriber_by_key(session, ANN.key)
        assert subscriber is not None
        subscription = newest_subscription(session, subscriber.id)
        assert subscription is not None
        token = installation.wiring.tokens.sign(Purpose.CONFIRM, subscription.id, now)

    def confirm(_number: int) -> None:
        with installation.wiring.writing() as session:
            confirm_by_link(session, installation.wiring.tokens, token, now)

    assert at_once(confirm) == []
    with installation.wiring.reading() as session:
        steps = [step.kind for step in show_subscriber(session, ANN).consent]
    assert steps == [ConsentKind.REQUESTED, ConsentKind.CONFIRMED_BY_LINK]


def test_a_sign_in_link_used_six_times_together_lets_one_in(installation: Installation) -> None:
    editor = installation.add_editor("Eve", Role.EDITOR)
    address = EmailAddress(local="eve", domain="desk.example")
    tokens = installation.wiring.tokens
    with installation.wiring.writing() as session:
        token = make_sign_in_token(session, tokens, address, installation.clock())
    let_in: list[str] = []

    def sign_in(_number: int) -> None:
        with installation.wiring.writing() as session:
            let_in.append(sign_in_by_link(session, tokens, token, installation.clock()).editor.name)

    errors = at_once(sign_in)
    assert let_in == [editor.name]
    assert {type(error) for error in errors} == {LinkUsed}


def test_one_account_of_single_sign_on_in_six_browsers_together_is_linked_once(
    installation: Installation,
) -> None:
    eve, now = installation.add_editor("Eve", Role.EDITOR), installation.clock()
    identity = Identity(
        issuer="https://login.example.gov",
        subject="account",
        address=eve.address,
        is_verified=True,
    )
    let_in: list[str] = []

    def sign_in(_number: int) -> None:
        with installation.wiring.writing() as session:
            let_in.append(sign_in_by_identity(session, identity, now).editor.name)

    assert at_once(sign_in) == []
    assert let_in == [eve.name] * HANDS
    with installation.wiring.reading() as session:
        linked = list_entries(session, Wanted(act=Act.IDENTITY_LINKED), limit=HANDS).entries
    assert len(linked) == 1


def test_one_answer_of_single_sign_on_sent_six_times_together_is_taken_once(
    installation: Installation,
) -> None:
    now = installation.clock()
    with installation.wiring.writing() as session:
        errand = begin_errand(session, "/desk/", now)

    def come_back(_number: int) -> None:
        with installation.wiring.writing() as session:
            end_errand(session, errand, now)

    errors = at_once(come_back)
    assert [type(error) for error in errors] == [ErrandOver] * (HANDS - 1)


def test_of_six_editors_who_save_together_one_is_first_and_the_others_are_told(
    installation: Installation,
) -> None:
    editor = installation.add_editor("Eve", Role.EDITOR)
    with installation.wiring.writing() as session:
        issue = create_issue(session, complete_content(), editor, installation.clock())

    def save(number: int) -> None:
        content = replace(complete_content(), subject=f"Version of hand {number}")
        with installation.wiring.writing() as session:
            mine = Save(issue_id=issue.id, version=issue.version, content=content)
            save_issue(session, mine, editor, installation.clock())

    errors = at_once(save)
    with installation.wiring.reading() as session:
        kept = read_issue(session, issue.id)
    assert [type(error) for error in errors] == [ChangedMeanwhile] * (HANDS - 1)
    assert kept.version == 2
    assert kept.content.subject.startswith("Version of hand")


def test_of_six_issues_put_on_one_slot_together_one_stands_there_and_the_others_are_told(
    installation: Installation,
) -> None:
    publisher = installation.add_editor("Pat", Role.PUBLISHER)
    cadence, now = installation.wiring.cadence, installation.clock()
    with installation.wiring.writing() as session:
        drafts = [
            create_issue(session, complete_content(f"Number {number}"), publisher, now)
            for number in range(HANDS)
        ]
        day = slot_choices(session, cadence, now)[0].day

    def put(number: int) -> None:
        with installation.wiring.writing() as session:
            placing = Placing(issue_id=drafts[number].id, day=day)
            schedule_issue(session, cadence, placing, publisher, now)

    errors = at_once(put)
    with installation.wiring.reading() as session:
        placed = [issue for issue in drafts if read_issue(session, issue.id).slot_day == day]
    assert len(placed) == 1
    assert [type(error) for error in errors] == [Conflict] * (HANDS - 1)
    assert {placed[0].content.subject in str(error) for error in errors} == {True}


def test_an_editor_added_six_times_together_is_added_once_and_the_others_are_told(
    installation: Installation,
) -> None:
    def add(number: int) -> None:
        with installation.wiring.writing() as session:
            newcomer = Newcomer(address=ANN, name=f"Ann {number}", role=Role.WRITER)
            add_editor(session, newcomer, None, installation.clock())

    errors = at_once(add)
    with installation.wiring.reading() as session:
        assert len(list_editors(session)) == 1
    assert [type(error) for error in errors] == [Conflict] * (HANDS - 1)


def import_names(installation: Installation, names: list[str]) -> ImportReport:
    raw = "address\n" + "".join(f"{name}@school.example\n" for name in names)
    source = Source(consent="They signed a list.", name="a list")
    return import_subscribers(installation.wiring, io.BytesIO(raw.encode()), source)


def test_an_import_beside_sign_ups_ends_well_and_counts_truly(installation: Installation) -> None:
    names = [f"teacher-{number:03}" for number in range(300)]
    reports: list[ImportReport] = []

    def act(number: int) -> None:
        if number == 0:
            reports.append(import_names(installation, names))
            return
        for name in names[number :: HANDS - 1]:
            with installation.wiring.writing() as session:
                address = EmailAddress(local=name, domain="school.example")
                sign_up = SignUp(
                    address=address, source="a test", ip=f"198.{int(name[-3:]) % 99}.1.1"
                )
                subscribe(session, sign_up, installation.clock())

    assert at_once(act) == []
    (report,) = reports
    with installation.wiring.reading() as session:
        by_status = subscriber_stats(session).by_status
    assert report.added + report.pending == len(names)
    assert by_status[SubscriptionStatus.CONFIRMED] == report.added
    assert by_status[SubscriptionStatus.PENDING] == report.pending


def test_six_imports_of_the_same_people_together_add_each_once(installation: Installation) -> None:
    names = [f"teacher-{number:03}" for number in range(300)]
    reports: list[ImportReport] = []

    def act(number: int) -> None:
        backwards = names[::-1] if number % 2 else names
        reports.append(import_names(installation, backwards))

    assert at_once(act) == []
    assert sum(report.added for report in reports) == len(names)
    assert sum(report.already for report in reports) == len(names) * (HANDS - 1)
