"""The item bank: writing, searching, and items that go into issues and come back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.support.installation import Installation, complete_content
from topthree.domain.bank.bank_item import BankDetails, BankState
from topthree.domain.bank.bank_search import BankSearch, UseBy
from topthree.domain.editors.permission import Role
from topthree.domain.ids import BankItemId, EditorId, IssueId
from topthree.domain.refusal import Conflict, Invalid, NotFound
from topthree.domain.writing.issue import IssueContent, IssueStatus
from topthree.domain.writing.item import BODY_LIMIT, Item, Participation, Section
from topthree.domain.writing.version import VersionKind
from topthree.services.bank.read_bank import BankItemView, read_bank_item, search_bank
from topthree.services.bank.run_again import Again, run_again, slots_before_it_closes
from topthree.services.bank.use_bank_item import (
    Place,
    PlaceTaken,
    Putting,
    keep_in_bank,
    put_into_place,
    take_out_of_place,
)
from topthree.services.bank.write_bank import (
    BankItemChanged,
    BankSave,
    NewBankItem,
    copy_bank_item,
    create_bank_item,
    delete_bank_item,
    save_bank_item,
)
from topthree.services.identity.editor_view import EditorView
from topthree.services.installation.first_start import load_samples
from topthree.services.sending.open_run import open_due_runs
from topthree.services.writing.compose_issue import (
    Change,
    change_content,
    create_issue,
    issue_to_change,
)
from topthree.services.writing.read_issue import IssueView, read_issue

TODAY = date(2026, 11, 23)
SAMPLES = Path(__file__).parents[2] / "issues"
RESOURCE, REFLECTION, OPPORTUNITY = complete_content().items


class Desk:
    """One editor's hands on the bank and on one issue, a transaction for each move."""

    def __init__(self, house: Installation) -> None:
        self.house = house
        self.editor: EditorView = house.add_editor("Ana", Role.WRITER)

    def add(
        self,
        item: Item = RESOURCE,
        state: BankState = BankState.READY,
        details: BankDetails | None = None,
        key: str = "",
    ) -> BankItemView:
        new = NewBankItem(item=item, details=details or BankDetails(), state=state, key=key)
        with self.house.wiring.writing() as session:
            return create_bank_item(session, new, self.editor, self.house.clock())

    def save(self, shown: BankItemView, **changes: object) -> BankItemView:
        save = BankSave(
            item_id=shown.id, version=shown.version, item=shown.item, details=shown.details
        )
        with self.house.wiring.writing() as session:
            wanted = replace(save, **changes)  # type: ignore[arg-type]
            return save_bank_item(session, wanted, self.editor, self.house.clock())

    def item(self, item_id: BankItemId) -> BankItemView:
        with self.house.wiring.reading() as session:
            return read_bank_item(session, item_id)

    def issue(self, issue_id: IssueId | None = None) -> IssueView:
        with self.house.wiring.writing() as session:
            if issue_id is None:
                return create_issue(session, IssueContent(), self.editor, self.house.clock())
            return read_issue(session, issue_id)

    def put(
        self, item_id: BankItemId, issue_id: IssueId, place: int, replaces: int | None = None
    ) -> IssueView:
        at = Place(issue_id=issue_id, number=place)
        putting = Putting(item_id=item_id, place=at, replaces=replaces)
        with self.house.wiring.writing() as session:
            return put_into_place(session, putting, self.editor, self.house.clock())

    def take_out(self, issue_id: IssueId, place: int) -> BankItemId | None:
        at = Place(issue_id=issue_id, number=place)
        with self.house.wiring.writing() as session:
            return take_out_of_place(session, at, "", self.editor, self.house.clock())

    def write(
        self, issue: IssueView, *items: Item, kind: VersionKind = VersionKind.SAVED
    ) -> IssueView:
        first, second, third = items
        content = replace(issue.content, items=(first, second, third))
        change = Change(kind=kind, who=self.editor.who, at=self.house.clock())
        with self.house.wiring.writing() as session:
            change_content(session, issue_to_change(session, issue.id), content, change)
        return self.issue(issue.id)

    def found(self, **criteria: object) -> list[str]:
        search = BankSearch(**criteria)  # type: ignore[arg-type]
        with self.house.wiring.reading() as session:
            return [line.headline for line in search_bank(session, search, TODAY).lines]


