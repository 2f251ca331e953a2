"""Looking at the links of issues, a few at a time, and keeping what came of it."""

from __future__ import annotations

import logging
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from topthree.domain.links.link_check import (
    LinkCheck,
    LinkState,
    is_checkable,
    state_of_status,
    state_of_trouble,
)
from topthree.domain.writing.issue import IssueContent, IssueStatus
from topthree.fetch.answer import NoAnswer
from topthree.fetch.web import Fetcher
from topthree.render.shown import shown_links, shown_texts
from topthree.services.wiring import Wiring
from topthree.store.link_checks import (
    forget_checks,
    known_checks,
    note_check,
    take_due,
    want_checked,
)
from topthree.store.writing.issue_lists import issues_in_hand

_log = logging.getLogger(__name__)

#: So many are looked at together, so many taken at a time, and so many before others get a turn.
_TOGETHER = 8
_PORTION = 40
_AT_MOST = 200
#: Whoever takes a link and ends before its answer leaves it to others after that.
_TAKEN_FOR = timedelta(minutes=2)
#: How long what was found is good for; a dead link may be mended, silence may end.
_GOOD_FOR = {
    LinkState.ALIVE: timedelta(days=1),
    LinkState.DEAD: timedelta(hours=6),
    LinkState.UNKNOWN: timedelta(hours=6),
}
_KEPT_FOR = timedelta(days=90)


def ask_for_links(session: Session, content: IssueContent, now: datetime) -> int:
    """Let all links of this content be looked at anew, and return how many they are."""
    urls = _links_of(content)
    want_checked(session, urls, now)
    return len(urls)


def look_for_links(wiring: Wiring) -> int:
    """Ask for the links of issues that go out soon or are in review; return how many are due.

    Commits by itself.
    """
    if wiring.fetcher is None:
        return 0
    now = wiring.clock()
    with wiring.writing() as session:
        wanted = {
            url
            for issue, _ in issues_in_hand(session)
            if issue.slot_day is not None or issue.status is not IssueStatus.DRAFT
            for url in _links_of(issue.content)
        }
        known = known_checks(session, wanted)
        due = {url for url in wanted if url not in known or _is_old(known[url], now)}
        want_checked(session, due, now)
        forget_checks(session, now - _KEPT_FOR)
    return len(due)


def check_links(wiring: Wiring) -> int:
    """Look at links that are due, and return how many were looked at.

    Commits by itself, and holds no transaction while sites are asked.
    """
    looked_at = 0
    while wiring.fetcher is not None and looked_at < _AT_MOST:
        with wiring.writing() as session:
            now = wiring.clock()
            urls = take_due(session, now, now + _TAKEN_FOR, _PORTION)
        if not urls:
            break
        _look_at(wiring, wiring.fetcher, urls)
        looked_at += len(urls)
    return looked_at


def _look_at(wiring: Wiring, fetcher: Fetcher, urls: Collection[str]) -> None:
    now = wiring.clock()
    with ThreadPoolExecutor(max_workers=_TOGETHER, thread_name_prefix="links") as pool:
        checks = list(pool.map(lambda url: _checked(fetcher, url, now), urls))
    with wiring.writing() as session:
        for url, check in zip(urls, checks, strict=True):
            note_check(session, url, check)


def _checked(fetcher: Fetcher, url: str, now: datetime) -> LinkCheck:
    try:
        answer = fetcher.look_at(url)
    except NoAnswer as refusal:
        # The address itself may name a person, and stands in the database anyway.
        _log.info("a link was not answered: %s", refusal.trouble)
        state = state_of_trouble(refusal.trouble, url)
        return LinkCheck(state=state, trouble=refusal.trouble, checked_at=now)
    return LinkCheck(
        state=state_of_status(answer.status),
        status=answer.status,
        final_url=answer.url,
        content_type=answer.content_type,
        content_length=answer.content_length,
        checked_at=now,
    )


def _links_of(content: IssueContent) -> frozenset[str]:
    links = shown_links(content, shown_texts(content))
    return frozenset(link.url for link in links if is_checkable(link.url))


def _is_old(check: LinkCheck, now: datetime) -> bool:
    return check.checked_at + _GOOD_FOR[check.state] <= now
