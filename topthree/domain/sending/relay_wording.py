"""The phrases by which servers say what they have no code for, or give a code that says little."""

from __future__ import annotations

# Each tuple holds phrases in lower case. They are looked for as parts of the text, so "throttl"
# is in "throttled" and in "throttling".

#: Slower: Gmail (421 and 450 4.7.28), Yahoo ("[TSS04]"), Microsoft, Amazon ("Throttling failure").
RATE_LIMIT = (
    "throttl",
    "rate limit",
    "ratelimit",
    "unusual rate",
    "sending rate",
    "submission rate",
    "exceeded the quota for sending",
    "[ts",
    "too many connections",
    "too many concurrent",
    "too many messages",
    "too much mail",
    "too fast",
    "slow down",
    "server busy",
)

#: Greylisting is no judgment of us: every first message meets it.
GREYLISTING = ("greylist", "graylist", "grey list", "gray list", "grey-list", "gray-list")

#: The address that was named does not exist; only for words after a code that says little.
UNKNOWN_MAILBOX = (
    "user unknown",
    "unknown user",
    "no such user",
    "no such mailbox",
    "no such recipient",
    "no such address",
    "no mailbox here",
    "mailbox not found",
    "user not found",
    "recipient not found",
    "address not found",
    "mailbox does not exist",
    "does not exist",
    "doesn't exist",
    "unknown recipient",
    "recipient unknown",
    "invalid recipient",
    "invalid mailbox",
    "unknown mailbox",
    "unknown address",
    "not a known user",
    "unrouteable address",
    "no account by that name",
)

#: Who we are could not be shown. Read before the phrases above: "sender domain does not exist"
#: says nothing about the subscriber.
SENDER = (
    "sender",
    "spf",
    "dkim",
    "dmarc",
    "reverse dns",
    "rdns",
    "ptr record",
    "helo",
    "authenticat",
    "starttls",
)

#: We are not wanted.
POLICY = (
    "spam",
    "unsolicited",
    "blocked",
    "block list",
    "blocklist",
    "blacklist",
    "black list",
    "denylist",
    "deny list",
    "dnsbl",
    "reputation",
    "policy",
    "access denied",
    "relaying denied",
    "relay access",
    "relay not permitted",
    "unable to relay",
    "banned",
    "prohibited",
    "not authorized",
    "content rejected",
    "virus",
)

#: A 552 that speaks of the message; any other speaks of the mailbox, which is full.
MESSAGE_SIZE = (
    "message size",
    "size limit",
    "message too",
    "message is too",
    "too large",
    "too big",
    "header",
)

#: A reply says what it has to say at once; what comes after may be anything.
_LONGEST = 2_000


def plain_words(reply: str) -> str:
    """Return the words of a reply in lower case, without the names it repeats.

    An address, a web page or a host may hold any word: ``<no-spam@example.org>`` is no verdict.
    """
    words = reply[:_LONGEST].lower().replace("’", "'").split()
    return " ".join(word for word in words if not _is_name(word))


def says(text: str, phrases: tuple[str, ...]) -> bool:
    """Tell whether one of the phrases is in a text that :func:`plain_words` made."""
    return any(phrase in text for phrase in phrases)


def _is_name(word: str) -> bool:
    return "@" in word or "://" in word or "." in word.strip(".,;:!?()[]<>\"'")