@pytest.fixture
def desk(installation: Installation) -> Desk:
    return Desk(installation)


def named(headline: str, item: Item = RESOURCE) -> Item:
    return replace(item, headline=headline)


def test_an_item_is_kept_whole(desk: Desk) -> None:
    details = BankDetails(
        tags=("Math", "grade 5"), owner_id=desk.editor.id, use_by=date(2027, 1, 2), note="Ask Ben."
    )

    kept = desk.item(desk.add(OPPORTUNITY, BankState.IDEA, details).id)

    assert (kept.item, kept.state, kept.version) == (OPPORTUNITY, BankState.IDEA, 1)
    assert kept.details == replace(details, tags=("grade 5", "math"))
    assert (kept.owner, kept.created_by, kept.edited_by) == ("Ana", "Ana", "Ana")


def test_what_lacks_something_is_a_draft_where_it_was_to_be_ready(desk: Desk) -> None:
    short = desk.add(replace(RESOURCE, body=""))

    again = desk.save(short, state=BankState.READY)
    done = desk.save(again, item=RESOURCE, state=BankState.READY)
    emptied = desk.save(done, item=replace(RESOURCE, body=""))

    assert short.state is again.state is emptied.state is BankState.DRAFTING
    assert [problem.field for problem in again.missing] == ["item-body"]
    assert done.state is BankState.READY


def test_the_same_form_sent_fifty_times_makes_one_item(desk: Desk) -> None:
    ids = {desk.add(key="a form").id for _ in range(50)}

    assert len(ids) == 1
    assert desk.add(named("Other words"), key="a form").id not in ids


def test_a_save_on_an_older_version_gets_both(desk: Desk) -> None:
    shown = desk.add()
    desk.save(shown, item=named("Theirs"))

    with pytest.raises(BankItemChanged) as refused:
        desk.save(shown, item=named("Mine"))

    assert refused.value.theirs.item.headline == "Theirs"
    assert desk.item(shown.id).item.headline == "Theirs"


def test_saving_what_is_there_changes_nothing(desk: Desk) -> None:
    shown = desk.add(details=BankDetails(tags=("b", "a")))

    assert desk.save(replace(shown, version=0)).version == shown.version


def test_what_cannot_be_kept_is_refused(desk: Desk) -> None:
    item = replace(
        RESOURCE, headline="x" * 1_000_000, body="x" * (BODY_LIMIT + 1), language="Klingon"
    )
    details = BankDetails(owner_id=EditorId(77), note="x" * 1_000_000)

    with pytest.raises(Invalid) as refused:
        desk.add(item, details=details)

    fields = {problem.field for problem in refused.value.problems}
    assert fields == {"item-headline", "item-body", "item-language", "note", "owner"}
    assert desk.found() == []


def test_a_copy_belongs_to_whoever_made_it(desk: Desk) -> None:
    original = desk.add(details=BankDetails(tags=("math",)))

    with desk.house.wiring.writing() as session:
        copy = copy_bank_item(session, original.id, "", desk.editor, desk.house.clock())

    assert copy.id != original.id
    assert (copy.item, copy.owner) == (original.item, "Ana")
    assert copy.details.tags == ("math",)


def test_an_item_is_found_by_its_words_in_any_letters(desk: Desk) -> None:
    desk.add(named("Über 100% of it"), details=BankDetails(note="See ÉCOLE_2"))
    desk.add(named("Nothing alike"))

    assert desk.found(words="über école_2") == ["Über 100% of it"]
    assert desk.found(words="100% it") == ["Über 100% of it"]
    assert desk.found(words="1%0") == []
    assert desk.found(words="\\") == []


