"""A run that the other side does not want slows down or stops, and says why."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topthree.domain.sending import breaker as rules
from topthree.domain.sending.breaker import Advice, Breaker, Course, Tally
from topthree.domain.sending.cause import Cause
from topthree.domain.sending.outcome import Outcome, Stage, Verdict
from topthree.domain.sending.relay_reply import Fate, Ruling, judge

ACCEPTED = Ruling(fate=Fate.ACCEPT, cause=Cause.ACCEPTED)
PUT_OFF = Ruling(fate=Fate.TRY_AGAIN, cause=Cause.TEMPORARY)
FULL = Ruling(fate=Fate.GIVE_UP, cause=Cause.MAILBOX_UNAVAILABLE)
NOBODY = Ruling(fate=Fate.GIVE_UP, cause=Cause.NO_SUCH_MAILBOX)
REFUSED = Ruling(fate=Fate.GIVE_UP, cause=Cause.POLICY)
MALFORMED = Ruling(fate=Fate.GIVE_UP, cause=Cause.OUR_MESSAGE)
UNKNOWN = Ruling(fate=Fate.UNKNOWN, cause=Cause.UNKNOWN)
GOING = Advice(course=Course.GOING)


def fed(*parts: tuple[int, Ruling]) -> Breaker:
    breaker = Breaker()
    for number, ruling in parts:
        for _ in range(number):
            breaker.record(ruling)
    return breaker


def course(*parts: tuple[int, Ruling]) -> str:
    return fed(*parts).advice().course


def test_a_run_that_is_taken_goes_on() -> None:
    assert Breaker().advice() == GOING
    assert fed((1_000, ACCEPTED)).advice() == GOING


def test_full_mailboxes_and_unanswered_messages_stop_nobody() -> None:
    assert course((500, FULL), (500, UNKNOWN)) == "going"


def test_a_server_that_refuses_us_all_pauses_the_run_after_twenty() -> None:
    reply = "5.7.26 Unauthenticated mail is not accepted"
    refused = Outcome(verdict=Verdict.REFUSED, code=550, reply=reply, stage=Stage.TEXT)
    breaker, asked = Breaker(), 0

    while breaker.advice().course is not Course.PAUSE:
        breaker.record(judge(refused))
        asked += 1

    assert asked == 20
    assert breaker.advice().reason.startswith("20 of 20 messages were refused for who we are")
    assert breaker.tally().hard == 0


@pytest.mark.parametrize(
    ("accepted", "refused", "expected"),
    [(0, 19, "going"), (380, 20, "pause"), (381, 20, "going"), (7_600, 400, "pause")],
)
def test_refusals_pause_a_run_when_they_are_twenty_and_five_in_a_hundred(
    accepted: int, refused: int, expected: str
) -> None:
    # Spread, so that the last two hundred never hold a fifth of them.
    breaker = Breaker()
    for number in range(accepted + refused):
        is_refusal = (number + 1) * refused // (accepted + refused) > (
            number * refused // (accepted + refused)
        )
        breaker.record(REFUSED if is_refusal else ACCEPTED)

    assert breaker.advice().course == expected


@pytest.mark.parametrize("cause", [Cause.POLICY, Cause.SENDER_AUTH, Cause.PROTOCOL])
def test_each_way_of_refusing_us_counts(cause: Cause) -> None:
    assert course((20, Ruling(fate=Fate.GIVE_UP, cause=cause))) == "pause"


def test_being_put_off_for_who_we_are_counts_as_being_refused() -> None:
    assert course((20, Ruling(fate=Fate.TRY_AGAIN, cause=Cause.SENDER_AUTH))) == "pause"
    assert course((20, Ruling(fate=Fate.TRY_AGAIN, cause=Cause.RATE_LIMIT))) == "going"


def test_a_message_that_is_refused_for_itself_pauses_the_run_at_once() -> None:
    advice = fed((5_000, ACCEPTED), (1, MALFORMED)).advice()

    assert advice.course is Course.PAUSE
    assert advice.reason.startswith("The message itself was refused, as too big or malformed")


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([(40, PUT_OFF)], "going"),
        ([(41, PUT_OFF)], "probe"),
        ([(1_000, ACCEPTED), (41, PUT_OFF)], "probe"),
        ([(40, PUT_OFF), (160, ACCEPTED), (40, PUT_OFF)], "going"),
        ([(40, PUT_OFF), (159, ACCEPTED), (1, PUT_OFF)], "probe"),
        ([(40, PUT_OFF), (160, ACCEPTED), (1, PUT_OFF)], "going"),
        ([(1_000, ACCEPTED), (19, REFUSED), (22, PUT_OFF)], "probe"),
    ],
)
def test_more_trouble_than_a_fifth_of_the_last_two_hundred_calls_for_a_probe(
    parts: list[tuple[int, Ruling]], expected: str
) -> None:
    assert course(*parts) == expected


def test_a_probe_says_what_is_the_matter() -> None:
    assert fed((41, PUT_OFF)).advice().reason.startswith("More than 40 of the last 200 messages")


def test_probing_goes_on_until_five_answers_in_a_row_are_good() -> None:
    assert course((41, PUT_OFF), (4, ACCEPTED)) == "probe"
    assert course((41, PUT_OFF), (4, ACCEPTED), (1, PUT_OFF), (4, ACCEPTED)) == "probe"
    assert course((41, PUT_OFF), (5, ACCEPTED)) == "going"


def test_after_probing_the_last_two_hundred_are_counted_afresh() -> None:
    assert course((41, PUT_OFF), (5, ACCEPTED), (40, PUT_OFF)) == "going"
    assert course((41, PUT_OFF), (5, ACCEPTED), (41, PUT_OFF)) == "probe"


def test_five_connections_in_a_row_that_cannot_be_opened_call_for_a_probe() -> None:
    breaker = fed((10, ACCEPTED))

    courses = []
    for is_open in (False, False, False, False, True, False, False, False, False, False, True):
        breaker.record_connection(is_open=is_open)
        courses.append(breaker.advice().course)

    assert courses == [*["going"] * 9, "probe", "going"]


def test_a_relay_that_still_answers_elsewhere_is_not_down() -> None:
    breaker = Breaker()

    for _ in range(20):
        breaker.record_connection(is_open=False)
        breaker.record(ACCEPTED)

    assert breaker.advice() == GOING


@pytest.mark.parametrize(
    ("tried", "hard", "expected", "warnings"),
    [
        (99, 99, "going", 0),
        (100, 1, "going", 0),
        (100, 2, "going", 1),
        (100, 4, "going", 1),
        (100, 5, "pause", 1),
        (10_000, 199, "going", 0),
        (10_000, 200, "going", 1),
        (10_000, 499, "going", 1),
        (10_000, 500, "pause", 1),
    ],
)
def test_too_many_addresses_that_do_not_exist_warn_and_then_pause(
    tried: int, hard: int, expected: str, warnings: int
) -> None:
    advice = fed((tried - hard, ACCEPTED), (hard, NOBODY)).advice()

    assert advice.course == expected
    assert len(advice.warnings) == warnings


@pytest.mark.parametrize(
    ("sent", "complaints", "expected", "warnings"),
    [
        (999, 900, "going", 0),
        (1_000, 0, "going", 0),
        (1_000, 1, "going", 1),
        (1_000, 2, "going", 1),
        (1_000, 3, "pause", 1),
        (10_000, 9, "going", 0),
        (10_000, 10, "going", 1),
        (10_000, 29, "going", 1),
        (10_000, 30, "pause", 1),
    ],
)
def test_too_many_complaints_warn_and_then_pause(
    sent: int, complaints: int, expected: str, warnings: int
) -> None:
    breaker = fed((sent, ACCEPTED))

    breaker.hear(Tally(complaints=complaints))

    assert breaker.advice().course == expected
    assert len(breaker.advice().warnings) == warnings


def test_a_reason_and_a_warning_give_their_figures() -> None:
    breaker = fed((9_500, ACCEPTED), (500, NOBODY))
    breaker.hear(Tally(complaints=10))

    advice = breaker.advice()

    assert advice.reason.startswith("500 of 10,000 addresses do not exist.")
    assert advice.warnings[0] == advice.reason
    assert advice.warnings[1].startswith("10 of 9,500 people called the issue spam.")


def test_what_others_count_weighs_as_much_as_what_one_counts_oneself() -> None:
    first = fed((300, ACCEPTED), (15, REFUSED), (2, NOBODY), (3, FULL))

    second = fed((5, REFUSED))
    second.hear(first.tally())

    assert first.tally() == Tally(tried=320, accepted=300, refusals=15, hard=2)
    assert second.advice().reason.startswith("20 of 325 messages were refused")


def test_what_is_heard_takes_the_place_of_what_was_heard_before() -> None:
    breaker = fed((5, REFUSED))

    for _ in range(2):
        breaker.hear(Tally(tried=100, accepted=90, refusals=10))

    assert breaker.advice() == GOING


def test_one_who_hears_of_harm_stops_before_seeing_any() -> None:
    breaker = fed((10, ACCEPTED))

    breaker.hear(Tally(tried=10, malformed=1))

    assert breaker.advice().course is Course.PAUSE


def test_addresses_that_came_back_weigh_though_the_relay_had_accepted_all() -> None:
    breaker = fed((1_000, ACCEPTED))

    breaker.hear(Tally(hard=50))

    assert breaker.advice().reason.startswith("50 of 1,000 addresses do not exist.")


def test_the_thresholds_are_those_of_the_rules() -> None:
    figures = {name: value for name, value in vars(rules).items() if name.isupper()}

    assert {name: value for name, value in figures.items() if not name.startswith("_")} == {
        "REFUSALS_TO_PAUSE": 20,
        "REFUSALS_PER_MILLE": 50,
        "RECENT": 200,
        "MOST_TROUBLE_OF_RECENT": 40,
        "FAILED_CONNECTIONS_TO_PROBE": 5,
        "GOOD_PROBES": 5,
        "HARD_TRIED_AT_LEAST": 100,
        "HARD_PER_MILLE_TO_WARN": 20,
        "HARD_PER_MILLE_TO_PAUSE": 50,
        "COMPLAINTS_SENT_AT_LEAST": 1_000,
        "COMPLAINTS_PER_MILLE_TO_WARN": 1,
        "COMPLAINTS_PER_MILLE_TO_PAUSE": 3,
    }


@given(
    rulings=st.lists(
        st.tuples(st.integers(1, 120), st.sampled_from([ACCEPTED, PUT_OFF, FULL])), max_size=12
    )
)
def test_trouble_that_is_temporary_never_needs_a_person(rulings: list[tuple[int, Ruling]]) -> None:
    breaker = Breaker()

    for number, ruling in rulings:
        for _ in range(number):
            breaker.record(ruling)
        assert breaker.advice().course is not Course.PAUSE
        assert bool(breaker.advice().reason) == (breaker.advice().course is Course.PROBE)
