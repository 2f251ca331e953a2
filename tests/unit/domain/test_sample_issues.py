from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from topthree.domain.writing.issue import missing_from
from topthree.domain.writing.issue_file import IssueFile, decode_issue, read_issue, write_issue
from topthree.domain.writing.item import Item, Section

ISSUES = Path(__file__).parents[3] / "issues"
SAMPLES = sorted(
    path for path in ISSUES.glob("*/issue.md") if b"\nsample: yes\n" in path.read_bytes()
)
DATED = [path for path in SAMPLES if not path.parent.name.startswith("draft-")]
FIRST = date(2026, 8, 13)
NEWEST = date(2026, 11, 19)
ALL_KICKERS = {
    "The Buzz",
    "In the News",
    "What We’re Reading",
    "Get Involved",
    "Did You Know?",
    "FYI",
    "Thank You!",
    "Teacher Reflection",
    "From the Classroom",
}
USUAL_ORDER = (Section.RESOURCE, Section.REFLECTION, Section.OPPORTUNITY)


@cache
def sample(path: Path) -> IssueFile:
    name = path.relative_to(ISSUES.parent).as_posix()
    return read_issue(decode_issue(path.read_bytes(), name=name), name=name)


def sections(issue: IssueFile) -> tuple[Section, ...]:
    return tuple(item.section for item in issue.content.items)


def items() -> Iterator[tuple[IssueFile, Item]]:
    return ((sample(path), item) for path in SAMPLES for item in sample(path).content.items)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.parent.name)
class TestEverySample:
    def test_it_is_complete(self, path: Path) -> None:
        assert missing_from(sample(path).content) == ()

    def test_it_stands_in_the_form_that_export_writes(self, path: Path) -> None:
        assert write_issue(sample(path)).encode() == path.read_bytes()

    def test_it_lies_in_the_folder_of_its_date_if_it_has_one(self, path: Path) -> None:
        day = sample(path).day

        assert path.parent.name == (day.isoformat() if day else "draft-last-call")

    def test_it_leads_only_to_example_sites(self, path: Path) -> None:
        urls = [urlsplit(url) for url in re.findall(r"\w+://[^\s()<>]+", path.read_text("utf-8"))]

        assert urls
        assert {(url.scheme, url.hostname) for url in urls} == {("https", "www.example.gov")}

    def test_every_link_to_a_document_names_its_kind_and_size(self, path: Path) -> None:
        lines = path.read_text("utf-8").split("\n")
        documents = [line for line in lines if re.search(r"\.(pdf|docx)\b", line)]

        assert all(re.search(r"(PDF|Word).*\d [kM]B", line) for line in documents)

    def test_its_opportunity_can_still_be_taken_on_the_day_it_goes_out(self, path: Path) -> None:
        issue = sample(path)
        days = [
            day
            for item in issue.content.items
            for day in (item.participation.closes_on, item.participation.happens_on)
            if day
        ]

        assert days
        assert issue.day is None or min(days) > issue.day


def test_there_are_seven_dated_samples_and_one_draft() -> None:
    assert (len(DATED), len(SAMPLES)) == (7, 8)


def test_dates_are_thursdays_on_a_grid_of_fourteen_days() -> None:
    days = [sample(path).day or date.min for path in DATED]

    assert (days[0], days[-1]) == (FIRST, NEWEST)
    assert len(set(days)) == len(days)
    assert {(day - FIRST) % timedelta(days=14) for day in days} == {timedelta(0)}
    assert {day.strftime("%A") for day in days} == {"Thursday"}


def test_numbers_run_without_a_gap_up_to_27() -> None:
    assert [sample(path).number for path in DATED] == [21, 22, 23, 24, 25, 26, 27]


def test_the_draft_has_neither_date_nor_number() -> None:
    draft = sample(ISSUES / "draft-last-call" / "issue.md")

    assert (draft.day, draft.number) == (None, None)
    assert draft.content.subject.startswith("Last call for")


def test_the_newest_sample_is_share_the_lead() -> None:
    newest = sample(ISSUES / NEWEST.isoformat() / "issue.md")

    assert newest.content.subject == "Share the lead"
    assert sections(newest) == USUAL_ORDER


def test_one_sample_has_two_reflections() -> None:
    counts = [sections(sample(path)).count(Section.REFLECTION) for path in SAMPLES]

    assert sorted(counts) == [1, 1, 1, 1, 1, 1, 1, 2]


def test_one_sample_brings_all_three_sections_in_another_order() -> None:
    assert any(
        sorted(sections(sample(path))) == sorted(USUAL_ORDER)
        and sections(sample(path)) != USUAL_ORDER
        for path in DATED
    )


def test_a_last_call_repeats_an_opportunity_of_an_earlier_sample() -> None:
    last_calls = [
        (issue, item)
        for issue, item in items()
        if issue.day and item.headline.startswith("Last call:")
    ]

    assert last_calls
    for issue, last_call in last_calls:
        assert any(
            earlier.day and issue.day and earlier.day < issue.day and item.link == last_call.link
            for earlier, item in items()
        )


def test_one_sample_has_a_long_list() -> None:
    longest = max(len(re.findall(r"^(?:\d+\.|-) ", item.body, re.MULTILINE)) for _, item in items())

    assert longest >= 10


def test_one_sample_is_in_spanish_and_the_others_are_in_english() -> None:
    languages = [sample(path).content.language for path in SAMPLES]

    assert sorted(languages) == ["en"] * 7 + ["es"]


def test_all_usual_kickers_occur() -> None:
    assert {item.kicker for _, item in items()} >= ALL_KICKERS


@pytest.mark.parametrize(
    "fact",
    [
        "Revere",
        "Wareham",
        "New Bedford",
        "Northampton",
        "Wakefield",
        "effective educator coaches",
        "advisory cabinet",
        "educator recognition programs",
        "February 14, 2017",
        "guide.pdf",
        "guide.docx",
    ],
)
def test_the_samples_speak_of_the_field(fact: str) -> None:
    assert any(fact in path.read_text("utf-8") for path in SAMPLES)
