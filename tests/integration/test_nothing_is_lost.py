"""Versions, autosave, working copies and presence, on both databases."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from tests.integration.test_two_at_once import HANDS, at_once
from tests.support.installation import Installation, complete_content
from topthree.domain.audit.act import Act
from topthree.domain.audit.entry import ThingKind
from topthree.domain.editors.permission import Role
from topthree.domain.ids import IssueId
from topthree.domain.refusal import Conflict, NotFound
from topthree.domain.writing.content_fields import with_fields
from topthree.domain.writing.issue import IssueContent, IssueStatus
from topthree.domain.writing.version import FOLDED_KEPT, VersionKind
from topthree.services.audit.log import Wanted, list_entries
from topthree.services.identity.editor_view import EditorView
from topthree.services.installation.clean_up import clean_up
from topthree.services.writing.autosave_issue import Autosave, Fate, autosave_issue
from topthree.services.writing.compose_issue import (
    ApprovedMeanwhile,
    ChangedMeanwhile,
    Save,
    create_issue,
    save_issue,
)
from topthree.services.writing.issue_history import (
    PAGE,
    Restoring,
    read_history,
    read_version,
    restore_version,
)
from topthree.services.writing.presence import leave, note_presence, others_present
from topthree.services.writing.read_issue import IssueView, read_issue
from topthree.services.writing.working_copies import Sheet, list_working_copies

CONTENT = complete_content()


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One issue, and two who write it."""

    house: Installation
    ana: EditorView
    bo: EditorView
    issue_id: IssueId

    def issue(self) -> IssueView:
        with self.house.wiring.reading() as session:
            return read_issue(session, self.issue_id)

    def save(
        self, content: IssueContent, who: EditorView, version: int, tab: str = ""
    ) -> IssueView:
        save = Save(issue_id=self.issue_id, version=version, content=content, tab=tab)
        with self.house.wiring.writing() as session:
            return save_issue(session, save, who, self.house.clock())

    def autosave(self, content: IssueContent, who: EditorView, version: int, tab: str) -> Fate:
        save = Save(issue_id=self.issue_id, version=version, content=content, tab=tab)
        fields = {"subject": content.subject}
        with self.house.wiring.writing() as session:
            wanted = Autosave(save=save, fields=fields, is_fit=True)
            return autosave_issue(session, wanted, who, self.house.clock()).fate

    def shown(self) -> list[tuple[int, VersionKind, str]]:
        with self.house.wiring.reading() as session:
            lines = read_history(session, self.issue_id).lines
        return [(line.number, line.kind, line.changed) for line in lines]

    def copies(self, who: EditorView) -> list[str]:
        with self.house.wiring.reading() as session:
            found = list_working_copies(session, self.issue_id, who.id)
        return sorted(copy.fields["subject"] for copy in found)

    def others(self, who: EditorView, tab: str) -> list[str]:
        with self.house.wiring.reading() as session:
            present = others_present(session, self.sheet(who, tab), self.house.clock())
        return [each.name for each in present]

    def see(self, who: EditorView, tab: str, version: int) -> None:
        with self.house.wiring.writing() as session:
            note_presence(session, self.sheet(who, tab), version, self.house.clock())

    def sheet(self, who: EditorView, tab: str) -> Sheet:
        return Sheet(issue_id=self.issue_id, editor_id=who.id, tab=tab)


@pytest.fixture
def desk(installation: Installation) -> Desk:
    ana, bo = (installation.add_editor(name, Role.EDITOR) for name in ("Ana", "Bo"))
    with installation.wiring.writing() as session:
        issue = create_issue(session, CONTENT, ana, installation.clock())
    return Desk(house=installation, ana=ana, bo=bo, issue_id=issue.id)


def with_subject(subject: str) -> IssueContent:
    return replace(CONTENT, subject=subject)


def test_every_save_is_a_version_with_what_it_changed(desk: Desk) -> None:
    desk.save(with_subject("Second"), desk.ana, 1)
    desk.save(with_fields(with_subject("Second"), {"item-2-headline": "Third"}), desk.bo, 2)

    assert desk.shown() == [
        (3, VersionKind.SAVED, "Item 2: headline"),
        (2, VersionKind.SAVED, "Subject"),
        (1, VersionKind.BEGUN, ""),
    ]


def test_what_was_there_before_can_be_brought_back_and_nothing_is_lost(desk: Desk) -> None:
    desk.save(with_subject("Second"), desk.ana, 1)
    restoring = Restoring(issue_id=desk.issue_id, number=1, version=2)

    for _ in range(2):
        with desk.house.wiring.writing() as session:
            restore_version(session, restoring, desk.bo, desk.house.clock())

    assert desk.issue().content == CONTENT
    assert [kind for _, kind, _ in desk.shown()][:2] == [VersionKind.RESTORED, VersionKind.SAVED]
    with desk.house.wiring.reading() as session:
        assert read_version(session, desk.issue_id, 2).content.subject == "Second"


