"""The entries of the audit log: what each may hold, and what the chain holds fast."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from topthree.domain.audit.act import Act, act_words
from topthree.domain.audit.entry import (
    BEGINNING,
    TERMINAL,
    Entry,
    Recorded,
    Thing,
    ThingKind,
    Who,
    WhoKind,
    as_json,
    link_after,
    tidied,
)
from topthree.domain.ids import EditorId, EntryId

AN_ENTRY = Recorded(
    id=EntryId(1),
    at=datetime(2026, 11, 23, 15, 0, tzinfo=UTC),
    who=Who(kind=WhoKind.EDITOR, name="Pat", editor_id=EditorId(3)),
    act=Act.ISSUE_APPROVED.value,
    about=Thing(kind=ThingKind.ISSUE, id="8", label="Share the lead"),
    details='{"digest":"abc"}',
)


@pytest.mark.parametrize(
    "changed",
    [
        replace(AN_ENTRY, id=EntryId(2)),
        replace(AN_ENTRY, at=AN_ENTRY.at + timedelta(microseconds=1)),
        replace(AN_ENTRY, who=replace(AN_ENTRY.who, name="Kim")),
        replace(AN_ENTRY, who=replace(AN_ENTRY.who, editor_id=EditorId(4))),
        replace(AN_ENTRY, who=replace(AN_ENTRY.who, kind=WhoKind.READER)),
        replace(AN_ENTRY, act=Act.ISSUE_SENT_BACK.value),
        replace(AN_ENTRY, about=replace(AN_ENTRY.about, kind=ThingKind.ITEM)),
        replace(AN_ENTRY, about=replace(AN_ENTRY.about, id="9")),
        replace(AN_ENTRY, about=replace(AN_ENTRY.about, label="")),
        replace(AN_ENTRY, details='{"digest":"abd"}'),
    ],
)
def test_a_change_of_anything_is_another_link(changed: Recorded) -> None:
    assert link_after(BEGINNING, changed).hash != link_after(BEGINNING, AN_ENTRY).hash


def test_a_link_holds_what_stands_before_it() -> None:
    assert link_after(bytes(31) + b"\1", AN_ENTRY).hash != link_after(BEGINNING, AN_ENTRY).hash


def test_what_moves_from_one_text_to_the_next_is_another_link() -> None:
    first = replace(AN_ENTRY, about=Thing(kind=ThingKind.ISSUE, id="8", label='9","x'))
    second = replace(AN_ENTRY, about=Thing(kind=ThingKind.ISSUE, id='8","9', label="x"))

    assert link_after(BEGINNING, first).hash != link_after(BEGINNING, second).hash


def test_the_same_instant_in_another_zone_is_the_same_link() -> None:
    elsewhere = replace(AN_ENTRY, at=AN_ENTRY.at.astimezone(timezone(timedelta(hours=-5))))

    assert link_after(BEGINNING, elsewhere) == link_after(BEGINNING, AN_ENTRY)


def test_details_have_one_form_whatever_their_order() -> None:
    assert as_json({"b": 1, "a": "é"}) == as_json({"a": "é", "b": 1}) == '{"a":"é","b":1}'


def test_no_address_and_no_second_line_gets_into_an_entry() -> None:
    entry = Entry(
        who=Who(kind=WhoKind.READER, name="Kim\r\n<kim@school.example>"),
        act=Act.SUPPRESSED,
        about=Thing(
            kind=ThingKind.SUPPRESSION, id="ann@school.example", label="to\x00bo@x.example"
        ),
        details={"reply": "550 no ann@school.example\nX: y", "count": 3},
    )

    tidy = tidied(entry)

    assert tidy.who.name == "Kim  <k•••@school.example>"
    assert (tidy.about.id, tidy.about.label) == ("a•••@school.example", "to b•••@x.example")
    assert tidy.details == {"reply": "550 no a•••@school.example X: y", "count": 3}


def test_a_long_text_is_cut() -> None:
    about = Thing(kind=ThingKind.ISSUE, label="x" * 500)

    tidy = tidied(Entry(who=TERMINAL, act=Act.ISSUE_SAVED, about=about, details={"a": "y" * 999}))

    assert len(tidy.about.label) == 200
    assert tidy.about.label.endswith("…")
    assert len(str(tidy.details["a"])) == 500


def test_every_act_has_a_code_of_its_own_and_words_that_go_on_from_a_name() -> None:
    assert len({act.value for act in Act}) == len(Act)
    assert len({act.words for act in Act}) == len(Act)
    assert all(act.words[0].islower() and not act.words.endswith(".") for act in Act)
    assert all(len(act.value) <= 64 for act in Act)


def test_an_act_of_a_later_version_is_shown_by_its_code() -> None:
    assert act_words("signed-in") == "signed in"
    assert act_words("flown-to-the-moon") == "flown-to-the-moon"
