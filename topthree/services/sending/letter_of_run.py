"""The letter of a run: the bytes that it began with, or those of its page once it was corrected."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from sqlalchemy.orm import Session

from topthree.domain.refusal import Conflict
from topthree.store.corrections import CorrectionRow, corrections_of
from topthree.store.sending.corrected_letters import CorrectedLetterRow, newest_letter
from topthree.store.sending.runs import RunRow


class MessageChanged(Exception):
    """The frozen bytes are not the ones that were frozen; nothing is sent from them."""


def letter_of(session: Session, run: RunRow) -> bytes:
    """Return the message that goes out in this run from now on.

    :raises MessageChanged: if it is not what was frozen.
    """
    letter = newest_letter(session, run) or run
    if hashlib.sha256(letter.message).hexdigest() != letter.message_digest:
        raise MessageChanged(run.id)
    return letter.message


def require_no_known_slip(session: Session, run: RunRow) -> None:
    """Let letters of the run leave only as its page says.

    :raises Conflict: if the page was corrected, and nobody has approved the corrected letter.
    """
    if unsent_corrections(session, run, newest_letter(session, run)):
        message = (
            "Its page was corrected, and nobody gets a slip that is known. The run's page has the"
            " corrected letter: let somebody who did not write it approve it first."
        )
        raise Conflict(message)


def unsent_corrections(
    session: Session, run: RunRow, letter: CorrectedLetterRow | None
) -> Sequence[CorrectionRow]:
    """Return the corrections of the page that this letter does not hold, newest first.

    :param letter: None: the one that the run began with.
    """
    held = 0 if letter is None else letter.number
    return [row for row, _ in corrections_of(session, run.issue_id) if row.number > held]
