"""Whether the page of the audit log has words for everything that stands in one."""

from __future__ import annotations

import json

from sqlalchemy.orm import Session

from topthree.domain.audit.act import Act
from topthree.domain.audit.act_details import DETAIL_TELLERS
from topthree.services.audit.log import Wanted, list_entries

_ALL = 10_000


def untold_details(session: Session) -> set[tuple[str, str]]:
    """Return what the log tells without words for it, by act and name; settings have their own."""
    return {
        (entry.act, name)
        for entry in list_entries(session, Wanted(), limit=_ALL).entries
        if entry.act != Act.SETTINGS_FOUND
        for name, value in json.loads(entry.details).items()
        if value not in ("", None) and name not in DETAIL_TELLERS.get(entry.act, {})
    }
