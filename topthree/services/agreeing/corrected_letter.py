"""Sending the corrected letter to whoever has not got it yet: nobody gets a slip that is known.

What was sent stays the record of the run. The corrected letter is approved like any text: by a
second person, for exactly what they have read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from topthree.domain.agreeing.approval import ApprovalRule, Authorship, why_not_approve
from topthree.domain.audit.act import Act
from topthree.domain.editors.permission import Permission, require
from topthree.domain.ids import RunId
from topthree.domain.newsletter import Edition
from topthree.domain.refusal import Conflict, NotAllowed
from topthree.domain.writing.content_difference import FieldChange, compare_contents
from topthree.services.archive.correct_issue import corrected
from topthree.services.audit.entries import about_run
from topthree.services.audit.log import record
from topthree.services.editors.editor_now import editor_now
from topthree.services.identity.editor_view import EditorView
from topthree.services.links.linked_documents import linked_documents
from topthree.services.planning.slots_ahead import next_slot_after
from topthree.services.proofing.freeze_letter import FrozenLetter, freeze_letter
from topthree.services.sending.letter_of_run import unsent_corrections
from topthree.services.sending.report_run import run_there
from topthree.services.wiring import Wiring
from topthree.services.writing.read_issue import read_issue
from topthree.store.corrections import CorrectionRow
from topthree.store.editors.editors import name_of_editor
from topthree.store.sending.corrected_letters import CorrectedLetterRow, keep_letter, newest_letter
from topthree.store.sending.runs import RunRow, lock_run


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedLetter:
    """The letter as its page says by now, for those who have not got it."""

    #: SHA-256 of its content: what an approval of it is bound to.
    digest: str
    #: Why it was corrected, newest first; only what the letter that goes out does not hold yet.
    notes: tuple[str, ...]
    #: What is not as it was sent.
    changes: tuple[FieldChange, ...]
    #: Why this editor cannot approve it; empty if they can.
    why_not: str
    #: Who approved it; empty: nobody has yet, and until then it goes to nobody.
    approved_by: str
    approved_at: datetime | None


def read_corrected_letter(
    session: Session, rule: ApprovalRule, run_id: RunId, editor: EditorView
) -> CorrectedLetter | None:
    """Return the corrected letter of the run, as this editor finds it; None: nothing is corrected.

    :raises NotFound: if there is no such run.
    """
    run = run_there(session, run_id)
    letter = newest_letter(session, run)
    new = unsent_corrections(session, run, letter)
    if letter is None and not new:
        return None
    content = corrected(session, run.issue_id).content
    standing = letter if letter and not new else None
    return CorrectedLetter(
        digest=content.digest(),
        notes=tuple(row.note for row in new),
        changes=compare_contents(read_issue(session, run.issue_id).content, content),
        why_not=why_not_approve(rule, editor.role, editor.id, _authorship(new)) if new else "",
        approved_by=name_of_editor(session, standing.approved_by) if standing else "",
        approved_at=standing.approved_at if standing else None,
    )


def approve_corrected_letter(
    wiring: Wiring, run_id: RunId, digest: str, editor: EditorView
) -> None:
    """Let the run send the corrected letter, exactly as it was read, from its next message on.

    Twice is harmless.

    :raises NotAllowed: if the rule excludes the editor, or their role was taken meanwhile.
    :raises Conflict: if the page says something else than what they read.
    :raises Invalid: if it is too long for a message.
    """
    with wiring.reading() as session:
        frozen = _frozen(session, wiring, run_id)
    with wiring.writing() as session:
        role = editor_now(session, editor).role
        require(role, Permission.APPROVE)
        run = lock_run(session, run_id)
        if run is None:
            raise LookupError(run_id)
        new = unsent_corrections(session, run, newest_letter(session, run))
        if not new:
            return
        why_not = why_not_approve(wiring.approval, role, editor.id, _authorship(new))
        if why_not:
            raise NotAllowed(why_not)
        if not digest == new[0].content.digest() == frozen.digest:
            message = "The page was corrected again after you opened it. Read it once more."
            raise Conflict(message)
        _write(session, run, frozen, (new[0].number, editor), wiring.clock())


def _frozen(session: Session, wiring: Wiring, run_id: RunId) -> FrozenLetter:
    """Render the letter as its page says, while no lock is held."""
    run = run_there(session, run_id)
    issue = read_issue(session, run.issue_id)
    content = corrected(session, issue.id).content
    edition = Edition(
        content=content,
        number=issue.number,
        day=run.day,
        next_day=next_slot_after(session, wiring.cadence, run.day),
        is_sample=issue.is_sample,
        documents=linked_documents(session, content),
    )
    return freeze_letter(wiring, edition)


def _write(
    session: Session, run: RunRow, frozen: FrozenLetter, by: tuple[int, EditorView], now: datetime
) -> None:
    number, editor = by
    letter = CorrectedLetterRow(
        run_id=run.id,
        number=number,
        approved_by=editor.id,
        approved_at=now,
        message=frozen.message,
        message_digest=frozen.message_digest,
        html=frozen.rendered.html,
        text=frozen.rendered.text,
    )
    keep_letter(session, run, letter)
    # The record in the issues folder is written anew, with this letter beside the first.
    run.recorded_at = None
    details = {"content": frozen.digest, "message": letter.message_digest}
    record(session, about_run(editor.who, Act.CORRECTED_LETTER_APPROVED, run, details), now)


def _authorship(corrections: Sequence[CorrectionRow]) -> Authorship:
    authors = [row.corrected_by for row in corrections if row.corrected_by is not None]
    return Authorship(authors=frozenset(authors), last=corrections[0].corrected_by)
