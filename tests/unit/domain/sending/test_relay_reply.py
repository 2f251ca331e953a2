"""Each kind of reply has one meaning, and what is in doubt is never held against the subscriber."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topthree.domain.sending import relay_reply
from topthree.domain.sending.cause import ABOUT, Cause, cause_of_expiry
from topthree.domain.sending.outcome import Outcome, Stage, Verdict
from topthree.domain.sending.relay_reply import Fate, Row, Ruling, enhanced_code, judge
from topthree.domain.sending.relay_wording import (
    GREYLISTING,
    MESSAGE_SIZE,
    POLICY,
    RATE_LIMIT,
    SENDER,
    UNKNOWN_MAILBOX,
    plain_words,
)

RCPT, DATA, TEXT = Stage.RECIPIENT, Stage.DATA, Stage.TEXT

#: What servers say, and what it means: (stage, reply as on the wire, cause).
PUT_OFF = [
    (
        RCPT,
        "450 4.2.1 The user is receiving mail at a rate that is too fast",
        "mailbox-unavailable",
    ),
    (RCPT, "452 4.2.2 The recipient's inbox is out of storage space", "mailbox-unavailable"),
    (RCPT, "451 4.4.4 Unable to route: no MX answers", "domain-takes-no-mail"),
    (TEXT, "421 4.7.28 Gmail has detected an unusual volume of mail", "rate-limit"),
    (TEXT, "450 4.7.28 Our system has detected a flood", "rate-limit"),
    (RCPT, "451 4.7.500 Please come back later (AS77712)", "rate-limit"),
    (RCPT, "451 4.7.650 The mail server has limits due to IP reputation", "rate-limit"),
    (RCPT, "451 4.7.699 Access denied, please come back later", "rate-limit"),
    (RCPT, "421 4.7.0 [TSS04] Messages temporarily deferred: user complaints", "rate-limit"),
    (TEXT, "454 Throttling failure: Daily message quota exceeded.", "rate-limit"),
    (RCPT, "450 4.7.0 Greylisted, see http://postgrey.example", "temporary"),
    (RCPT, "450 4.7.1 Greylisted for 300 seconds", "temporary"),
    (RCPT, "454 4.7.0 TLS not available", "sender-auth"),
    (TEXT, "421 4.7.20 No passing DKIM signature", "sender-auth"),
    (TEXT, "421 4.7.23 No reverse name", "sender-auth"),
    (TEXT, "421 4.7.26 Unauthenticated mail", "sender-auth"),
    (TEXT, "421 4.7.27 SPF did not pass", "sender-auth"),
    (TEXT, "421 4.7.29 Not sent over TLS", "sender-auth"),
    (TEXT, "421 4.7.32 From is not aligned", "sender-auth"),
    (TEXT, "421 4.7.40 No DMARC record", "sender-auth"),
    (RCPT, "450 4.7.33 Not now", "temporary"),
    (RCPT, "451 4.3.0 Local error in processing", "temporary"),
    (RCPT, "452 4.3.1 Insufficient system storage", "temporary"),
    (RCPT, "451 4.4.1 No answer from host", "temporary"),
    (RCPT, "421 Service not available", "temporary"),
    (RCPT, "450 5.1.1 user unknown, for the time being", "temporary"),
    (RCPT, "452 Too many recipients", "temporary"),
]

GIVEN_UP = [
    (RCPT, "535 5.7.8 Credentials invalid", "sender-auth"),
    (RCPT, "534 5.7.9 Mechanism too weak", "sender-auth"),
    (RCPT, "538 5.7.11 Encryption required", "sender-auth"),
    (TEXT, "550 5.7.20 No passing DKIM signature", "sender-auth"),
    (TEXT, "550 5.7.23 SPF validation failed", "sender-auth"),
    (TEXT, "550 5.7.25 No PTR record", "sender-auth"),
    (TEXT, "550 5.7.26 Unauthenticated mail", "sender-auth"),
    (TEXT, "550 5.7.27 SPF did not pass", "sender-auth"),
    (TEXT, "550 5.7.29 Not sent over TLS", "sender-auth"),
    (TEXT, "550 5.7.32 From is not aligned", "sender-auth"),
    (TEXT, "550 5.7.40 No DMARC record", "sender-auth"),
    (TEXT, "550 5.7.509 Sending domain does not pass DMARC verification", "sender-auth"),
    (TEXT, "550 5.7.515 Access denied: required authentication level", "sender-auth"),
    (TEXT, "550 5.7.28 An unusual rate of unsolicited mail", "policy"),
    (RCPT, "550 5.7.1 User unknown, or we do not like you", "policy"),
    (RCPT, "554 5.7.1 Relay access denied", "policy"),
    (RCPT, "553 5.7.2 [TSS09] All messages will be permanently deferred", "policy"),
    (RCPT, "530 Sign in first", "sender-auth"),
    (RCPT, "535 Wrong password", "sender-auth"),
    (RCPT, "556 5.1.10 Null MX", "no-such-domain"),
    (RCPT, "556 No mail here", "no-such-domain"),
    (RCPT, "550 5.1.1 The account does not exist", "no-such-mailbox"),
    (TEXT, "550 5.1.1 Rejected", "no-such-mailbox"),
    (RCPT, "501 5.1.3 Bad address syntax", "no-such-mailbox"),
    (RCPT, "551 5.1.6 Moved, no forwarding", "no-such-mailbox"),
    (RCPT, "550 5.1.10 RESOLVER.ADR.RecipientNotFound", "no-such-mailbox"),
    (RCPT, "550 5.1.2 Bad destination system", "no-such-domain"),
    (RCPT, "553 5.1.7 Bad address of origin", "sender-auth"),
    (RCPT, "553 5.1.8 Domain of origin not found", "sender-auth"),
    (RCPT, "550 5.1.4 Ambiguous", "mailbox-unavailable"),
    (RCPT, "550 5.1.5 Not valid at the moment", "mailbox-unavailable"),
    (RCPT, "550 5.2.1 The account is inactive", "mailbox-unavailable"),
    (RCPT, "552 5.2.2 Out of storage space and inactive", "mailbox-unavailable"),
    (TEXT, "552 5.2.3 Message too large for this mailbox", "mailbox-unavailable"),
    (TEXT, "552 5.3.4 Size limit exceeded", "our-message"),
    (TEXT, "554 5.3.4 More than we take", "our-message"),
    (RCPT, "550 5.4.4 No route to host", "domain-takes-no-mail"),
    (RCPT, "550 5.4.3 No answer from directory", "domain-takes-no-mail"),
    (RCPT, "550 5.4.310 DNS domain not found", "domain-takes-no-mail"),
    (RCPT, "550 5.4.312 DNS query failed", "domain-takes-no-mail"),
    (RCPT, "550 5.4.5 Daily sending limit exceeded", "policy"),
    (RCPT, "553 5.6.7 SMTPUTF8 required", "unwritable"),
    (TEXT, "554 5.6.9 UTF-8 header cannot be transferred", "unwritable"),
    (TEXT, "554 5.6.0 Invalid header", "our-message"),
    (TEXT, "554 5.6.1 Media not supported", "our-message"),
    (RCPT, "521 Host takes no mail", "domain-takes-no-mail"),
    (RCPT, "550 Sender domain does not exist", "sender-auth"),
    (TEXT, "554 Message rejected: DMARC", "sender-auth"),
    (RCPT, "554 Your host is blocked by our policy", "policy"),
    (TEXT, "550 Looks like spam", "policy"),
    (TEXT, "552 Message size exceeds the maximum", "our-message"),
    (TEXT, "552 Headers too long", "our-message"),
    (RCPT, "550 Message size refused", "unexplained"),
    (RCPT, "552 Mailbox full", "mailbox-unavailable"),
    (RCPT, "550 No such user here", "no-such-mailbox"),
    (RCPT, "550 <no-spam@policy.example>: user unknown", "no-such-mailbox"),
    (RCPT, "550 5.1.0 Address rejected: unknown user", "no-such-mailbox"),
    (RCPT, "550 5.0.0 User unknown", "no-such-mailbox"),
    (RCPT, "551 No such user", "no-such-mailbox"),
    (RCPT, "553 Sorry, no mailbox here by that name (#5.1.1)", "no-such-mailbox"),
    (RCPT, "550 5.5.0 Not taken: mailbox does not exist", "mailbox-unavailable"),
    (RCPT, "554 Invalid recipient", "mailbox-unavailable"),
    (DATA, "550 User unknown", "mailbox-unavailable"),
    (TEXT, "550 User unknown", "mailbox-unavailable"),
    (TEXT, "550 Rejected", "policy"),
    (TEXT, "554 Transaction failed", "policy"),
    (TEXT, "550 5.5.0 Rejected", "unexplained"),
    (RCPT, "500 What?", "protocol"),
    (RCPT, "502 Not implemented", "protocol"),
    (DATA, "503 5.5.1 Bad sequence of commands", "protocol"),
    (RCPT, "504 Parameter not implemented", "protocol"),
    (RCPT, "555 Parameters not recognized", "protocol"),
    (RCPT, "550 Requested action not taken: mailbox unavailable", "unexplained"),
    (RCPT, "550 5.4.1 Recipient address rejected", "unexplained"),
    (DATA, "554 No", "unexplained"),
    (RCPT, "599 ", "unexplained"),
]

#: What an enhanced code says by itself, without its class; "7.20-7.32" is from one to the other.
PUT_OFF_BY_CODE = {
    "mailbox-unavailable": "2.1-2.2",
    "domain-takes-no-mail": "4.4",
    "rate-limit": "7.28 7.500-7.699",
    "sender-auth": "7.0 7.20-7.27 7.29-7.32 7.40",
}
GIVEN_UP_BY_CODE = {
    "no-such-mailbox": "1.1 1.3 1.6 1.10",
    "no-such-domain": "1.2",
    "mailbox-unavailable": "1.4-1.5 2.0-2.999",
    "domain-takes-no-mail": "4.3-4.4 4.310 4.312",
    "our-message": "3.4 6.0-6.6 6.8 6.10-6.999",
    "unwritable": "6.7 6.9",
    "sender-auth": "1.7-1.8 7.8-7.9 7.11 7.20-7.27 7.29-7.32 7.40 7.509 7.515",
    "policy": ("4.5 7.0-7.7 7.10 7.12-7.19 7.28 7.33-7.39 7.41-7.508 7.510-7.514 7.516-7.999"),
}

#: What a reply code says by itself to RCPT.
GIVEN_UP_BARE = {
    "protocol": {500, 502, 503, 504, 555},
    "domain-takes-no-mail": {521},
    "sender-auth": {530, 534, 535, 538},
    "mailbox-unavailable": {552},
    "no-such-domain": {556},
}

#: Phrases of each kind, with the reply code and the stage at which they are read.
PHRASES = {
    (RATE_LIMIT, 451, "rate-limit"): (
        "throttl|rate limit|ratelimit|unusual rate|sending rate|submission rate|"
        "exceeded the quota for sending|[ts|too many connections|too many concurrent|"
        "too many messages|too much mail|too fast|slow down|server busy"
    ),
    (GREYLISTING, 450, "temporary"): ("greylist|graylist|grey list|gray list|grey-list|gray-list"),
    (UNKNOWN_MAILBOX, 550, "no-such-mailbox"): (
        "user unknown|unknown user|no such user|no such mailbox|no such recipient|"
        "no such address|no mailbox here|mailbox not found|user not found|recipient not found|"
        "address not found|mailbox does not exist|does not exist|doesn't exist|"
        "unknown recipient|recipient unknown|invalid recipient|invalid mailbox|"
        "unknown mailbox|unknown address|not a known user|unrouteable address|"
        "no account by that name"
    ),
    (SENDER, 550, "sender-auth"): (
        "sender|spf|dkim|dmarc|reverse dns|rdns|ptr record|helo|authenticat|starttls"
    ),
    (POLICY, 554, "policy"): (
        "spam|unsolicited|blocked|block list|blocklist|blacklist|black list|denylist|deny list|"
        "dnsbl|reputation|policy|access denied|relaying denied|relay access|"
        "relay not permitted|unable to relay|banned|prohibited|not authorized|"
        "content rejected|virus"
    ),
    (MESSAGE_SIZE, 552, "our-message"): (
        "message size|size limit|message too|message is too|too large|too big|header"
    ),
}


def answer(stage: Stage, line: str) -> Outcome:
    code = int(line[:3])
    verdict = Verdict.DEFERRED if code < 500 else Verdict.REFUSED
    return Outcome(verdict=verdict, code=code, reply=line[4:], stage=stage)


def spelled_out(spans: str) -> Iterator[str]:
    for span in spans.split():
        first, _, last = span.partition("-")
        subject, begin = first.split(".")
        end = (last or first).split(".")[1]
        yield from (f"{subject}.{detail}" for detail in range(int(begin), int(end) + 1))


@pytest.mark.parametrize(("stage", "line", "cause"), PUT_OFF)
def test_what_is_put_off_is_tried_again_for_its_own_reason(
    stage: Stage, line: str, cause: str
) -> None:
    ruling = judge(answer(stage, line))

    assert (ruling.fate, ruling.cause) == (Fate.TRY_AGAIN, cause)


@pytest.mark.parametrize(("stage", "line", "cause"), GIVEN_UP)
def test_what_is_refused_is_given_up_for_its_own_reason(
    stage: Stage, line: str, cause: str
) -> None:
    ruling = judge(answer(stage, line))

    assert (ruling.fate, ruling.cause) == (Fate.GIVE_UP, cause)


@pytest.mark.parametrize(
    ("code", "said_by", "otherwise"),
    [(459, PUT_OFF_BY_CODE, "temporary"), (559, GIVEN_UP_BY_CODE, "unexplained")],
)
def test_every_enhanced_code_means_what_the_table_says_and_no_more(
    code: int, said_by: dict[str, str], otherwise: str
) -> None:
    expected = {status: cause for cause, spans in said_by.items() for status in spelled_out(spans)}

    for subject in range(10):
        for detail in range(1_000):
            status = f"{subject}.{detail}"
            ruling = judge(answer(RCPT, f"{code} {code // 100}.{status} Well"))
            assert (status, ruling.cause) == (status, expected.get(status, otherwise))


def test_every_reply_code_means_what_the_table_says_and_no_more() -> None:
    expected = {code: cause for cause, codes in GIVEN_UP_BARE.items() for code in codes}

    for code in range(400, 500):
        assert judge(answer(RCPT, f"{code} Well")).cause == "temporary"
    for code in range(500, 600):
        at_rcpt, at_text = (judge(answer(stage, f"{code} Well")).cause for stage in (RCPT, TEXT))
        assert (code, at_rcpt) == (code, expected.get(code, "unexplained"))
        assert (code, at_text) == (code, "policy" if code in {550, 554} else at_rcpt)


def test_only_three_codes_at_rcpt_say_by_words_alone_that_nobody_is_there() -> None:
    hard = {
        (code, stage)
        for code in range(400, 600)
        for stage in Stage
        if judge(answer(stage, f"{code} User unknown")).cause is Cause.NO_SUCH_MAILBOX
    }

    assert hard == {(550, RCPT), (551, RCPT), (553, RCPT)}


@pytest.mark.parametrize(
    ("table", "examples"), [("TEMPORARY_ROWS", PUT_OFF), ("FINAL_ROWS", GIVEN_UP)]
)
def test_no_row_of_a_table_is_idle(
    table: str, examples: list[tuple[Stage, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: tuple[Row, ...] = getattr(relay_reply, table)
    idle = []

    for number in range(len(rows) - 1):
        monkeypatch.setattr(relay_reply, table, rows[:number] + rows[number + 1 :])
        if all(judge(answer(stage, line)).cause == cause for stage, line, cause in examples):
            idle.append(rows[number])

    assert not idle, f"Rows that no example needs: {idle}"


@pytest.mark.parametrize(
    ("code", "phrase", "cause"),
    [
        (code, phrase, cause)
        for (_, code, cause), phrases in PHRASES.items()
        for phrase in phrases.split("|")
    ],
)
def test_a_phrase_says_what_a_code_does_not(code: int, phrase: str, cause: str) -> None:
    assert judge(answer(RCPT, f"{code} Well: {phrase.upper()}, alas.")).cause == cause


def test_every_phrase_of_the_tables_is_tried() -> None:
    for (table, _, _), phrases in PHRASES.items():
        assert sorted(table) == sorted(phrases.split("|"))


def test_no_phrase_hides_in_a_word_that_has_a_point() -> None:
    for table, _, _ in PHRASES:
        for phrase in table:
            assert plain_words(phrase) == phrase


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("5.1.1 The mailbox does not exist", "5.1.1"),
        ("4.7.28", "4.7.28"),
        ("5.4.310 DNS", "5.4.310"),
        ("  2.0.0 Ok", "2.0.0"),
        ("550 5.1.1 with the reply code", "5.1.1"),
        ("550-5.1.1 with the reply code", "5.1.1"),
        ("5.1.1: said", "5.1.1"),
        ("5.1.1. Said", "5.1.1"),
        ("", ""),
        ("No such user (#5.1.1)", ""),
        ("5.1.1.8 is on our list", ""),
        ("5.1.1234", ""),
        ("3.1.1 no such class", ""),
        ("1.1", ""),
        ("\u0665.\u0661.\u0661", ""),
    ],
)
def test_an_enhanced_code_is_read_at_the_start_only(reply: str, code: str) -> None:
    assert enhanced_code(reply) == code


def test_what_the_relay_took_is_accepted_whatever_it_said() -> None:
    taken = Outcome(verdict=Verdict.ACCEPTED, code=250, reply="5.7.1 spam", stage=TEXT)

    assert judge(taken) == Ruling(fate=Fate.ACCEPT, cause=Cause.ACCEPTED)


def test_an_unanswered_final_dot_stays_unknown() -> None:
    unheard = Outcome(verdict=Verdict.UNKNOWN, code=0, reply="No answer", stage=Stage.NONE)

    assert judge(unheard) == Ruling(fate=Fate.UNKNOWN, cause=Cause.UNKNOWN)


def test_what_could_not_be_written_is_given_up_and_blames_nobody() -> None:
    unwritten = Outcome(verdict=Verdict.REFUSED, code=0, reply="no header can hold it")

    ruling = judge(unwritten)

    assert ruling == Ruling(fate=Fate.GIVE_UP, cause=Cause.UNWRITABLE)
    assert not ruling.cause.blames_subscriber


@pytest.mark.parametrize(
    ("line", "holds"),
    [
        ("421 Closing", False),
        ("450 4.7.1 Greylisted, come back", False),
        ("451 4.7.24 SPF cannot be looked up", True),
        ("451 4.7.500 Come back", True),
        ("454 Throttling failure", True),
        ("451 4.4.4 No route", True),
        ("450 4.2.1 Busy", False),
        ("451 4.3.0 Local error", False),
        ("450 Busy", False),
    ],
)
def test_a_domain_that_slows_us_keeps_only_its_own_people_waiting(
    line: str, *, holds: bool
) -> None:
    assert judge(answer(RCPT, line)).holds_domain is holds


REPLIES = st.one_of(
    st.text(),
    st.from_regex(r"[245]\.[0-9]{1,3}\.[0-9]{1,3} .*", fullmatch=True),
    st.sampled_from([line[4:] for _, line, _ in PUT_OFF + GIVEN_UP]),
)
OUTCOMES = st.builds(
    Outcome,
    verdict=st.sampled_from(Verdict),
    code=st.integers(0, 999),
    reply=REPLIES,
    stage=st.sampled_from(Stage),
)


@given(outcome=OUTCOMES)
def test_anything_a_relay_may_say_has_an_answer(outcome: Outcome) -> None:
    ruling = judge(outcome)

    assert (ruling.fate is Fate.ACCEPT) == (outcome.verdict is Verdict.ACCEPTED)
    assert (ruling.fate is Fate.UNKNOWN) == (outcome.verdict is Verdict.UNKNOWN)
    if ruling.fate is Fate.TRY_AGAIN:
        assert not ruling.cause.is_hard


@given(outcome=OUTCOMES, code=st.integers(400, 499))
def test_a_4xx_is_never_the_end(outcome: Outcome, code: int) -> None:
    put_off = Outcome(verdict=outcome.verdict, code=code, reply=outcome.reply, stage=outcome.stage)

    assert judge(put_off).fate is not Fate.GIVE_UP


@given(
    code=st.integers(0, 999),
    status=st.from_regex(r"[45]\.7\.[0-9]{1,3}", fullmatch=True),
    text=REPLIES,
    verdict=st.sampled_from(Verdict),
    stage=st.sampled_from(Stage),
)
def test_a_refusal_by_policy_never_blames_the_subscriber(
    code: int, status: str, text: str, verdict: Verdict, stage: Stage
) -> None:
    reply = f"{status} {text}"

    ruling = judge(Outcome(verdict=verdict, code=code, reply=reply, stage=stage))

    assert not ruling.cause.blames_subscriber


@pytest.mark.parametrize(
    ("cause", "flags"),
    [
        # hard, blames the subscriber, counts against us, can be sent again
        ("accepted", "----"),
        ("no-such-mailbox", "hb--"),
        ("no-such-domain", "hb--"),
        ("mailbox-unavailable", "-b-a"),
        ("domain-takes-no-mail", "-b-a"),
        ("unexplained", "-b-a"),
        ("policy", "--ca"),
        ("sender-auth", "--ca"),
        ("protocol", "--ca"),
        ("our-message", "--ca"),
        ("temporary", "---a"),
        ("rate-limit", "---a"),
        ("unwritable", "----"),
        ("unknown", "---a"),
        ("put-off-too-long", "-b-a"),
        ("expired", "---a"),
    ],
)
def test_each_cause_has_its_consequences(cause: str, flags: str) -> None:
    found = Cause(cause)

    assert (
        found.is_hard,
        found.blames_subscriber,
        found.counts_against_us,
        found.can_be_sent_again,
    ) == tuple(flag != "-" for flag in flags)


def test_each_cause_is_a_sentence_for_people() -> None:
    assert set(ABOUT) == set(Cause)
    assert Cause.NO_SUCH_MAILBOX.sentence == "The mailbox does not exist."
    assert len({cause.sentence for cause in Cause}) == len(Cause)
    for cause in Cause:
        assert cause.sentence[0].isupper()
        assert cause.sentence.endswith(".")


@pytest.mark.parametrize(
    ("last", "cause"),
    [
        (None, "expired"),
        (Cause.TEMPORARY, "put-off-too-long"),
        (Cause.MAILBOX_UNAVAILABLE, "mailbox-unavailable"),
        (Cause.DOMAIN_TAKES_NO_MAIL, "domain-takes-no-mail"),
        (Cause.RATE_LIMIT, "expired"),
        (Cause.SENDER_AUTH, "expired"),
        (Cause.UNKNOWN, "expired"),
    ],
)
def test_what_grew_too_old_is_held_against_nobody_who_had_no_part_in_it(
    last: Cause | None, cause: str
) -> None:
    assert cause_of_expiry(last) == cause