def test_bringing_back_overwrites_nothing_that_was_not_seen(desk: Desk) -> None:
    desk.save(with_subject("Second"), desk.ana, 1)
    desk.save(with_subject("Third"), desk.bo, 2)
    restoring = Restoring(issue_id=desk.issue_id, number=1, version=2)

    with pytest.raises(Conflict), desk.house.wiring.writing() as session:
        restore_version(session, restoring, desk.ana, desk.house.clock())

    assert desk.issue().content.subject == "Third"


def test_a_draft_is_saved_while_it_is_written_and_the_history_stays_short(desk: Desk) -> None:
    for number in range(1, 6):
        assert desk.autosave(with_subject(f"Draft {number}"), desk.ana, number, "a") is Fate.SAVED

    assert [number for number, _, _ in desk.shown()] == [6, 1]
    with desk.house.wiring.reading() as session:
        assert read_version(session, desk.issue_id, 3).content.subject == "Draft 2"


def test_what_is_there_already_is_no_new_version_and_no_news(desk: Desk) -> None:
    assert desk.autosave(CONTENT, desk.ana, 1, "a") is Fate.SAVED
    desk.save(CONTENT, desk.ana, 1)
    assert desk.shown() == [(1, VersionKind.BEGUN, "")]
    desk.autosave(with_subject("Second"), desk.ana, 1, "a")
    for _ in range(3):
        desk.save(with_subject("Second"), desk.ana, 2)

    with desk.house.wiring.reading() as session:
        entries = list_entries(session, Wanted(about_kind=ThingKind.ISSUE), limit=9).entries
    # That the button was pressed makes a version of the history of what was saved by itself.
    assert [entry.act for entry in entries] == [Act.ISSUE_SAVED, Act.ISSUE_CREATED]
    assert desk.issue().version == 2


def test_what_was_kept_beside_an_issue_is_kept_until_it_is_in(desk: Desk) -> None:
    unfit = desk.autosave(with_subject("x" * 200), desk.ana, 1, "a")
    kept = desk.copies(desk.ana)

    fit = desk.autosave(with_subject("Shorter"), desk.ana, 1, "a")

    assert (unfit, fit) == (Fate.UNFIT, Fate.SAVED)
    assert (kept, desk.copies(desk.ana)) == (["x" * 200], [])


def test_a_long_history_has_pages_without_a_gap(desk: Desk) -> None:
    for number in range(1, PAGE + 2):
        desk.save(with_subject(f"Subject {number}"), desk.ana, number)

    with desk.house.wiring.reading() as session:
        newest = read_history(session, desk.issue_id)
        oldest = read_history(session, desk.issue_id, before=newest.older)

    lines = newest.lines + oldest.lines
    assert (newest.older, oldest.older, len(newest.lines)) == (3, None, PAGE)
    assert [line.number for line in lines] == list(range(PAGE + 2, 0, -1))
    assert [line.changed for line in lines] == [*["Subject"] * (PAGE + 1), ""]


def test_a_page_whose_answer_was_lost_goes_on_from_what_it_saved_itself(desk: Desk) -> None:
    desk.autosave(with_subject("First"), desk.ana, 1, "a")

    assert desk.autosave(with_subject("First and more"), desk.ana, 1, "a") is Fate.SAVED
    assert desk.autosave(with_subject("Of another page"), desk.ana, 1, "b") is Fate.BEHIND
    assert desk.issue().content.subject == "First and more"
    assert desk.copies(desk.ana) == ["Of another page"]


def test_an_approved_issue_is_not_touched_and_what_was_typed_is_kept_beside(
    installation: Installation,
) -> None:
    issue_id = installation.schedule_approved_issue(CONTENT)
    ana = installation.add_editor("Ana", Role.EDITOR)
    desk = Desk(house=installation, ana=ana, bo=ana, issue_id=issue_id)

    fate = desk.autosave(with_subject("A slip of the hand"), ana, 1, "a")

    assert (fate, desk.issue().status) == (Fate.APPROVED, IssueStatus.APPROVED)
    assert desk.issue().content == CONTENT
    assert desk.copies(ana) == ["A slip of the hand"]


def test_an_approval_ends_only_by_somebody_who_knows_of_it(installation: Installation) -> None:
    issue_id = installation.schedule_approved_issue(CONTENT)
    ana = installation.add_editor("Ana", Role.EDITOR)
    save = Save(issue_id=issue_id, version=1, content=with_subject("New"), may_end_approval=False)

    with pytest.raises(ApprovedMeanwhile), installation.wiring.writing() as session:
        save_issue(session, save, ana, installation.clock())

    with installation.wiring.reading() as session:
        assert read_issue(session, issue_id).status is IssueStatus.APPROVED