def test_an_item_is_found_by_section_state_tag_owner_and_time(desk: Desk) -> None:
    mine = BankDetails(tags=("math", "grade 5"), owner_id=desk.editor.id)
    desk.add(named("Kept"), details=mine)
    desk.add(named("Soon"), details=BankDetails(use_by=TODAY + timedelta(days=28)))
    desk.add(named("Past"), details=BankDetails(use_by=TODAY - timedelta(days=1)))
    desk.add(named("Later", REFLECTION), BankState.IDEA, BankDetails(use_by=date(2027, 6, 1)))
    closing = Participation(closes_on=TODAY)
    desk.add(replace(OPPORTUNITY, headline="Closing", participation=closing))

    assert desk.found(section=Section.REFLECTION) == ["Later"]
    assert desk.found(state=BankState.IDEA) == ["Later"]
    assert desk.found(tag="grade 5") == ["Kept"]
    assert desk.found(owner_id=desk.editor.id) == ["Kept"]
    assert desk.found(use_by=UseBy.SOON) == ["Closing", "Soon"]
    assert desk.found(use_by=UseBy.PAST) == ["Past"]
    assert desk.found(keeps_until=date(2027, 1, 1)) == ["Later", "Kept"]


def test_pages_of_the_bank_hold_each_item_once(desk: Desk) -> None:
    for number in range(30):
        desk.add(named(f"Item {number}"))

    with desk.house.wiring.reading() as session:
        pages = [search_bank(session, BankSearch(), TODAY, number) for number in (1, 2, 99)]

    assert [len(page.lines) for page in pages] == [25, 5, 5]
    assert pages[1].lines == pages[2].lines
    assert len({line.id for page in pages for line in page.lines}) == 30


def test_an_item_goes_into_an_empty_place_and_remembers_it(desk: Desk) -> None:
    item, issue = desk.add(REFLECTION), desk.issue()

    written = desk.put(item.id, issue.id, 2)
    twice = desk.put(item.id, issue.id, 2)

    kept = desk.item(item.id)
    assert written.content.items[1] == REFLECTION
    assert twice.version == written.version == issue.version + 1
    assert kept.state is BankState.USED
    assert kept.standing is not None
    assert (kept.standing.issue_id, kept.standing.place) == (issue.id, 2)


def test_an_item_stands_in_one_place_only(desk: Desk) -> None:
    item, issue = desk.add(), desk.issue()
    desk.put(item.id, issue.id, 1)

    with pytest.raises(Conflict, match="stands in an issue"):
        desk.put(item.id, issue.id, 2)
    with pytest.raises(Conflict, match="stands in an issue"):
        desk.save(desk.item(item.id), item=named("Written here"))

    assert desk.issue(issue.id).content.items[1] == Item(section=Section.REFLECTION)


def test_an_item_without_a_word_fills_no_place(desk: Desk) -> None:
    item, issue = desk.add(Item(), BankState.IDEA), desk.issue()

    with pytest.raises(Conflict, match="still empty"):
        desk.put(item.id, issue.id, 1)


def test_an_issue_has_three_places(desk: Desk) -> None:
    item, issue = desk.add(), desk.issue()

    for place in (0, 4, -1):
        with pytest.raises(NotFound, match="three places"):
            desk.put(item.id, issue.id, place)


def test_what_stands_in_a_place_makes_room_only_when_told_and_goes_into_the_bank(
    desk: Desk,
) -> None:
    first, second, issue = desk.add(named("First")), desk.add(named("Second")), desk.issue()
    desk.put(first.id, issue.id, 1)

    with pytest.raises(PlaceTaken) as asked:
        desk.put(second.id, issue.id, 1)
    desk.put(second.id, issue.id, 1, replaces=asked.value.version)

    assert desk.issue(issue.id).content.items[0].headline == "Second"
    assert desk.item(first.id).state is BankState.READY
    assert desk.item(first.id).standing is None
    assert desk.item(second.id).state is BankState.USED


