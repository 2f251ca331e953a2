from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, time
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from topthree.domain.pictures.picture import NO_PICTURE, Picture
from topthree.domain.refusal import Invalid
from topthree.domain.writing.issue import (
    GREETING_LIMIT,
    IssueContent,
    missing_from,
    storable_content_problems,
    tidy,
)
from topthree.domain.writing.issue_file import (
    SIZE_LIMIT,
    IssueFile,
    Malformed,
    decode_issue,
    read_issue,
    write_issue,
)
from topthree.domain.writing.issue_file_syntax import HEAD_KEYS, ITEM_KEYS
from topthree.domain.writing.item import (
    BODY_LIMIT,
    LABEL_LIMIT,
    NAME_LIMIT,
    URL_LIMIT,
    Contributor,
    Item,
    Link,
    Participation,
    Section,
)

_T = TypeVar("_T")

DOCUMENT = Path(__file__).parents[4] / "docs" / "issue-format.md"
NAME = "issues/2026-11-19/issue.md"

WHOLE = """\
number: 27
date: 2026-11-19
subject: Share the lead
preheader: Three small plans for a short week.
language: en
sample: yes

Dear teachers,

here are three.

# Resource: What We’re Reading
headline: Five schools that share the lead
link: The guide as PDF <https://www.example.gov/guide.pdf>

Read it with a colleague.

- Revere
- Wareham

# Reflection: From the Classroom
headline: I stopped planning alone
contributor: A. Teacher
role: Grade 5
school: Sample School, Revere
consent: 2026-11-09

Now I plan with four.

# Opportunity: Get Involved
headline: Take a seat
closes: 2026-12-04 17:00
happens: 2027-01-12
place: Online
link: Apply for a seat <https://www.example.gov/apply>
language: es

Solicite un puesto.
"""

THREE_EMPTY = "# Resource\n\n# Reflection\n\n# Opportunity\n"


def read(text: str) -> IssueFile:
    return read_issue(text, name=NAME)


def refusal_of(text: str) -> Malformed:
    with pytest.raises(Malformed) as caught:
        read(text)
    return caught.value


def outcome_of(work: Callable[[], _T]) -> _T | Malformed:
    try:
        return work()
    except Malformed as refusal:
        return refusal


def line_of(text: str, wanted: str) -> int:
    return next(n for n, line in enumerate(text.split("\n"), 1) if line.startswith(wanted))


def file_with(*, body: str = "", greeting: str = "", link: Link | None = None) -> IssueFile:
    content = IssueContent(greeting=greeting)
    first = Item(section=Section.RESOURCE, body=body, link=link or Link())
    return IssueFile(content=replace(content, items=(first, *content.items[1:])))


def whole_with(edits: list[tuple[int, str]]) -> str:
    lines = WHOLE.split("\n")
    for index, text in edits:
        lines[index] = text
    return "\n".join(lines)


