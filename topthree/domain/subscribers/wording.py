"""The sentences that people agree to, word for word as the pages show them.

A record of consent keeps the sentence itself, so these may be reworded at any time.
"""

from __future__ import annotations

SUBSCRIBE = "Send me the letter. We write once to check that the address is yours."
CONFIRM_BY_LINK = "Yes, send me the letter"
CONFIRM_BY_CODE = "Confirm with the six digits"
LEAVE = "Unsubscribe"
LEAVE_BY_ONE_CLICK = "List-Unsubscribe=One-Click"
LEAVE_BY_MAIL = "List-Unsubscribe: mailto"
UNDO_LEAVING = "That was a mistake: keep the letter coming"
DISOWN = "It was not me: never write to this address again"
#: Nobody reads this one: it is what a mail program or its provider reported.
COMPLAIN = "Report spam"
