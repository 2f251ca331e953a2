"""Taking items for the bank in from text files: all of them, or none if one is refused."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from topthree.domain.bank.bank_file import read_bank_file
from topthree.domain.bank.bank_item import BankDetails, BankState
from topthree.domain.refusal import Refusal
from topthree.domain.writing.issue_file import SIZE_LIMIT, decode_issue
from topthree.domain.writing.item import Item
from topthree.services.bank.read_bank import BankItemView
from topthree.services.bank.write_bank import NewBankItem, create_bank_item


def import_bank_files(
    session: Session, paths: Sequence[Path], details: BankDetails, now: datetime
) -> tuple[BankItemView, ...]:
    """Add what the files hold: ready where nothing is missing, else to be written on.

    What a file brought before is passed over if nobody has changed it, so twice is harmless.

    :raises Refusal: naming the file and the line.
    """
    items = [item for path in paths for item in _read(path)]
    return tuple(
        create_bank_item(
            session,
            NewBankItem(item=item, details=details, state=BankState.READY, key=_key(item)),
            None,
            now,
        )
        for item in items
    )


def _read(path: Path) -> tuple[Item, ...]:
    try:
        with path.open("rb") as opened:
            raw = opened.read(SIZE_LIMIT + 1)
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}."
        raise Refusal(message) from error
    return read_bank_file(decode_issue(raw, name=str(path)), name=str(path))


def _key(item: Item) -> str:
    """Return a name for the item by its words, as a form has one by chance."""
    return "file-" + hashlib.sha256(repr(item).encode()).hexdigest()[:32]