DAYS = st.dates(date(2000, 1, 1), date(2199, 12, 31))
# Everything that a line may hold, with more of what means something in the format.
LETTERS = st.one_of(
    st.sampled_from("#\\:<>-_*` ab\u00a0\u0338\ufeff\u3000é"),
    st.characters(exclude_categories=("Cc", "Cn", "Cs", "Zl", "Zp")),
)
LINES = st.one_of(
    st.just(""),
    st.text(LETTERS, max_size=20),
    st.sampled_from(["# Resource", "\\# Resource: x", "subject: x", "a <b>", "<b>", "#", "\\#"]),
)
TEXTS = st.lists(
    st.one_of(LINES, st.sampled_from(["", "    code", "\tcode", "\\\\# x", "#\tx"])), max_size=8
).map("\n".join)
LINKS = st.builds(
    Link,
    label=LINES,
    url=st.one_of(
        st.just(""),
        st.text(LETTERS, max_size=10).map(lambda tail: f"https://example.org/{tail}"),
        st.sampled_from(
            ["mailto:desk@example.gov", "http://example.org/a<b>", "https://é.example"]
        ),
    ),
)
LANGUAGES = st.sampled_from(["en", "es", "pt-BR", "zh-Hans"])
FILE_NAMES = st.one_of(
    st.sampled_from([f"{'0a' * 16}.jpg", "table.jpg", "My photo 2x3.png", "a 1x1 .webp"]),
    st.text(LETTERS, max_size=5).map(lambda name: f"{name}.gif"),
)
PORTRAITS = st.builds(
    Picture, name=FILE_NAMES, width=st.integers(0, 4000), height=st.integers(0, 4000)
)
PICTURES = st.builds(
    Picture,
    name=FILE_NAMES,
    width=st.integers(0, 4000),
    height=st.integers(0, 4000),
    alt=LINES,
    is_decorative=st.booleans(),
    caption=LINES,
    credit=LINES,
)
ITEMS = st.builds(
    Item,
    section=st.sampled_from(Section),
    kicker=LINES,
    headline=LINES,
    body=TEXTS,
    link=LINKS,
    contributor=st.builds(Contributor, name=LINES, role=LINES, school=LINES),
    participation=st.builds(
        Participation,
        closes_on=st.none() | DAYS,
        closes_at=st.none() | st.times() | st.just(time(17, 0)),
        happens_on=st.none() | DAYS,
        place=LINES,
    ),
    language=st.just("") | LANGUAGES,
    picture=st.just(NO_PICTURE) | PICTURES,
    portrait=st.just(NO_PICTURE) | PORTRAITS,
)
CONTENTS = st.builds(
    IssueContent,
    subject=LINES,
    preheader=LINES,
    greeting=TEXTS,
    language=LANGUAGES,
    items=st.tuples(ITEMS, ITEMS, ITEMS),
).map(tidy)
# A line of the whole file, by its index, and what someone put there instead.
EDITS = st.tuples(st.integers(0, WHOLE.count("\n")), TEXTS)
FILES = st.builds(
    IssueFile,
    content=CONTENTS,
    day=st.none() | st.dates(),
    number=st.none() | st.integers(1, 999_999),
    is_sample=st.booleans(),
)


@given(FILES)
def test_whatever_can_be_saved_is_read_back_as_it_was(issue: IssueFile) -> None:
    assume(not storable_content_problems(issue.content))

    assert read(write_issue(issue)) == issue


@given(FILES)
def test_writing_what_was_read_gives_the_same_file_again(issue: IssueFile) -> None:
    assume(not storable_content_problems(issue.content))

    written = write_issue(issue)

    assert write_issue(read(written)) == written


@given(st.one_of(st.text(), st.lists(EDITS, max_size=4).map(whole_with)))
def test_any_text_is_read_or_refused_and_once_written_stays_the_same(text: str) -> None:
    outcome = outcome_of(lambda: read(text))

    if isinstance(outcome, Malformed):
        assert 1 <= outcome.line <= len(re.split("\r\n|\r|\n", text))
    else:
        written = write_issue(outcome)
        assert write_issue(read(written)) == written


@given(st.binary())
def test_any_bytes_are_decoded_or_refused(raw: bytes) -> None:
    outcome = outcome_of(lambda: decode_issue(raw, name=NAME))

    if isinstance(outcome, Malformed):
        assert 1 <= outcome.line <= len(re.split(b"\r\n|\r|\n", raw))
    else:
        assert outcome.encode() == raw.removeprefix(b"\xef\xbb\xbf")


def test_a_whole_file_says_everything_about_its_issue() -> None:
    issue = read(WHOLE)

    first, second, third = issue.content.items
    assert (issue.number, issue.day, issue.is_sample) == (27, date(2026, 11, 19), True)
    assert issue.content.subject == "Share the lead"
    assert issue.content.greeting == "Dear teachers,\n\nhere are three."
    assert first.section is Section.RESOURCE
    assert first.kicker == "What We’re Reading"
    assert first.body == "Read it with a colleague.\n\n- Revere\n- Wareham"
    assert first.link == Link(label="The guide as PDF", url="https://www.example.gov/guide.pdf")
    assert second.contributor == Contributor(
        name="A. Teacher",
        role="Grade 5",
        school="Sample School, Revere",
        consents_on=date(2026, 11, 9),
    )
    assert third.participation == Participation(
        closes_on=date(2026, 12, 4),
        closes_at=time(17, 0),
        happens_on=date(2027, 1, 12),
        place="Online",
    )
    assert (issue.content.language, third.language) == ("en", "es")


