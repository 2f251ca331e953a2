"""Links are looked at in the background, and what comes of it is kept and shown."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from tests.support.installation import Installation, complete_content, with_wiring
from topthree.domain.editors.permission import Role
from topthree.domain.ids import IssueId
from topthree.domain.links.link_check import LinkState, Trouble
from topthree.domain.refusal import Invalid
from topthree.domain.writing.issue import IssueContent
from topthree.domain.writing.item import Link
from topthree.fetch.answer import Answer, NoAnswer
from topthree.services.links.check_links import ask_for_links, check_links, look_for_links
from topthree.services.proofing.preflight_issue import Preflight, preflight_issue, require_no_stop
from topthree.services.writing.compose_issue import create_issue
from topthree.services.writing.read_issue import read_issue
from topthree.store.link_checks import known_checks

GUIDE = "https://www.example.gov/guide.pdf"
APPLY = "https://www.example.gov/apply"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sites:
    """The web as a test describes it: what each address answers, and who was asked how often."""

    statuses: dict[str, int] = field(default_factory=dict)
    troubles: dict[str, Trouble] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def look_at(self, url: str) -> Answer:
        with self.lock:
            self.asked[url] += 1
        if url in self.troubles:
            raise NoAnswer(self.troubles[url])
        status = self.statuses.get(url, 200)
        return Answer(status=status, url=url, content_type="application/pdf", content_length=240)


@pytest.fixture
def sites() -> Sites:
    return Sites()


@pytest.fixture
def house(installation: Installation, sites: Sites) -> Installation:
    return with_wiring(installation, fetcher=sites)


def draft(house: Installation, content: IssueContent | None = None) -> IssueId:
    writer = house.add_editor("Ana", Role.WRITER)
    with house.wiring.writing() as session:
        return create_issue(session, content or complete_content(), writer, house.clock()).id


def asked_for(house: Installation, issue_id: IssueId) -> int:
    with house.wiring.writing() as session:
        return ask_for_links(session, read_issue(session, issue_id).content, house.clock())


def found(house: Installation, issue_id: IssueId) -> Preflight:
    with house.wiring.reading() as session:
        issue = read_issue(session, issue_id)
        return preflight_issue(session, house.wiring, issue, house.clock())


def codes(house: Installation, issue_id: IssueId) -> list[tuple[str, str]]:
    findings = found(house, issue_id).findings
    return [(each.code, each.field) for each in findings if each.code.startswith("link")]


def test_what_was_asked_for_is_looked_at_once_and_kept(house: Installation, sites: Sites) -> None:
    sites.statuses[APPLY] = 404
    sites.troubles[GUIDE] = Trouble.TOO_SLOW
    issue_id = draft(house)
    before = codes(house, issue_id)

    assert asked_for(house, issue_id) == 2
    under_way = found(house, issue_id).links_under_way
    assert check_links(house.wiring) == 2
    assert check_links(house.wiring) == 0

    assert before == [("link-unchecked", "item-1-link-url")]
    assert under_way == 2
    assert codes(house, issue_id) == [
        ("link-dead", "item-3-link-url"),
        ("link-unknown", "item-1-link-url"),
    ]
    assert sites.asked == {GUIDE: 1, APPLY: 1}


def test_a_dead_link_stops_the_issue_and_a_silent_one_does_not(
    house: Installation, sites: Sites
) -> None:
    first, second, third = complete_content().items
    gone = replace(first, link=Link(label="The guide", url="https://agency.gov/guide"))
    sites.troubles["https://agency.gov/guide"] = Trouble.NAME_UNANSWERED
    issue_id = draft(house, replace(complete_content(), items=(gone, second, third)))
    asked_for(house, issue_id)
    check_links(house.wiring)
    with house.wiring.reading() as session:
        issue = read_issue(session, issue_id)
        require_no_stop(preflight_issue(session, house.wiring, issue, house.clock()))
    sites.troubles["https://agency.gov/guide"] = Trouble.NO_SUCH_NAME
    asked_for(house, issue_id)
    check_links(house.wiring)

    with house.wiring.reading() as session:
        issue = read_issue(session, issue_id)
        found = preflight_issue(session, house.wiring, issue, house.clock())
    with pytest.raises(Invalid, match="leads nowhere"):
        require_no_stop(found)


def test_what_is_known_of_a_document_is_kept(house: Installation) -> None:
    issue_id = draft(house)
    asked_for(house, issue_id)
    check_links(house.wiring)

    with house.wiring.reading() as session:
        known = known_checks(session, [GUIDE, "https://elsewhere.example/"])

    assert list(known) == [GUIDE]
    assert (known[GUIDE].state, known[GUIDE].status) == (LinkState.ALIVE, 200)
    assert (known[GUIDE].content_type, known[GUIDE].content_length) == ("application/pdf", 240)
    assert known[GUIDE].checked_at == house.clock()


def test_links_of_issues_on_a_slot_are_looked_at_by_themselves_and_again_after_a_day(
    house: Installation, sites: Sites
) -> None:
    draft(house)
    idle = look_for_links(house.wiring)
    house.schedule_approved_issue(complete_content("Another lead"))

    first = look_for_links(house.wiring)
    check_links(house.wiring)
    again = look_for_links(house.wiring)
    house.clock.advance(timedelta(days=1, seconds=1))
    next_day = look_for_links(house.wiring)
    check_links(house.wiring)

    assert (idle, first, again, next_day) == (0, 2, 0, 2)
    assert sites.asked == {GUIDE: 2, APPLY: 2}


def test_a_thousand_links_in_one_text_are_each_looked_at_once(
    house: Installation, sites: Sites
) -> None:
    links = " ".join(f"[a{n}](https://e.gov/{n})" for n in range(700))
    first, second, third = complete_content().items
    items = (
        replace(first, body=links[:19_990].rpartition(" ")[0], link=Link()),
        replace(second, body=links.replace("gov/", "gov/x")[:19_990].rpartition(" ")[0]),
        third,
    )
    issue_id = draft(house, replace(complete_content(), items=items))

    count = asked_for(house, issue_id)
    looked_at = [check_links(house.wiring) for _ in range(8)]

    assert count > 1_000
    assert sum(looked_at) == count
    assert max(looked_at) <= 240
    assert set(sites.asked.values()) == {1}


def test_without_a_fetcher_no_link_is_mentioned(installation: Installation) -> None:
    issue_id = draft(installation)

    assert look_for_links(installation.wiring) == 0
    assert check_links(installation.wiring) == 0
    assert codes(installation, issue_id) == []


def test_who_takes_links_and_is_gone_leaves_them_to_others(
    house: Installation, sites: Sites
) -> None:
    issue_id = draft(house)
    asked_for(house, issue_id)
    sites.troubles[GUIDE] = Trouble.BROKEN
    broken = with_wiring(house, fetcher=_Breaking())
    with pytest.raises(RuntimeError):
        check_links(broken.wiring)

    at_once = check_links(house.wiring)
    house.clock.advance(timedelta(minutes=2))
    later = check_links(house.wiring)

    assert (at_once, later) == (0, 2)


class _Breaking:
    def look_at(self, url: str) -> Answer:
        raise RuntimeError(url)
