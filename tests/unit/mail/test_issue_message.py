"""The finished message of an issue, on the wire."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.render.letters import EDITION, NEWSLETTER, rendered
from topthree.domain.archive.issue_key import IssueKey
from topthree.domain.ids import RunId, SubscriberId
from topthree.domain.newsletter import UNSUBSCRIBE_PLACEHOLDER, UNSUBSCRIBE_TOKEN_LENGTH
from topthree.mail.headers import HeaderRefused
from topthree.mail.message import (
    NotFrozen,
    Personal,
    Rendered,
    Splicer,
    build_issue,
    freeze_issue,
    issue_message_id,
)

KEY = EDITION.key
TEACHER = "o'brien+letters@school.example"
TOKEN = "Ab9-_~".ljust(UNSUBSCRIBE_TOKEN_LENGTH, "z")
PERSONAL = Personal(
    recipient=TEACHER,
    token=TOKEN,
    message_id="<1f2e3d4c@letters.example.gov>",
    date=datetime(2026, 11, 19, 11, 0, tzinfo=UTC),
)
TOKENS = st.text(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~",
    min_size=UNSUBSCRIBE_TOKEN_LENGTH,
    max_size=UNSUBSCRIBE_TOKEN_LENGTH,
)


@dataclass(frozen=True, kw_only=True)
class Bodies:
    subject: str
    text: str
    html: str


def frozen() -> bytes:
    return freeze_issue(rendered(), NEWSLETTER, key=KEY)


def spliced(frozen_message: bytes, personal: Personal = PERSONAL) -> bytes:
    return Splicer(frozen_message).splice(
        recipient=personal.recipient,
        token=personal.token,
        message_id=personal.message_id,
        date=personal.date,
    )


def parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


def all_parts(message: EmailMessage) -> Iterator[EmailMessage]:
    for part in message.walk():
        assert isinstance(part, EmailMessage)
        yield part


def with_token(bodies: Rendered, token: str) -> Bodies:
    return Bodies(
        subject=bodies.subject,
        text=bodies.text.replace(UNSUBSCRIBE_PLACEHOLDER, token),
        html=bodies.html.replace(UNSUBSCRIBE_PLACEHOLDER, token),
    )


def test_a_message_parses_without_a_defect_and_says_each_thing_once() -> None:
    """R-1."""
    message = parsed(spliced(frozen()))

    assert [part.defects for part in all_parts(message)] == [[], [], []]
    assert len(message.keys()) == len({name.lower() for name in message})
    assert {"From", "To", "Subject", "Date", "Message-ID", "Reply-To"} <= set(message.keys())


def test_the_wire_form_is_seven_bit_crlf_and_short_lines() -> None:
    """R-2, R-3: a relay that has to repair a message breaks its signature."""
    raw = spliced(frozen())

    assert raw.isascii()
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", raw)
    body = raw.partition(b"\r\n\r\n")[2]
    assert max(len(line) for line in body.split(b"\r\n")) <= 76


def test_header_lines_are_folded_wherever_they_can_be() -> None:
    """R-2."""
    head = spliced(frozen()).partition(b"\r\n\r\n")[0]

    for line in head.split(b"\r\n"):
        assert len(line) <= 78 or b" " not in line.partition(b": ")[2]


def test_the_text_comes_first_and_both_bodies_are_whole() -> None:
    """R-13."""
    bodies = with_token(rendered(), TOKEN)

    message = parsed(spliced(frozen()))

    text, html = message.iter_parts()
    assert isinstance(text, EmailMessage)
    assert isinstance(html, EmailMessage)
    assert message.get_content_type() == "multipart/alternative"
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert text.get_content().splitlines() == bodies.text.splitlines()
    assert html.get_content().splitlines() == bodies.html.splitlines()


def test_a_message_is_for_one_person_and_names_them_nowhere_else() -> None:
    """R-11, R-25."""
    raw = spliced(frozen())

    assert raw.count(TEACHER.encode()) == 1
    assert parsed(raw)["To"].addresses[0].addr_spec == TEACHER
    assert not {"Cc", "Bcc"} & set(parsed(raw).keys())


def test_leaving_takes_one_click_on_one_secure_address() -> None:
    """R-15, R-16."""
    message = parsed(spliced(frozen()))

    assert message["List-Unsubscribe"] == f"<{NEWSLETTER.one_click_url(TOKEN)}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_leaving_by_mail_is_offered_second_where_that_mail_is_read() -> None:
    """R-15."""
    newsletter = replace(NEWSLETTER, unsubscribe_address="leave@letters.example.gov")
    frozen_message = freeze_issue(rendered(), newsletter, key=KEY)

    first, second = parsed(spliced(frozen_message))["List-Unsubscribe"].split(", ")
    assert first.startswith("<https://")
    assert second == f"<mailto:leave+{TOKEN}@letters.example.gov?subject=unsubscribe>"


def test_the_list_says_where_its_help_archive_and_owner_are() -> None:
    """R-14, R-17."""
    message = parsed(spliced(frozen()))

    assert message["List-Id"] == "Teachers' Top Three <top-three.letters.example.gov>"
    assert message["List-Help"] == "<https://letters.example.gov/>"
    assert message["List-Archive"] == "<https://letters.example.gov/issues/>"
    assert message["List-Owner"] == "<mailto:letters@letters.example.gov>"
    assert message["List-Post"] == "NO"
    assert message["Archived-At"] == "<https://letters.example.gov/issues/2026-11-19/>"


def test_replies_reach_the_agency() -> None:
    """R-12."""
    message = parsed(spliced(frozen()))

    assert message["Reply-To"].addresses[0].addr_spec == NEWSLETTER.sender_address


def test_absence_notes_are_not_asked_for() -> None:
    """R-18."""
    message = parsed(spliced(frozen()))

    assert message["Precedence"] == "bulk"
    assert message["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert "Auto-Submitted" not in message


def test_feedback_is_counted_by_issue_and_never_by_person() -> None:
    """R-19."""
    one = parsed(spliced(frozen()))["Feedback-ID"]
    other = parsed(spliced(frozen(), replace(PERSONAL, recipient="x@school.example")))

    assert one == other["Feedback-ID"] == "2026-11-19:issue:top-three:topthree"
    assert 5 <= len(one.rpartition(":")[2]) <= 15


def test_the_headers_stay_far_below_what_gmail_takes() -> None:
    """R-24."""
    longest = replace(PERSONAL, recipient="a" * 64 + "@" + "b" * 60 + ".example")

    assert len(spliced(frozen(), longest).partition(b"\r\n\r\n")[0]) < 4_000


def test_the_date_is_the_one_of_the_delivery() -> None:
    """R-10."""
    assert parsedate_to_datetime(parsed(spliced(frozen()))["Date"]) == PERSONAL.date


def test_the_same_issue_is_the_same_bytes() -> None:
    assert frozen() == frozen()


def test_the_boundary_cannot_occur_in_a_body() -> None:
    boundary = parsed(frozen()).get_boundary() or ""
    bodies = replace(with_token(rendered(), UNSUBSCRIBE_PLACEHOLDER), subject="x")
    smuggled = replace(bodies, text=f"{bodies.text}\n--{boundary}--\n")

    message = parsed(spliced(freeze_issue(smuggled, NEWSLETTER, key=KEY)))

    assert parsed(freeze_issue(smuggled, NEWSLETTER, key=KEY)).get_boundary() == boundary
    assert len(list(message.iter_parts())) == 2


@given(token=TOKENS, shift=st.text("abé€🎒 \n.=", max_size=80))
def test_a_splice_is_what_building_it_would_give(token: str, shift: str) -> None:
    """R-26: wherever quoted-printable cuts the placeholder, each recipient gets a whole link."""
    link = NEWSLETTER.unsubscribe_url(UNSUBSCRIBE_PLACEHOLDER)
    bodies = Bodies(
        subject="Share the lead",
        text=f"{shift}<{link}>\n",
        html=f"<p>{shift}</p>\n<a href='{link}'>Leave</a> or <a href='{link}'>leave</a>",
    )
    personal = replace(PERSONAL, token=token)

    splice = spliced(freeze_issue(bodies, NEWSLETTER, key=KEY), personal)

    assert splice == build_issue(with_token(bodies, token), NEWSLETTER, personal, key=KEY)


def test_a_splice_of_a_real_issue_is_what_building_it_would_give() -> None:
    """R-26."""
    whole = build_issue(with_token(rendered(), TOKEN), NEWSLETTER, PERSONAL, key=KEY)

    assert spliced(frozen()) == whole


def test_no_placeholder_is_left_anywhere() -> None:
    """R-71."""
    raw = spliced(frozen())
    text = "".join(part.get_content() for part in all_parts(parsed(raw)) if not part.is_multipart())

    assert b"stands-here" not in raw.lower()
    assert UNSUBSCRIBE_PLACEHOLDER not in raw.replace(b"=\r\n", b"").decode() + text
    assert not re.search(r"\{\{|\{%|%7B%7B", text)


@pytest.mark.parametrize("missing", ["text", "html"])
def test_an_issue_without_its_way_out_is_never_frozen_for_sending(missing: str) -> None:
    """R-71."""
    bodies = with_token(rendered(), UNSUBSCRIBE_PLACEHOLDER)
    whole = {"text": bodies.text, "html": bodies.html}
    without = {**whole, missing: whole[missing].replace(UNSUBSCRIBE_PLACEHOLDER, "")}
    lacking = Bodies(subject=bodies.subject, text=without["text"], html=without["html"])

    with pytest.raises(NotFrozen):
        Splicer(freeze_issue(lacking, NEWSLETTER, key=KEY))


def test_a_message_that_was_filled_in_already_is_not_frozen() -> None:
    with pytest.raises(NotFrozen):
        Splicer(spliced(frozen()))


@pytest.mark.parametrize(
    "changed",
    [
        replace(PERSONAL, token=TOKEN[:-1]),
        replace(PERSONAL, token=TOKEN[:-1] + "="),
        replace(PERSONAL, token=TOKEN[:-1] + "\n"),
        replace(PERSONAL, recipient="a@school.example\r\nBcc: b@school.example"),
        replace(PERSONAL, recipient="a@school.example, b@school.example"),
        replace(PERSONAL, recipient="<a@school.example>"),
        replace(PERSONAL, recipient="josé@school.example"),
        replace(PERSONAL, message_id="without-brackets@letters.example.gov"),
        replace(PERSONAL, message_id="<a@b>\r\nBcc: <c@d>"),
    ],
    ids=lambda personal: f"{personal.recipient!r}, {personal.message_id!r}",
)
def test_a_value_that_would_change_the_message_is_refused(changed: Personal) -> None:
    """R-8: refused when it is filled in, not found out by the relay."""
    with pytest.raises(HeaderRefused):
        spliced(frozen(), changed)


def test_each_delivery_has_an_id_of_its_own_that_stays() -> None:
    """R-9."""
    ids = {
        issue_message_id(RunId(7), SubscriberId(n), domain="example.gov", salt="run-7")
        for n in range(1_000)
    }
    again = issue_message_id(RunId(7), SubscriberId(500), domain="example.gov", salt="run-7")

    assert len(ids) == 1_000
    assert again in ids
    assert all(re.fullmatch(r"<[0-9a-f]{1,64}@example\.gov>", each) for each in ids)


def test_an_id_tells_nothing_without_the_salt_of_its_run() -> None:
    """R-25."""
    first = issue_message_id(RunId(7), SubscriberId(1), domain="example.gov", salt="one")
    second = issue_message_id(RunId(7), SubscriberId(1), domain="example.gov", salt="two")

    assert first != second


def test_a_day_is_no_part_of_what_readers_get_twice() -> None:
    """R-19: another issue is counted apart."""
    other = freeze_issue(rendered(), NEWSLETTER, key=IssueKey(day=date(2026, 12, 3)))

    assert parsed(spliced(other))["Feedback-ID"].startswith("2026-12-03:")


# Dots, bytes that are encoded, and lengths around the one at which a line is cut.
_DOTTED = st.text(alphabet=".é=x \n", max_size=400)


@given(_DOTTED)
@example("." * 200)
@example("." + "é" * 100)
@example("x" * 75 + "." + "x" * 74 + ".")
def test_no_line_of_a_message_begins_with_a_dot_and_none_grows_too_long(text: str) -> None:
    bodies = replace(rendered(), text=f"{rendered().text}\n{text}")
    message = freeze_issue(bodies, NEWSLETTER, key=KEY)

    lines = spliced(message).partition(b"\r\n\r\n")[2].split(b"\r\n")
    plain, _ = parsed(message).iter_parts()

    assert Splicer(message).is_dotless
    assert not [line for line in lines if line.startswith(b".") or len(line) > 76]
    assert isinstance(plain, EmailMessage)
    assert plain.get_content().rstrip().splitlines() == bodies.text.rstrip().splitlines()
