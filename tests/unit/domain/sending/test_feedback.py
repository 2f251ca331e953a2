"""What a bounce says, row for row, and what follows from each kind of feedback."""

from __future__ import annotations

import pytest

from topthree.domain.sending.cause import Cause
from topthree.domain.sending.feedback import (
    CONSEQUENCES,
    IS_COMPLAINT,
    IS_LOST,
    Consequence,
    Failure,
    FeedbackKind,
    mildest,
)
from topthree.domain.subscribers.subscription import SuppressionReason

HARD, SOFT, OTHER = FeedbackKind.HARD, FeedbackKind.SOFT, FeedbackKind.OTHER


@pytest.mark.parametrize(
    ("status", "diagnostic", "cause", "kind"),
    [
        # As Postfix, Exchange, Gmail, Exim and others have it.
        ("5.1.1", "smtp; 550 5.1.1 <a@b.example>: User unknown", Cause.NO_SUCH_MAILBOX, HARD),
        ("5.1.1", 'X-Postfix; unknown user: "ann"', Cause.NO_SUCH_MAILBOX, HARD),
        ("5.1.10", "smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound", Cause.NO_SUCH_MAILBOX, HARD),
        (
            "5.1.1",
            "smtp; 550-5.1.1 The account does not\n 550 5.1.1 exist",
            Cause.NO_SUCH_MAILBOX,
            HARD,
        ),
        ("5.0.0", "smtp; 550 User unknown", Cause.NO_SUCH_MAILBOX, HARD),
        ("5.1.2", "", Cause.NO_SUCH_DOMAIN, HARD),
        ("5.1.0", "smtp; 556 domain takes no mail", Cause.NO_SUCH_DOMAIN, HARD),
        # The last server's own code says more than that of whoever reports it.
        ("5.0.0", "smtp; 550 5.1.1 gone", Cause.NO_SUCH_MAILBOX, HARD),
        ("5.1.1", "smtp; 552 5.2.2 mailbox full", Cause.MAILBOX_UNAVAILABLE, SOFT),
        ("5.2.1", "smtp; 550 5.2.1 receiving too fast", Cause.MAILBOX_UNAVAILABLE, SOFT),
        ("5.2.2", "", Cause.MAILBOX_UNAVAILABLE, SOFT),
        ("5.4.4", "X-Postfix; Host or domain name not found", Cause.DOMAIN_TAKES_NO_MAIL, SOFT),
        ("5.4.7", "smtp; delivery time expired", Cause.UNEXPLAINED, SOFT),
        ("5.0.0", "smtp; 550 no", Cause.UNEXPLAINED, SOFT),
        # Given up after days: the last answer was no final one.
        ("4.4.7", "smtp; 451 4.3.0 busy", Cause.PUT_OFF_TOO_LONG, SOFT),
        ("5.0.0", "smtp; 451 4.2.2 over quota", Cause.MAILBOX_UNAVAILABLE, SOFT),
        ("", "smtp; 421 try later", Cause.PUT_OFF_TOO_LONG, SOFT),
        ("", "", Cause.PUT_OFF_TOO_LONG, SOFT),
        ("4.7.28", "smtp; 421 4.7.28 unusual rate", Cause.EXPIRED, OTHER),
        # It is about us.
        ("5.7.1", "smtp; 550 5.7.1 blocked", Cause.POLICY, OTHER),
        ("5.7.26", "smtp; 550-5.7.26 not authenticated", Cause.SENDER_AUTH, OTHER),
        ("5.3.4", "", Cause.OUR_MESSAGE, OTHER),
        ("5.0.0", "smtp; 554 spam detected", Cause.POLICY, OTHER),
    ],
)
def test_a_bounce_is_judged_by_the_last_server_s_own_words(
    status: str, diagnostic: str, cause: Cause, kind: FeedbackKind
) -> None:
    failure = Failure(status=status, diagnostic=diagnostic)

    assert (failure.cause, failure.kind) == (cause, kind)


def test_every_status_and_text_has_an_answer() -> None:
    for status in (*(f"{c}.{s}.{d}" for c in (4, 5) for s in range(9) for d in range(40)), "9", ""):
        for diagnostic in ("", "\x00;;550", "smtp; 999 \udcff", "x" * 5_000):
            assert Failure(status=status, diagnostic=diagnostic).kind in FeedbackKind


@pytest.mark.parametrize(
    ("kind", "follows"),
    [
        (HARD, Consequence(closes_address=SuppressionReason.HARD_BOUNCE)),
        (SOFT, Consequence(counts_toward_closing=True)),
        (OTHER, Consequence()),
        (
            FeedbackKind.COMPLAINT,
            Consequence(closes_address=SuppressionReason.COMPLAINT, ends_subscription=True),
        ),
    ],
)
def test_what_follows_is_one_row_for_each_kind(kind: FeedbackKind, follows: Consequence) -> None:
    assert CONSEQUENCES[kind] == follows
    assert set(CONSEQUENCES) == set(FeedbackKind)


def test_only_what_failed_is_lost_and_only_people_complain() -> None:
    assert {action for action, is_lost in IS_LOST.items() if is_lost} == {"failed"}
    assert {kind for kind, is_one in IS_COMPLAINT.items() if is_one} == {
        "abuse",
        "fraud",
        "opt-out",
    }


def test_of_several_failures_the_one_counts_that_spares_the_address() -> None:
    gone, full = (Failure(status=status, diagnostic="") for status in ("5.1.1", "5.2.2"))

    assert mildest((gone, full)) is full
