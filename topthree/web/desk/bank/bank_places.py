"""Between the bank and the places of issues: choosing, putting, taking out, keeping a copy."""

from __future__ import annotations

import re
from datetime import date
from http import HTTPStatus

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from topthree.domain.editors.permission import Permission
from topthree.domain.ids import BankItemId, IssueId
from topthree.domain.refusal import Conflict, Refusal
from topthree.domain.writing.item import Section
from topthree.services.bank.read_bank import bank_words, read_bank_item, search_bank
from topthree.services.bank.read_places import OpenIssue, item_used_at, open_issues
from topthree.services.bank.use_bank_item import (
    Place,
    PlaceTaken,
    Putting,
    first_empty_place,
    keep_in_bank,
    put_into_place,
    take_out_of_place,
)
from topthree.services.writing.read_issue import IssueView, read_issue
from topthree.web.access import current_editor, desk
from topthree.web.database import read_only, transaction
from topthree.web.desk.bank.bank_form import fresh_key, sent_key
from topthree.web.desk.bank.bank_search import CHOICES, STATE_WORDS, wanted_in_bank
from topthree.web.desk.forms.going import gone_to
from topthree.web.desk.forms.trouble import sent_version
from topthree.web.desk.forms.typed_dates import parse_day
from topthree.web.desk.forms.typed_number import parse_number
from topthree.web.site import site, today

_PLACE = re.compile(r"(\d{1,18})-([123])", re.ASCII)


@desk(Permission.READ_DESK)
def place(issue_id: int, number: int) -> ResponseReturnValue:
    """Show what stands at the place of an issue, and what of the bank could stand there."""
    at = Place(issue_id=IssueId(issue_id), number=number)
    with read_only() as session:
        issue = read_issue(session, at.issue_id)
        standing = issue.content.item_at(number)
        wanted = wanted_in_bank(state="ready", section=standing.section.value)
        found = search_bank(session, wanted.search(issue.slot_day), today(), wanted.number)
        words = bank_words(session)
        used = item_used_at(session, issue.id, number)
    return render_template(
        "desk/bank/place.html",
        issue=issue,
        number=number,
        standing=standing,
        is_empty=standing.is_empty,
        used=used,
        wanted=wanted,
        page=found,
        words=words,
        choices=CHOICES,
        today=today(),
        key=fresh_key(),
        bank_state_words=STATE_WORDS,
    )


@desk(Permission.WRITE)
def fill_place(issue_id: int, number: int) -> ResponseReturnValue:
    """Put the item whose button was pressed into the place."""
    at = Place(issue_id=IssueId(issue_id), number=number)
    item = parse_number(request.form.get("item", ""))
    if item is None:
        raise Refusal("Choose one of the items that the bank's pages offer.")
    return _put(BankItemId(item), at)


@desk(Permission.READ_DESK)
def places(item_id: int) -> ResponseReturnValue:
    """Show the places of all issues in hand, for one item of the bank."""
    return _places_page(BankItemId(item_id), "")


@desk(Permission.WRITE)
def put_in_place(item_id: int) -> ResponseReturnValue:
    """Put the item into the place that was chosen."""
    chosen = _PLACE.fullmatch(request.form.get("place", ""))
    if chosen is None:
        page = _places_page(BankItemId(item_id), "Choose one of the places.")
        return page, HTTPStatus.UNPROCESSABLE_ENTITY
    at = Place(issue_id=IssueId(int(chosen[1])), number=int(chosen[2]))
    return _put(BankItemId(item_id), at)


@desk(Permission.WRITE)
def empty_place(issue_id: int, number: int) -> ResponseReturnValue:
    """Take what stands at the place into the bank."""
    at = Place(issue_id=IssueId(issue_id), number=number)
    with transaction() as session:
        take_out_of_place(session, at, sent_key(), current_editor(), site().clock())
    return gone_to(_path(at, "taken-out"))


@desk(Permission.WRITE)
def keep_place(issue_id: int, number: int) -> ResponseReturnValue:
    """Keep a copy of what stands at the place in the bank."""
    at = Place(issue_id=IssueId(issue_id), number=number)
    with transaction() as session:
        kept = keep_in_bank(session, at, sent_key(), current_editor(), site().clock())
    return gone_to(url_for("desk.bank_item", item_id=kept.id, said="bank-kept"))


def _put(item_id: BankItemId, at: Place) -> ResponseReturnValue:
    putting = Putting(item_id=item_id, place=at, replaces=sent_version() or None)
    try:
        with transaction() as session:
            issue = put_into_place(session, putting, current_editor(), site().clock())
    except PlaceTaken as taken:
        return _ask(item_id, at, taken), HTTPStatus.CONFLICT
    except Conflict as conflict:
        return _places_page(item_id, str(conflict)), HTTPStatus.CONFLICT
    return gone_to(_next_step(issue))


def _next_step(issue: IssueView) -> str:
    """Lead on to the next place that is empty; once there is none, to the whole issue."""
    empty = first_empty_place(issue)
    if empty is None:
        return url_for("desk.compose", issue_id=issue.id, said="places-full")
    return _path(Place(issue_id=issue.id, number=empty), "put")


def _ask(item_id: BankItemId, at: Place, taken: PlaceTaken) -> str:
    with read_only() as session:
        shown = read_bank_item(session, item_id)
        issue = read_issue(session, at.issue_id)
    return render_template(
        "desk/bank/place_taken.html", shown=shown, issue=issue, at=at, taken=taken
    )


def _places_page(item_id: BankItemId, problem: str) -> str:
    with read_only() as session:
        shown = read_bank_item(session, item_id)
        issues = open_issues(session)
    usual = _usual(issues, shown.item.section, parse_day(request.args.get("day", "")))
    return render_template(
        "desk/bank/places.html", shown=shown, issues=issues, usual=usual, problem=problem
    )


def _usual(issues: tuple[OpenIssue, ...], section: Section, day: date | None) -> str:
    """Return the place to offer first: empty, meant for the section, in the issue of the day."""
    empty = [
        (issue.day != day, each.item.section is not section, order, f"{issue.id}-{each.number}")
        for order, issue in enumerate(issues)
        for each in issue.places
        if each.is_empty
    ]
    return min(empty)[-1] if empty else ""


def _path(at: Place, word: str) -> str:
    return url_for("desk.place", issue_id=at.issue_id, number=at.number, said=word)
