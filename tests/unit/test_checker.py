"""The checker of runs sees what it is there for: each promise that is broken, by its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.support.checker import (
    Arrival,
    Evidence,
    date_of,
    digest_of,
    doubles,
    doubles_by_life,
    examine,
    require_kept,
)
from topthree.domain.sending.delivery import DeliveryStatus

ANN, BEN, CLO = "ann@school.example", "ben@school.example", "clo@school.example"


def arrival(recipient: str, **changes: object) -> Arrival:
    came = Arrival(recipient=recipient, message_id=f"<{recipient}>", digest="the letter")
    return replace(came, **changes)  # type: ignore[arg-type]


def evidence(arrivals: Sequence[Arrival], *, ben: DeliveryStatus = DeliveryStatus.SENT) -> Evidence:
    """Ann and Ben are the audience; Ann is sent to, says the ledger."""
    ledger = {ANN: DeliveryStatus.SENT, BEN: ben}
    counts = dict.fromkeys(DeliveryStatus, 0)
    for status in ledger.values():
        counts[status] += 1
    return Evidence(
        arrivals=arrivals, ledger=ledger, audience=2, counts=counts, is_over=True, left_at={}
    )


def test_a_run_in_which_each_got_it_once_is_clean() -> None:
    require_kept(evidence([arrival(ANN), arrival(BEN)]))


@pytest.mark.parametrize(
    "explained",
    [
        DeliveryStatus.FAILED,
        DeliveryStatus.SKIPPED,
        DeliveryStatus.HELD,
        DeliveryStatus.CANCELLED,
    ],
)
def test_whoever_did_not_get_it_for_a_reason_is_not_lost(explained: DeliveryStatus) -> None:
    require_kept(evidence([arrival(ANN)], ben=explained))


@pytest.mark.parametrize(
    "waiting", [DeliveryStatus.QUEUED, DeliveryStatus.CLAIMED, DeliveryStatus.DEFERRED]
)
def test_who_still_waits_when_the_run_is_over_is_lost(waiting: DeliveryStatus) -> None:
    unfinished = evidence([arrival(ANN)], ben=waiting)

    assert examine(unfinished).lost == (BEN,)
    assert examine(replace(unfinished, is_over=False)).lost == ()


def test_sent_without_a_message_is_a_lie_and_a_loss() -> None:
    found = examine(evidence([arrival(ANN)]))

    assert (found.false_sent, found.lost) == ((BEN,), (BEN,))


def test_a_copy_is_counted_and_allowed_only_where_it_is_expected() -> None:
    doubled = evidence([arrival(ANN), arrival(BEN), arrival(ANN)])

    assert doubles(doubled.arrivals) == 1
    require_kept(doubled, doubled_at_most=1)
    with pytest.raises(AssertionError, match=f"doubled: 1 where 0 are allowed, such as {ANN} x2"):
        require_kept(doubled)


def test_a_copy_is_put_down_to_the_life_that_sent_the_one_before() -> None:
    arrivals = [arrival(ANN, life=0), arrival(BEN, life=1), arrival(ANN, life=3)]

    assert doubles_by_life(arrivals) == {0: 1}


def test_copies_that_differ_are_two_faced() -> None:
    other_text = [arrival(ANN), arrival(BEN), arrival(ANN, digest="another")]
    other_name = [arrival(ANN), arrival(BEN), arrival(ANN, message_id="<another>")]

    assert examine(evidence(other_text)).two_faced == (f"<{ANN}>", ANN)
    assert examine(evidence(other_name)).two_faced == (ANN,)


def test_copies_may_differ_in_date_only_when_days_lie_between_them() -> None:
    later = evidence([arrival(ANN, date="Monday"), arrival(BEN), arrival(ANN, date="Tuesday")])

    assert examine(later).two_faced == (f"<{ANN}>", ANN)
    assert examine(replace(later, takes_days=True)).two_faced == ()


def test_a_message_after_leaving_is_told_from_one_before() -> None:
    clean = evidence([arrival(ANN), arrival(BEN)])

    assert examine(replace(clean, left_at={BEN: 1})).after_leaving == (BEN,)
    assert examine(replace(clean, left_at={BEN: 2})).after_leaving == ()


def test_a_stranger_is_noticed() -> None:
    assert examine(evidence([arrival(ANN), arrival(BEN), arrival(CLO)])).strangers == (CLO,)


def test_counts_that_do_not_add_up_are_noticed() -> None:
    clean = evidence([arrival(ANN), arrival(BEN)])
    forgotten = replace(clean, audience=3)
    miscounted = replace(clean, counts={**clean.counts, DeliveryStatus.SENT: 1})

    assert examine(forgotten).unbalanced == ("2 rows for an audience of 3",)
    assert examine(miscounted).unbalanced == ("2 sent, said to be 1",)


def test_two_copies_differ_only_by_what_is_the_recipients_own() -> None:
    copies = [
        f"To: {to}\r\nMessage-ID: <{to}>\r\nDate: today\r\n"
        f"List-Unsubscribe: <https://letters.example/u/{token}>\r\n\r\n"
        f"Leave: https://letters.example/u/{token[:2]}=\r\n{token[2:]}\r\n".encode()
        for to, token in ((ANN, "for-ann"), (BEN, "for-ben"))
    ]

    assert len({digest_of(copy) for copy in copies}) == 1
    assert digest_of(copies[0]) != digest_of(copies[0].replace(b"Leave", b"Stay"))
    assert date_of(copies[0]) == "today"
