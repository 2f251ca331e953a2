"""Each act that the audit log knows, with the words that people read.

An act is written down by its code, which stays; its words may change. They go on from the name of
whoever did it: “Pat Lee approved the issue”.
"""

from __future__ import annotations

from enum import StrEnum


class Act(StrEnum):
    """Something that was done, by its code."""

    words: str

    def __new__(cls, code: str, words: str) -> Act:  # noqa: PYI034 - an enumeration has no heirs
        """Make the member of this code, and let it know its words."""
        act = str.__new__(cls, code)
        act._value_ = code
        act.words = words
        return act

    ISSUE_CREATED = "issue-created", "began an issue"
    ISSUE_SAVED = "issue-saved", "changed the issue"
    ISSUE_SUBMITTED = "issue-submitted", "asked for approval"
    ISSUE_APPROVED = "issue-approved", "approved the issue"
    ISSUE_SENT_BACK = "issue-sent-back", "sent the issue back"
    ISSUE_CORRECTED = "issue-corrected", "corrected the page of the issue"
    CORRECTION_BEGUN = "correction-begun", "began a correction of the issue"
    ISSUE_PLANNED = "issue-planned", "put the issue on a slot"
    ISSUE_UNPLANNED = "issue-unplanned", "took the issue off its slot"
    ISSUE_TEST_SENT = "issue-test-sent", "sent a test"
    SHARE_LINK_MADE = "share-link-made", "made a link to the draft"
    SHARE_LINK_ENDED = "share-link-ended", "ended a link to the draft"
    ISSUES_IMPORTED = "issues-imported", "took issues over from files"

    ITEM_CREATED = "item-created", "added an item to the bank"
    ITEM_SAVED = "item-saved", "changed an item of the bank"
    ITEM_PUT = "item-put", "put an item of the bank into an issue"
    ITEM_TAKEN_OUT = "item-taken-out", "took an item out of an issue, back into the bank"
    ITEM_DELETED = "item-deleted", "deleted an item of the bank"

    SLOT_HELD = "slot-held", "held the slot back"
    SLOT_EMPTY = "slot-empty", "let the slot pass without a letter"
    BREAKS_TAKEN_OVER = "breaks-taken-over", "took school breaks over"
    BREAK_REMOVED = "break-removed", "removed a school break"
    CALENDAR_CHANGED = "calendar-changed", "changed the calendar"

    SEND_ASKED = "send-asked", "asked to send the issue"
    SEND_TAKEN_BACK = "send-taken-back", "took back that the issue is sent"
    SEND_STOPPED = "send-stopped", "did not send the issue that somebody asked for"

    RUN_OPENED = "run-opened", "began to send the issue"
    RUN_PAUSED = "run-paused", "paused the run"
    RUN_RESUMED = "run-resumed", "let the run go on"
    RUN_CANCELLED = "run-cancelled", "stopped the run for good"
    RUN_SENT_TO_MISSED = "run-sent-to-missed", "sent it to those who were missed"
    CORRECTED_LETTER_APPROVED = "corrected-letter-approved", "approved the corrected letter"
    RUN_HELD_SETTLED = "run-held-settled", "decided about letters in doubt"
    RUN_RECONCILED = "run-reconciled", "compared the run with the relay’s log"
    RUN_FINISHED = "run-finished", "finished the run"

    EDITOR_ADDED = "editor-added", "added an editor"
    EDITOR_REMOVED = "editor-removed", "removed an editor"
    EDITOR_ROLE_CHANGED = "editor-role-changed", "changed what an editor may do"
    EDITOR_INVITED = "editor-invited", "invited an editor by mail"
    SIGN_IN_LINK_PRINTED = "sign-in-link-printed", "printed a link to sign in"
    PASSKEY_ADDED = "passkey-added", "added a passkey"
    PASSKEY_RENAMED = "passkey-renamed", "gave a passkey another name"
    PASSKEY_REMOVED = "passkey-removed", "removed a passkey"
    IDENTITY_LINKED = "identity-linked", "came by single sign-on for the first time"
    SIGNED_IN = "signed-in", "signed in"
    SIGNED_OUT = "signed-out", "signed out"
    TURN_MAIL_CHOSEN = "turn-mail-chosen", "chose whether mail tells them of their turn"
    SESSIONS_ENDED = "sessions-ended", "signed out elsewhere"

    PEOPLE_VIEWED = "people-viewed", "looked at subscribers"
    PEOPLE_EXPORTED = "people-exported", "exported subscribers"
    PEOPLE_IMPORTED = "people-imported", "imported subscribers"
    SUPPRESSED = "suppressed", "closed an address to our mail"
    SUPPRESSION_LIFTED = "suppression-lifted", "opened an address to our mail again"

    SETTINGS_FOUND = "settings-found", "found other settings than before"
    DATABASE_BACKED_UP = "database-backed-up", "made a backup"
    DATABASE_RESTORED = "database-restored", "found a database restored from a backup"
    DATABASE_COPIED = "database-copied", "copied the database"

    AUDIT_LOG_EXPORTED = "audit-log-exported", "exported the audit log"


def act_words(code: str) -> str:
    """Return the words of the act with this code; of one that is not known here, the code."""
    known = {act.value: act.words for act in Act}
    return known.get(code, code)
