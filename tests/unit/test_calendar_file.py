"""Calendar files give the whole days ahead; what is none, or a bomb, is refused by its name."""

from __future__ import annotations

from datetime import date

import pytest

from topthree.domain.refusal import Invalid
from topthree.services.planning.calendar_file import PassedOver, read_calendar_file

TODAY = date(2026, 11, 23)
THANKSGIVING = (
    "UID:1\nDTSTART;VALUE=DATE:20261126\nDTEND;VALUE=DATE:20261128\n"
    "SUMMARY:Thanksgiving\\, no school"
)


def calendar_of(*events: str, rest: str = "") -> bytes:
    inside = "".join(f"BEGIN:VEVENT\n{event}\nEND:VEVENT\n" for event in events)
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//A school//EN\n{rest}{inside}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def days_in(raw: bytes) -> list[tuple[str, str, str]]:
    reading = read_calendar_file(raw, "school.ics", TODAY)
    return [(str(each.first), str(each.last), each.name) for each in reading.breaks]


def passed_over(*events: str) -> dict[PassedOver, int]:
    raw = calendar_of(THANKSGIVING, *events)
    return dict(read_calendar_file(raw, "school.ics", TODAY).passed_over)


def test_the_day_on_which_an_event_ends_is_not_part_of_it() -> None:
    days = [("2026-11-26", "2026-11-27", "Thanksgiving, no school")]
    assert days_in(calendar_of(THANKSGIVING)) == days


def test_an_event_without_an_end_has_one_day_and_one_with_a_length_that_many() -> None:
    one = "UID:2\nDTSTART;VALUE=DATE:20270118\nSUMMARY:MLK Day"
    three = "UID:3\nDTSTART;VALUE=DATE:20270201\nDURATION:P3D\nSUMMARY:Recess"

    found = days_in(calendar_of(three, one))

    assert found == [
        ("2027-01-18", "2027-01-18", "MLK Day"),
        ("2027-02-01", "2027-02-03", "Recess"),
    ]


def test_what_comes_each_year_is_expanded_without_the_days_left_out_or_moved() -> None:
    yearly = (
        "UID:4\nDTSTART;VALUE=DATE:20201126\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH\n"
        "EXDATE;VALUE=DATE:20271125\nSUMMARY:Thanksgiving"
    )
    moved = (
        "UID:4\nRECURRENCE-ID;VALUE=DATE:20281123\nDTSTART;VALUE=DATE:20281124\nSUMMARY:Moved once"
    )

    found = days_in(calendar_of(yearly, moved))

    assert [(first, name) for first, _, name in found] == [
        ("2026-11-26", "Thanksgiving"),
        ("2028-11-24", "Moved once"),
        ("2029-11-22", "Thanksgiving"),
    ]


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ("DTSTART:20261210T190000Z\nSUMMARY:Board meeting", PassedOver.TIMED),
        ("DTSTART;VALUE=DATE:20260907\nSUMMARY:Labor Day", PassedOver.OVER),
        ("DTSTART;VALUE=DATE:20301225\nSUMMARY:Far ahead", PassedOver.OVER),
        ("DTSTART;VALUE=DATE:20261224\nSTATUS:CANCELLED\nSUMMARY:Fair", PassedOver.CANCELLED),
        ("DTSTART;VALUE=DATE:20270230\nSUMMARY:No such day", PassedOver.UNREADABLE),
        ("DTSTART;VALUE=DATE:20261224\nSUMMARY:", PassedOver.UNREADABLE),
        ("SUMMARY:No day at all", PassedOver.UNREADABLE),
        (
            "DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20290101\nSUMMARY:Years",
            PassedOver.UNREADABLE,
        ),
        (
            "DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:99991231\nRRULE:FREQ=YEARLY\nSUMMARY:Ages",
            PassedOver.UNREADABLE,
        ),
        (
            "DTSTART;VALUE=DATE:20261224\nDURATION:P99999999D\nSUMMARY:Longer than time",
            PassedOver.UNREADABLE,
        ),
        (
            "RECURRENCE-ID;VALUE=DATE:never\nDTSTART;VALUE=DATE:20261224\nSUMMARY:Moved",
            PassedOver.UNREADABLE,
        ),
        ("DTSTART;VALUE=DATE:20261224\nRRULE:FREQ=SECONDLY\nSUMMARY:Often", PassedOver.RULE),
        (
            "DTSTART;VALUE=DATE:20261224\nRRULE:FREQ=YEARLY\nRRULE:FREQ=DAILY\nSUMMARY:Two",
            PassedOver.RULE,
        ),
        ("DTSTART;VALUE=DATE:20261224\nRRULE:FREQ=DAILY\nSUMMARY:Daily", PassedOver.TOO_OFTEN),
    ],
)
def test_what_is_no_break_ahead_is_passed_over_with_the_reason(event: str, why: PassedOver) -> None:
    assert passed_over(event) == {why: 1}


def test_an_event_that_ends_before_it_begins_has_its_first_day() -> None:
    event = "UID:5\nDTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261220\nSUMMARY:Turned around"

    assert days_in(calendar_of(event)) == [("2026-12-24", "2026-12-24", "Turned around")]


def test_the_days_around_a_change_of_the_clocks_and_the_leap_day_are_days() -> None:
    spring = "UID:6\nDTSTART;VALUE=DATE:20270314\nSUMMARY:Clocks go forward"
    leap = "UID:7\nDTSTART;VALUE=DATE:20280229\nSUMMARY:Leap day"

    found = days_in(calendar_of(spring, leap))

    assert [first for first, _, _ in found] == ["2027-03-14", "2028-02-29"]


def test_descriptions_pictures_and_alarms_cost_nothing() -> None:
    heavy = (
        "UID:8\nDTSTART;VALUE=DATE:20261224\nSUMMARY:Winter\n"
        f"DESCRIPTION:{'x' * 400_000}\nATTACH;ENCODING=BASE64:{'QUJD' * 100_000}\n"
        "BEGIN:VALARM\nSUMMARY:not this\nEND:VALARM"
    )

    assert days_in(calendar_of(heavy)) == [("2026-12-24", "2026-12-24", "Winter")]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "no calendar file"),
        (b"\xff\xfe\x00", "no calendar file"),
        (b"%PDF-1.7", "no calendar file"),
        (b"BEGIN:VCALENDAR\0", "no calendar file"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n", "not in order"),
        (b"BEGIN:VCALENDAR\r\n" * 40_000, "not in order"),
        (b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 60_000, "not in order"),
        (calendar_of(), "holds no whole day"),
        (b"x" * 1_000_001, "over 1 MB"),
        (calendar_of(*["DTSTART;VALUE=DATE:20261224"] * 2_001), "over 2,000 events"),
        (calendar_of(*["RRULE:FREQ=DAILY"] * 61), "61 events repeat"),
        (calendar_of(f"{THANKSGIVING}{'y' * 2_000}"), "over 2,000 characters"),
        (calendar_of(THANKSGIVING + "\n y" * 2_000), "over 2,000 characters"),
        (
            calendar_of(*[f"DTSTART;VALUE=DATE:20270118\nSUMMARY:Day {n}" for n in range(401)]),
            "401 days off",
        ),
    ],
)
def test_a_bad_file_is_named_with_what_is_wrong(raw: bytes, said: str) -> None:
    with pytest.raises(Invalid, match=said) as refused:
        read_calendar_file(raw, "school.ics", TODAY)

    assert str(refused.value).startswith("school.ics cannot be taken over: ")