def test_a_whole_file_is_written_exactly_as_it_was() -> None:
    assert write_issue(read(WHOLE)) == WHOLE


def test_keys_may_stand_in_any_order_and_are_written_in_one() -> None:
    shuffled = WHOLE.replace("number: 27\ndate: 2026-11-19\n", "").replace(
        "sample: yes\n", "Sample: YES\nDATE : 2026-11-19\nnumber:27\n"
    )

    assert write_issue(read(shuffled)) == WHOLE


@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
def test_line_ends_of_other_systems_say_the_same(line_end: str) -> None:
    assert read(WHOLE.replace("\n", line_end)) == read(WHOLE)


def test_blank_lines_on_top_and_blanks_at_line_ends_say_nothing() -> None:
    assert read("\n \n" + WHOLE.replace("\n", " \t\n")) == read(WHOLE)


def test_a_draft_needs_three_headings_and_nothing_more() -> None:
    issue = read(THREE_EMPTY)

    assert issue == IssueFile(content=IssueContent())


def test_an_empty_draft_is_written_as_its_language_and_three_headings() -> None:
    assert write_issue(IssueFile(content=IssueContent())) == f"language: en\n\n{THREE_EMPTY}"


def test_an_empty_value_is_no_value() -> None:
    empty = "number:\ndate:\nlanguage:\nsample:\n\n# Resource:\ncloses:\nhappens:\nlink:\n\n"

    assert read(empty + "# Reflection\n\n# Opportunity\n") == IssueFile(content=IssueContent())


@pytest.mark.parametrize(
    "first_line", ["subject: not a key", "headline: not a key", "# Resource", "\\# Resource", "#"]
)
def test_text_that_looks_like_the_format_stays_text(first_line: str) -> None:
    issue = file_with(greeting=first_line, body=f"{first_line}\n\n{first_line}")

    assert read(write_issue(issue)) == issue


@pytest.mark.parametrize(
    ("content", "in_the_file"),
    [
        ("# A heading", "\\# A heading"),
        ("\\# A literal mark", "\\\\# A literal mark"),
        ("#", "\\#"),
        ("## A smaller heading", "## A smaller heading"),
        ("#1 of the list", "#1 of the list"),
        ("\\* not a list", "\\* not a list"),
    ],
)
def test_only_a_line_like_an_items_heading_gains_a_backslash(
    content: str, in_the_file: str
) -> None:
    written = write_issue(file_with(body=content))

    assert in_the_file in written.split("\n")


@pytest.mark.parametrize(
    ("link", "in_the_file"),
    [
        (Link(label="Go", url="https://example.org/"), "link: Go <https://example.org/>"),
        (Link(url="https://example.org/"), "link: <https://example.org/>"),
        (Link(label="a < b > c", url="https://e.org"), "link: a < b > c <https://e.org>"),
        (Link(label="Go"), "link-label: Go"),
        (Link(label="Go <https://example.org/>"), "link-label: Go <https://example.org/>"),
        (
            Link(label="Go", url="https://example.org/<1>"),
            "link-label: Go\nlink-url: https://example.org/<1>",
        ),
    ],
)
def test_a_link_is_one_line_where_that_is_clear_and_two_elsewhere(
    link: Link, in_the_file: str
) -> None:
    issue = file_with(link=link)

    written = write_issue(issue)

    assert f"# Resource\n{in_the_file}\n\n# Reflection" in written
    assert read(written) == issue