def test_text_that_never_was_in_the_bank_is_kept_there_when_it_makes_room(desk: Desk) -> None:
    item, issue = desk.add(named("New")), desk.issue()
    issue = desk.write(issue, named("Typed"), *issue.content.items[1:])

    desk.put(item.id, issue.id, 1, replaces=issue.version)

    assert sorted(desk.found()) == ["New", "Typed"]


def test_what_was_changed_meanwhile_is_asked_about_again(desk: Desk) -> None:
    item, issue = desk.add(), desk.issue()
    shown = desk.write(issue, named("Typed"), *issue.content.items[1:])
    desk.write(shown, named("Typed again"), *issue.content.items[1:])

    with pytest.raises(PlaceTaken, match="Typed again"):
        desk.put(item.id, issue.id, 1, replaces=shown.version)


def test_putting_an_item_into_an_approved_issue_ends_the_approval(desk: Desk) -> None:
    issue_id = desk.house.schedule_approved_issue()
    item, issue = desk.add(named("New")), desk.issue(issue_id)

    after = desk.put(item.id, issue_id, 1, replaces=issue.version)

    assert issue.status is IssueStatus.APPROVED
    assert after.status is IssueStatus.DRAFT


def test_an_item_comes_back_from_its_place_with_what_was_written_there(desk: Desk) -> None:
    item, issue = desk.add(), desk.issue()
    placed = desk.put(item.id, issue.id, 1)
    desk.write(placed, named("Better words"), *placed.content.items[1:])

    back = desk.take_out(issue.id, 1)
    nothing = desk.take_out(issue.id, 1)

    kept = desk.item(item.id)
    assert (back, nothing) == (item.id, None)
    assert (kept.item.headline, kept.state) == ("Better words", BankState.READY)
    assert kept.standing is None
    assert desk.issue(issue.id).content.items[0] == Item(section=Section.RESOURCE)


def test_what_comes_back_unfinished_is_a_draft(desk: Desk) -> None:
    item, issue = desk.add(), desk.issue()
    placed = desk.put(item.id, issue.id, 1)
    desk.write(placed, replace(RESOURCE, body=""), *placed.content.items[1:])

    desk.take_out(issue.id, 1)

    assert desk.item(item.id).state is BankState.DRAFTING


def test_what_was_typed_into_a_place_is_taken_out_as_a_new_item(desk: Desk) -> None:
    issue = desk.issue()
    desk.write(issue, *issue.content.items[:2], named("Typed"))

    taken = desk.take_out(issue.id, 3)

    assert taken is not None
    assert desk.item(taken).item.headline == "Typed"


def test_an_item_is_followed_when_it_is_moved_and_edited_in_its_issue(desk: Desk) -> None:
    one, two, issue = desk.add(named("One")), desk.add(named("Two", REFLECTION)), desk.issue()
    desk.put(one.id, issue.id, 1)
    placed = desk.put(two.id, issue.id, 2)
    first, second, third = placed.content.items

    desk.write(placed, replace(second, kicker="FYI"), first, third)

    moved = [desk.item(each.id) for each in (one, two)]
    assert [each.standing.place for each in moved if each.standing] == [2, 1]
    assert moved[1].item.kicker == "FYI"
    assert desk.found(words="two fyi") == ["Two"]


def test_an_item_whose_place_is_emptied_by_hand_is_back_in_the_bank(desk: Desk) -> None:
    item, issue = desk.add(), desk.issue()
    placed = desk.put(item.id, issue.id, 1)

    desk.write(placed, Item(), *placed.content.items[1:])

    assert desk.item(item.id).state is BankState.READY
    assert desk.item(item.id).item == RESOURCE


def test_an_item_can_be_deleted_while_it_stands_in_an_issue(desk: Desk) -> None:
    item, issue = desk.add(), desk.issue()
    desk.put(item.id, issue.id, 1)

    with desk.house.wiring.writing() as session:
        gone = delete_bank_item(session, item.id, desk.editor, desk.house.clock())

    assert gone.standing is not None
    assert desk.issue(issue.id).content.items[0] == RESOURCE
    with pytest.raises(NotFound, match="not in the bank any more"):
        desk.put(item.id, issue.id, 2)
    taken = desk.take_out(issue.id, 1)
    assert taken is not None
    assert desk.item(taken).item == RESOURCE


