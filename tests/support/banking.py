"""A few items in the bank, and an issue in which one of them stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy.orm import Session

from tests.support.installation import Installation, complete_content
from topthree.domain.bank.bank_item import BankDetails, BankState
from topthree.domain.ids import BankItemId, IssueId
from topthree.domain.writing.issue import IssueContent
from topthree.domain.writing.item import HEADLINE_LIMIT, Item, Participation
from topthree.services.bank.use_bank_item import Place, Putting, put_into_place
from topthree.services.bank.write_bank import NewBankItem, create_bank_item
from topthree.services.identity.editor_view import EditorView
from topthree.services.writing.compose_issue import create_issue


@dataclass(frozen=True, slots=True, kw_only=True)
class Stocked:
    """What :func:`stock` has put into the bank."""

    #: Its headline is one word, as long as it may be.
    longest: BankItemId
    #: It closes in three weeks and stands at place 3 of the issue.
    used: BankItemId
    issue: IssueId


def stock(session: Session, house: Installation, editor: EditorView) -> Stocked:
    """Put two items into the bank, and one of them into a new issue."""
    resource, _, opportunity = complete_content().items
    closes_on = house.clock().date() + timedelta(days=21)
    closing = replace(opportunity, participation=Participation(closes_on=closes_on))
    longest = _add(session, house, editor, replace(resource, headline="W" * HEADLINE_LIMIT))
    used = _add(session, house, editor, closing)
    issue = create_issue(session, IssueContent(), editor, house.clock())
    putting = Putting(item_id=used, place=Place(issue_id=issue.id, number=3))
    put_into_place(session, putting, editor, house.clock())
    return Stocked(longest=longest, used=used, issue=issue.id)


def _add(session: Session, house: Installation, editor: EditorView, item: Item) -> BankItemId:
    details = BankDetails(tags=("math", "grade 5"), owner_id=editor.id, note="Ask Ben.")
    new = NewBankItem(item=item, details=details, state=BankState.READY)
    return create_bank_item(session, new, editor, house.clock()).id
