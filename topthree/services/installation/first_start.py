"""The first start of a trial installation: sample issues, an editor and a publisher to try."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from topthree.domain.audit.entry import SERVICE
from topthree.domain.bank.bank_item import BankDetails
from topthree.domain.editors.permission import Role
from topthree.domain.subscribers.address import EmailAddress
from topthree.services.archive.exchange_issue_files import import_files
from topthree.services.bank.import_bank import import_bank_files
from topthree.services.editors.manage_editors import Newcomer, add_editor, list_editors
from topthree.services.editors.sign_in import make_sign_in_token
from topthree.services.wiring import Wiring
from topthree.store.writing.issues import has_issues

_BANK_FILE = Path("bank") / "bank.md"
_SAMPLE = BankDetails(tags=("sample",), note="A sample to try with. Everything in it is made up.")
_FIRST_EDITORS = (
    (EmailAddress(local="editor", domain="topthree.example"), "First Editor", Role.EDITOR),
    (
        EmailAddress(local="publisher", domain="topthree.example"),
        "First Publisher",
        Role.ADMINISTRATOR,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WayIn:
    """A one-time link that signs one of the first editors in."""

    name: str
    role: Role
    url: str


def load_samples(session: Session, wiring: Wiring, folder: Path) -> int:
    """Fill an empty archive with the sample issues, and the bank; return how many issues.

    Twice is harmless.
    """
    if has_issues(session) or not folder.is_dir():
        return 0
    if (bank := folder / _BANK_FILE).is_file():
        import_bank_files(session, [bank], _SAMPLE, wiring.clock())
    return len(import_files(session, wiring.cadence, [folder], SERVICE, wiring.clock()))


def open_the_door(session: Session, wiring: Wiring) -> tuple[WayIn, ...]:
    """Return fresh links for the first editor and the first publisher, made on first use.

    Once there are other editors, the first two are nobody special and no link is made.
    """
    now = wiring.clock()
    known = {editor.address for editor in list_editors(session)}
    first = {str(address) for address, _, _ in _FIRST_EDITORS}
    if not known <= first:
        return ()
    ways_in = []
    for address, name, role in _FIRST_EDITORS:
        if str(address) not in known:
            newcomer = Newcomer(address=address, name=name, role=role)
            add_editor(session, newcomer, None, now)
        token = make_sign_in_token(session, wiring.tokens, address, now)
        url = wiring.newsletter.sign_in_url(token)
        ways_in.append(WayIn(name=name, role=role, url=url))
    return tuple(ways_in)