@pytest.mark.parametrize(
    ("written", "closes_on", "closes_at"),
    [
        ("2026-12-04", date(2026, 12, 4), None),
        ("2026-12-04 00:00", date(2026, 12, 4), time(0, 0)),
        ("17:00", None, time(17, 0)),
        ("2026-12-04 23:59:59", date(2026, 12, 4), time(23, 59, 59)),
    ],
)
def test_a_closing_is_a_date_and_perhaps_a_time(
    written: str, closes_on: date | None, closes_at: time | None
) -> None:
    text = f"language: en\n\n# Resource\n\n# Reflection\n\n# Opportunity\ncloses: {written}\n"

    issue = read(text)

    participation = issue.content.items[2].participation
    assert (participation.closes_on, participation.closes_at) == (closes_on, closes_at)
    assert write_issue(issue) == text


def test_a_refusal_names_file_line_and_reason() -> None:
    refusal = refusal_of(WHOLE.replace("date: 2026-11-19", "date: 2026-11-31"))

    assert (refusal.file, refusal.line) == (NAME, 2)
    assert str(refusal) == f"{NAME}, line 2: {refusal.reason}"
    assert refusal.reason == (
        "“2026-11-31” is not a date. Write year, month and day with hyphens, as in 2026-11-19."
    )


@pytest.mark.parametrize(
    ("old", "new", "at", "reason"),
    [
        ("number: 27", "number: twenty", "number", "“twenty” is not the number of an issue"),
        ("number: 27", "number: 0", "number", "“0” is not the number of an issue"),
        ("number: 27", "number: 2\u0663", "number", "“2\u0663” is not the number of an issue"),
        ("date: 2026-11-19", "date: 20261119", "date", "“20261119” is not a date"),
        ("date: 2026-11-19", "date: November 19", "date", "“November 19” is not a date"),
        ("sample: yes", "sample: perhaps", "sample", "“perhaps” is neither yes nor no"),
        ("happens: 2027-01-12", "happens: soon", "happens", "“soon” is not a date"),
        ("closes: 2026-12-04", "closes: Friday", "closes", "“Friday 17:00” is not a closing date"),
        (" 17:00", " 24:00", "closes", "is not a closing date"),
        (" 17:00", " 5:00 pm", "closes", "is not a closing date"),
        (" 17:00", " 17:00+01:00", "closes", "is not a closing date"),
        (" 17:00", "T17:00", "closes", "is not a closing date"),
        (" 17:00", " 17:00 2026-12-05", "closes", "is not a closing date"),
        ("The guide as PDF <https", "https", "link", "is not a link. Write its words, then its"),
        ("<https://www.example.gov/guide.pdf>", "", "link", "is not a link"),
        ("<https://www.example.gov/guide.pdf>", "<>", "link", "is not a link"),
        ("<https://www.example.gov/guide.pdf>", "<a>b>", "link", "is not a link"),
        ("<https://www.example.gov/guide.pdf>", "</guide>", "link", "a link starts with https://"),
        ("language: en", "language: English", "language", "A language is written as a short tag"),
        ("subject: Share", "subject: " + "x" * 120, "subject", "at most 120 fit. Shorten it."),
        ("school: ", "school: \u202e", "school", "holds a line break or a hidden character"),
        ("role: ", "role: " + "x" * 120, "role", "Item 2: the contributor's role has"),
        ("contributor: ", "contributor: \t\x07", "contributor", "hidden character"),
        ("here are three", "here \x07", "here", "holds a hidden control character"),
        ("- Wareham", "- Ware\u2028ham", "- Ware", "holds a hidden control character"),
        ("Now I plan", "x" * 20_000 + "Now", "xxx", "at most 20,000 fit. Shorten it."),
        ("# Resource", "# Ressource", "# Ress", "begins no item. Did you mean “Resource”?"),
        ("# Resource: What", "# What", "# What", "put a backslash before the #"),
        ("- Revere", "# Hands on", "# Hands", "“# Hands on” begins no item. An item begins"),
    ],
)
def test_a_slip_is_refused_at_its_line(old: str, new: str, at: str, reason: str) -> None:
    text = WHOLE.replace(old, new)

    refusal = refusal_of(text)

    assert reason in refusal.reason
    assert refusal.line == line_of(text, at)