def test_what_only_one_of_two_changed_is_brought_together(desk: Desk) -> None:
    desk.save(with_subject("Bo’s"), desk.bo, 1)

    saved = desk.save(with_fields(CONTENT, {"greeting": "Ana’s"}), desk.ana, 1)

    assert (saved.content.subject, saved.content.greeting) == ("Bo’s", "Ana’s")
    assert desk.shown()[0] == (3, VersionKind.MERGED, "Greeting")


def test_what_both_changed_is_asked_about_and_a_choice_settles_it(desk: Desk) -> None:
    theirs = desk.save(with_subject("Bo’s"), desk.bo, 1)

    with pytest.raises(ChangedMeanwhile) as meanwhile:
        desk.save(with_subject("Ana’s"), desk.ana, 1)
    decided = Save(
        issue_id=desk.issue_id,
        version=theirs.version,
        content=meanwhile.value.merged.content,
        taken=frozenset({"subject"}),
    )
    with desk.house.wiring.writing() as session:
        save_issue(session, decided, desk.ana, desk.house.clock())

    assert [clash.field for clash in meanwhile.value.merged.clashes] == ["subject"]
    assert desk.issue().content.subject == "Bo’s"


def test_six_who_save_different_fields_together_lose_nothing(desk: Desk) -> None:
    fields = ["subject", "preheader", "greeting"] + [f"item-{n}-kicker" for n in (1, 2, 3)]

    def save(number: int) -> None:
        desk.save(with_fields(CONTENT, {fields[number]: "Mine"}), desk.ana, 1)

    assert at_once(save) == []
    assert desk.issue().content == with_fields(CONTENT, dict.fromkeys(fields, "Mine"))
    assert desk.issue().version == HANDS + 1


def test_of_six_pages_that_save_by_themselves_one_is_in_and_five_are_kept(desk: Desk) -> None:
    fates: list[Fate] = []

    def autosave(number: int) -> None:
        fates.append(desk.autosave(with_subject(f"Page {number}"), desk.ana, 1, f"tab-{number}"))

    assert at_once(autosave) == []
    assert sorted(fates) == [Fate.BEHIND] * (HANDS - 1) + [Fate.SAVED]
    assert {desk.issue().content.subject, *desk.copies(desk.ana)} == {
        f"Page {number}" for number in range(HANDS)
    }


def test_who_has_the_issue_open_is_seen_until_ninety_seconds_of_silence(desk: Desk) -> None:
    desk.see(desk.ana, "a", 1)
    desk.see(desk.bo, "b", 1)
    before = desk.others(desk.ana, "a")
    desk.house.clock.advance(timedelta(seconds=91))
    after = desk.others(desk.ana, "a")

    desk.see(desk.bo, "b", 1)
    with desk.house.wiring.writing() as session:
        leave(session, desk.sheet(desk.bo, "b"))

    assert (before, after, desk.others(desk.ana, "a")) == (["Bo"], [], [])


def test_since_when_somebody_is_there_is_said_anew_after_a_silence(desk: Desk) -> None:
    came = desk.house.clock()
    since: list[timedelta] = []
    for silence in (80, 80, 91):
        desk.see(desk.bo, "b", 1)
        with desk.house.wiring.reading() as session:
            sheet, now = desk.sheet(desk.ana, "a"), desk.house.clock()
            since.extend(each.since - came for each in others_present(session, sheet, now))
        desk.house.clock.advance(timedelta(seconds=silence))
    desk.see(desk.bo, "b", 1)

    with desk.house.wiring.reading() as session:
        sheet, now = desk.sheet(desk.ana, "a"), desk.house.clock()
        assert [each.since for each in others_present(session, sheet, now)] == [now]
    assert since == [timedelta()] * 3


def test_the_same_page_heard_six_times_together_is_one(desk: Desk) -> None:
    assert at_once(lambda _number: desk.see(desk.bo, "b", 1)) == []
    assert desk.others(desk.ana, "a") == ["Bo"]


def test_what_somebody_else_had_on_their_screen_stays_in_the_history(desk: Desk) -> None:
    desk.autosave(with_subject("Seen by Bo"), desk.ana, 1, "a")
    desk.see(desk.bo, "b", 2)
    desk.autosave(with_subject("Later"), desk.ana, 2, "a")

    desk.house.clock.advance(FOLDED_KEPT + timedelta(days=1))
    clean_up(desk.house.wiring)

    assert [number for number, _, _ in desk.shown()] == [3, 2, 1]


def test_cleaning_up_forgets_only_what_no_history_shows(desk: Desk) -> None:
    for number in range(1, 5):
        desk.autosave(with_subject(f"Draft {number}"), desk.ana, number, "a")
    before = desk.shown()
    clean_up(desk.house.wiring)
    desk.house.clock.advance(FOLDED_KEPT + timedelta(minutes=1))

    clean_up(desk.house.wiring)

    with desk.house.wiring.reading() as session:
        last = read_version(session, desk.issue_id, 5).content
        with pytest.raises(NotFound):
            read_version(session, desk.issue_id, 3)
    assert desk.shown() == before
    assert last == with_subject("Draft 4")
