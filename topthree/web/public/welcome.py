"""The page after confirming: what comes next."""

from __future__ import annotations

from flask import render_template

from topthree.services.archive.browse_archive import newest_archived, newest_letter
from topthree.services.planning.slots_ahead import next_slot_day
from topthree.web.database import read_only
from topthree.web.site import site

#: Two of them may be corrections of the third.
_ISSUES_LOOKED_THROUGH = 3


def welcome(masked_address: str) -> str:
    """Return the page for someone whose subscription is confirmed, now or earlier."""
    wiring = site()
    with read_only() as session:
        next_day = next_slot_day(session, wiring.cadence, wiring.clock())
        newest = newest_letter(newest_archived(session, wiring.cadence, _ISSUES_LOOKED_THROUGH))
    return render_template(
        "public/welcome.html",
        masked_address=masked_address,
        next_day=next_day,
        newest=newest.edition if newest else None,
    )