def test_an_unknown_key_is_refused_with_a_guess_and_the_known_ones() -> None:
    refusal = refusal_of(WHOLE.replace("headline: Take", "headlin: Take"))

    assert refusal.reason.startswith(
        "there is no key “headlin” here. Did you mean “headline”? An item knows these: headline,"
        " contributor, role, school, consent, closes, happens, place, link, link-label, link-url,"
        " language, picture, alt, decorative, caption, credit, portrait."
    )


def test_a_key_of_an_item_is_refused_in_the_head() -> None:
    refusal = refusal_of(WHOLE.replace("sample: yes", "school: Sample School"))

    assert refusal.line == 6
    assert "there is no key “school” here. The head of the file knows these" in refusal.reason


def test_a_doubled_key_is_refused_with_the_line_of_the_first_and_the_known_ones() -> None:
    refusal = refusal_of(WHOLE.replace("sample: yes", "SUBJECT: Another"))

    assert refusal.line == 6
    assert "the key “subject” stands here a second time; the first is in line 3" in refusal.reason
    assert "number, date, subject, preheader, language, corrects, sample" in refusal.reason


@pytest.mark.parametrize("key", ["link-label: The guide", "link-url: https://example.org/"])
def test_a_link_in_both_ways_is_refused_at_the_second(key: str) -> None:
    link = "link: The guide as PDF <https://www.example.gov/guide.pdf>"

    before = refusal_of(WHOLE.replace(link, f"{key}\n{link}"))
    after = refusal_of(WHOLE.replace(link, f"{link}\n{key}"))

    assert before.line == after.line == line_of(WHOLE, link) + 1
    assert "Keep one of the two ways." in before.reason


def test_text_without_an_empty_line_above_it_is_refused() -> None:
    text = WHOLE.replace("consent: 2026-11-09\n\n", "consent: 2026-11-09\n")

    refusal = refusal_of(text)

    assert refusal.line == line_of(text, "Now I plan")
    assert "put an empty line between the keys and the text" in refusal.reason


def test_a_file_that_begins_with_text_is_refused() -> None:
    refusal = refusal_of("\nDear teachers,\n\n" + WHOLE)

    assert refusal.line == 2
    assert refusal.reason.startswith("the file begins with text, “Dear teachers,”.")


def test_two_items_are_refused_at_the_end_of_the_file() -> None:
    text = WHOLE[: WHOLE.index("# Opportunity")]

    refusal = refusal_of(text)

    assert refusal.line == line_of(text, "Now I plan")
    assert refusal.reason.startswith("the file has two items, and an issue has exactly three.")


def test_a_fourth_item_is_refused_at_its_heading() -> None:
    text = WHOLE + "\n# Resource: FYI\n\n# Resource: The Buzz\n"

    refusal = refusal_of(text)

    assert refusal.line == line_of(text, "# Resource: FYI")
    assert "exactly three items, and this file has 5" in refusal.reason


@pytest.mark.parametrize("nearly", ["## Reflection: From", "#Reflection: From", " # Reflection: F"])
def test_a_heading_with_a_slip_is_pointed_at_when_an_item_is_missing(nearly: str) -> None:
    text = WHOLE.replace("# Reflection: From", nearly)

    refusal = refusal_of(text)

    assert refusal.line == line_of(text, nearly)
    assert "begins no item, and there are fewer than three" in refusal.reason


def test_an_empty_file_is_refused() -> None:
    refusal = refusal_of("")

    assert (refusal.line, refusal.reason[:20]) == (1, "the file has no item")


def test_the_first_of_several_problems_is_named() -> None:
    text = WHOLE.replace("place: Online", "place: " + "x" * 121).replace("Read it", "Read\x07 it")

    assert refusal_of(text).line == line_of(text, "Read")
    assert refusal_of(text.replace("<https://www", "<www")).line == line_of(text, "link: The")