def test_what_has_gone_out_is_not_taken_out(desk: Desk) -> None:
    issue_id = desk.house.schedule_approved_issue()
    desk.house.clock.advance(timedelta(days=10))
    item = desk.add(named("New"))
    send(desk.house)

    with pytest.raises(Conflict):
        desk.take_out(issue_id, 1)
    with pytest.raises(Conflict):
        desk.put(item.id, issue_id, 1, replaces=desk.issue(issue_id).version)

    assert desk.issue(issue_id).content == complete_content()
    assert desk.found() == ["New"]


def send(house: Installation) -> None:
    house.add_subscribers("one@school.example")
    assert open_due_runs(house.wiring)


def test_a_copy_of_what_stands_in_an_issue_is_kept_once(desk: Desk) -> None:
    issue = desk.issue()
    desk.write(issue, named("Typed"), *issue.content.items[1:])
    place = Place(issue_id=issue.id, number=1)

    for _ in range(2):
        with desk.house.wiring.writing() as session:
            keep_in_bank(session, place, "a form", desk.editor, desk.house.clock())

    assert desk.found() == ["Typed"]
    empty = Place(issue_id=issue.id, number=2)
    with desk.house.wiring.writing() as session, pytest.raises(Conflict, match="is empty"):
        keep_in_bank(session, empty, "", desk.editor, desk.house.clock())


def test_a_last_call_is_a_copy_for_a_slot_before_the_closing_date(desk: Desk) -> None:
    closing = replace(OPPORTUNITY, participation=Participation(closes_on=date(2026, 12, 18)))
    cadence, now = desk.house.wiring.cadence, desk.house.clock()

    with desk.house.wiring.writing() as session:
        slots = slots_before_it_closes(session, cadence, closing, now)
        again = Again(item=closing, tags=("seats",), day=slots[-1].day)
        copy = run_again(session, cadence, again, desk.editor, now)

    assert [slot.day for slot in slots] == [date(2026, 12, 3), date(2026, 12, 17)]
    assert (copy.item.kicker, copy.state) == ("Last call", BankState.READY)
    assert copy.item.headline == "Last call: Take a seat on a cabinet"
    assert copy.details.use_by == date(2026, 12, 18)


def test_nothing_is_called_for_the_last_time_after_it_closed(desk: Desk) -> None:
    item = replace(OPPORTUNITY, participation=Participation(closes_on=date(2026, 12, 2)))
    again = Again(item=item, tags=(), day=date(2026, 12, 3))
    cadence, now = desk.house.wiring.cadence, desk.house.clock()

    with desk.house.wiring.writing() as session, pytest.raises(Conflict, match="earlier slot"):
        run_again(session, cadence, again, desk.editor, now)
    with desk.house.wiring.reading() as session:
        assert slots_before_it_closes(session, cadence, item, now) == ()


def test_a_place_that_is_empty_for_a_moment_keeps_its_item(desk: Desk) -> None:
    item, issue = desk.add(), desk.issue()
    placed = desk.put(item.id, issue.id, 1)

    passing = desk.write(placed, Item(), *placed.content.items[1:], kind=VersionKind.AUTOSAVED)
    still = desk.item(item.id).standing
    desk.write(passing, *passing.content.items[:2], named("Three"))

    assert still is not None
    assert desk.item(item.id).standing is None
    assert desk.item(item.id).item == RESOURCE


def test_a_first_start_finds_a_bank_to_choose_from(desk: Desk) -> None:
    for _ in range(2):
        with desk.house.wiring.writing() as session:
            load_samples(session, desk.house.wiring, SAMPLES)

    ready = {section: desk.found(section=section, state=BankState.READY) for section in Section}

    assert [len(found) for found in ready.values()] == [2, 2, 2]
    assert len(desk.found(words="made up", tag="sample")) == 6
