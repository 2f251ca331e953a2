"""Which versions a history shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from topthree.domain.ids import EditorId
from topthree.domain.writing.version import (
    VersionKind,
    VersionMark,
    folded_versions,
    shown_versions,
)

START = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)
ANA, BO = EditorId(1), EditorId(2)


def autosaved(number: int, minutes: float, by: EditorId = ANA) -> VersionMark:
    return VersionMark(
        number=number,
        kind=VersionKind.AUTOSAVED,
        saved_by=by,
        saved_at=START + timedelta(minutes=minutes),
        is_pinned=False,
    )


def shown(*marks: VersionMark) -> list[int]:
    return [mark.number for mark in shown_versions(marks)]


def test_what_one_person_left_while_writing_on_is_one_version_in_ten_minutes() -> None:
    assert shown(*(autosaved(number, number * 2.0) for number in range(1, 9))) == [4, 8]


def test_the_last_version_is_always_shown() -> None:
    assert shown(autosaved(1, 0), autosaved(2, 1)) == [2]


def test_somebody_elses_version_closes_a_group() -> None:
    assert shown(autosaved(1, 0), autosaved(2, 1, BO), autosaved(3, 2)) == [1, 2, 3]


def test_a_version_that_was_kept_for_good_is_shown() -> None:
    seen = replace(autosaved(1, 0), is_pinned=True)

    assert shown(seen, autosaved(2, 1), autosaved(3, 2)) == [1, 3]


def test_what_was_saved_by_hand_takes_in_what_led_to_it_and_nothing_that_follows() -> None:
    saved = replace(autosaved(2, 1), kind=VersionKind.SAVED)
    restored = replace(autosaved(4, 3), kind=VersionKind.RESTORED)

    assert shown(autosaved(1, 0), saved, autosaved(3, 2), restored) == [2, 3, 4]


marks = st.lists(
    st.builds(
        VersionMark,
        number=st.integers(1, 9),
        kind=st.sampled_from([VersionKind.AUTOSAVED, VersionKind.AUTOSAVED, VersionKind.SAVED]),
        saved_by=st.sampled_from([ANA, BO]),
        saved_at=st.integers(0, 40).map(lambda minutes: START + timedelta(minutes=minutes)),
        is_pinned=st.booleans(),
        source=st.none(),
    ),
    max_size=20,
).map(lambda found: sorted(found, key=lambda mark: mark.saved_at))


@given(found=marks)
def test_forgetting_what_is_not_shown_changes_nothing_that_is(found: list[VersionMark]) -> None:
    kept = shown_versions(found)

    assert shown_versions(kept) == kept
    assert len(kept) + len(folded_versions(found)) == len(found)