def test_a_message_quotes_a_strange_line_shortened_and_without_controls() -> None:
    refusal = refusal_of(WHOLE.replace("role: ", "\x1b[2J" + "x" * 200 + ": "))

    assert "\x1b" not in str(refusal)
    assert f"“\ufffd[2J{'x' * 45}…” is not written as" in refusal.reason


def test_content_is_written_as_it_would_be_kept() -> None:
    content = IssueContent(subject=" Cafe\u0301 ", greeting="\nDear teachers, \r\n\r\n")

    assert "subject: Caf\u00e9\nlanguage: en\n\nDear teachers,\n\n#" in write_issue(
        IssueFile(content=content)
    )


def test_content_that_cannot_be_saved_is_not_written() -> None:
    content = IssueContent(subject="Share\n# Resource: slipped in")

    with pytest.raises(Invalid, match="The subject holds a line break"):
        write_issue(IssueFile(content=content))


def test_the_longest_issue_that_can_be_saved_fits_into_a_file() -> None:
    clef = "\N{MUSICAL SYMBOL G CLEF}"
    name = clef * NAME_LIMIT
    url = "https://e.org/"
    longest = Item(
        section=Section.OPPORTUNITY,
        kicker=clef * 40,
        headline=name,
        body=clef * BODY_LIMIT,
        link=Link(label=clef * LABEL_LIMIT, url=url + clef * (URL_LIMIT - len(url))),
        contributor=Contributor(name=name, role=name, school=name, consents_on=date(2199, 12, 31)),
        participation=Participation(closes_on=date(2199, 12, 31), closes_at=time.max, place=name),
    )
    content = IssueContent(
        subject=name, preheader=clef * 110, greeting=clef * GREETING_LIMIT, items=(longest,) * 3
    )
    issue = IssueFile(content=content)

    raw = write_issue(issue).encode()

    assert not storable_content_problems(content)
    assert read(decode_issue(raw, name=NAME)) == issue


def test_a_byte_order_mark_is_dropped() -> None:
    assert decode_issue(b"\xef\xbb\xbf" + WHOLE.encode(), name=NAME) == WHOLE


@pytest.mark.parametrize(
    ("raw", "line", "reason"),
    [
        (b"subject: a\r\nplace: caf\xe9\r\n", 2, "a character that is not UTF-8"),
        (b"\xef\xbb\xbf\n\n\xff", 3, "a character that is not UTF-8"),
        (b"a\rb\rc\0", 3, "a NUL character"),
        (WHOLE.encode("utf-16"), 1, "written in UTF-16. Save it as UTF-8."),
        (WHOLE.encode("utf-16-be"), 1, "save the file as UTF-8 if it is UTF-16"),
        (b"x" * (SIZE_LIMIT + 1), 1, "the file has more than 300,000 bytes"),
    ],
)
def test_bytes_that_are_no_plain_text_are_refused(raw: bytes, line: int, reason: str) -> None:
    with pytest.raises(Malformed) as caught:
        decode_issue(raw, name=NAME)

    assert caught.value.line == line
    assert reason in str(caught.value)


def test_a_body_of_200_kilobytes_is_refused_at_its_line() -> None:
    text = WHOLE.replace("Now I plan with four.", "word " * 40_000)

    refusal = refusal_of(decode_issue(text.encode(), name=NAME))

    assert refusal.line == line_of(text, "word")
    assert refusal.reason == (
        "Item 2: the text has 199,999 characters; at most 20,000 fit. Shorten it."
    )


def test_the_documented_example_is_read_and_written_as_it_stands() -> None:
    example = re.search(r"```text\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)

    assert example
    assert write_issue(read(example[1])) == example[1]
    assert missing_from(read(example[1]).content) == ()


@pytest.mark.parametrize(("title", "keys"), [("the head", HEAD_KEYS), ("an item", ITEM_KEYS)])
def test_every_key_is_documented_in_the_order_of_writing(title: str, keys: tuple[str, ...]) -> None:
    _, _, after = DOCUMENT.read_text("utf-8").partition(f"### Keys of {title}\n")
    table, _, _ = after.partition("\n### ")

    assert tuple(re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE)) == keys
