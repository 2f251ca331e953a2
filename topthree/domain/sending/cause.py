"""Why a delivery ended as it did: the causes the ledger keeps, and what follows from each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Cause(StrEnum):
    """Why the last attempt at a delivery ended as it did, as the ledger stores it."""

    ACCEPTED = "accepted"
    NO_SUCH_MAILBOX = "no-such-mailbox"
    #: The domain says that it takes no mail at all (RFC 7505), or does not exist.
    NO_SUCH_DOMAIN = "no-such-domain"
    MAILBOX_UNAVAILABLE = "mailbox-unavailable"
    DOMAIN_TAKES_NO_MAIL = "domain-takes-no-mail"
    UNEXPLAINED = "unexplained"
    POLICY = "policy"
    SENDER_AUTH = "sender-auth"
    PROTOCOL = "protocol"
    OUR_MESSAGE = "our-message"
    TEMPORARY = "temporary"
    RATE_LIMIT = "rate-limit"
    #: Nothing was said to the relay: no message or no command could be made of it.
    UNWRITABLE = "unwritable"
    #: The final dot was not answered.
    UNKNOWN = "unknown"
    #: Given up: the receiving side put it off until the issue was stale.
    PUT_OFF_TOO_LONG = "put-off-too-long"
    #: Given up: the issue was stale, and the receiving side has no part in it.
    EXPIRED = "expired"

    @property
    def sentence(self) -> str:
        """Return what happened, for people."""
        return ABOUT[self].sentence

    @property
    def is_hard(self) -> bool:
        """Tell whether the address is suppressed at the first time (R-45)."""
        return ABOUT[self].is_hard

    @property
    def blames_subscriber(self) -> bool:
        """Tell whether a delivery given up for this is a bounce of the address, hard or soft.

        Soft ones suppress only by three issues in a row over two weeks (R-46).
        """
        return ABOUT[self].blames_subscriber

    @property
    def counts_against_us(self) -> bool:
        """Tell whether it is a refusal of the sender, which pauses a run when many (R-36)."""
        return ABOUT[self].counts_against_us

    @property
    def can_be_sent_again(self) -> bool:
        """Tell whether "send to those who were missed" includes a delivery that failed for it."""
        return ABOUT[self].can_be_sent_again


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a cause means to people, to the subscriber, and to the run."""

    sentence: str
    is_hard: bool = False
    blames_subscriber: bool = False
    counts_against_us: bool = False
    can_be_sent_again: bool = True


#: One row for each cause; standards R-36, R-44, R-45 and Appendix B.
ABOUT: Mapping[Cause, About] = MappingProxyType(
    {
        Cause.ACCEPTED: About(sentence="The relay accepted it.", can_be_sent_again=False),
        Cause.NO_SUCH_MAILBOX: About(
            sentence="The mailbox does not exist.",
            is_hard=True,
            blames_subscriber=True,
            can_be_sent_again=False,
        ),
        Cause.NO_SUCH_DOMAIN: About(
            sentence="The domain of the address does not exist, or says that it takes no mail.",
            is_hard=True,
            blames_subscriber=True,
            can_be_sent_again=False,
        ),
        Cause.MAILBOX_UNAVAILABLE: About(
            sentence="The mailbox is full, closed, or taking no mail at the moment.",
            blames_subscriber=True,
        ),
        Cause.DOMAIN_TAKES_NO_MAIL: About(
            sentence="No mail server could be found for the domain of the address.",
            blames_subscriber=True,
        ),
        Cause.UNEXPLAINED: About(
            sentence="The receiving side refused it without a reason that we know.",
            blames_subscriber=True,
        ),
        Cause.POLICY: About(
            sentence="The receiving side refuses our mail. It says nothing about the subscriber.",
            counts_against_us=True,
        ),
        Cause.SENDER_AUTH: About(
            sentence=(
                "The receiving side could not verify us. "
                "Check the sign-in at the relay, SPF, DKIM, DMARC, reverse DNS and TLS."
            ),
            counts_against_us=True,
        ),
        Cause.PROTOCOL: About(
            sentence="The receiving side did not understand what we said to it.",
            counts_against_us=True,
        ),
        Cause.OUR_MESSAGE: About(
            sentence="The message itself was refused, as too big or malformed.",
            counts_against_us=True,
        ),
        Cause.TEMPORARY: About(
            sentence="The receiving side asks us to try again later.",
        ),
        Cause.RATE_LIMIT: About(
            sentence="The receiving side asks us to send more slowly.",
        ),
        Cause.UNWRITABLE: About(
            sentence="No message could be written to this address.",
            can_be_sent_again=False,
        ),
        Cause.UNKNOWN: About(
            sentence="The relay took the message and never answered: it may have gone out, or not.",
        ),
        Cause.PUT_OFF_TOO_LONG: About(
            sentence="The receiving side put it off until the issue was too old to send.",
            blames_subscriber=True,
        ),
        Cause.EXPIRED: About(
            sentence="The issue was too old to send before it could go out.",
        ),
    }
)

#: What a delivery that is given up for its age is failed for, by the cause of its last attempt
#: (Appendix B: "soft if it expires"). Any other, and no attempt at all, is nobody's fault.
_ON_EXPIRY: Mapping[Cause, Cause] = MappingProxyType(
    {
        Cause.MAILBOX_UNAVAILABLE: Cause.MAILBOX_UNAVAILABLE,
        Cause.DOMAIN_TAKES_NO_MAIL: Cause.DOMAIN_TAKES_NO_MAIL,
        Cause.TEMPORARY: Cause.PUT_OFF_TOO_LONG,
    }
)


def cause_of_expiry(last: Cause | None) -> Cause:
    """Return why a delivery failed that grew too old; ``last`` is None if it was never tried."""
    return Cause.EXPIRED if last is None else _ON_EXPIRY.get(last, Cause.EXPIRED)
