"""What the audit log tells beside an act reads as people speak, whatever stands in it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from topthree.domain.audit.act import Act
from topthree.domain.audit.act_details import DETAIL_TELLERS, details_words
from topthree.domain.audit.entry import Details

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("act", "details", "words"),
    [
        (
            Act.ISSUE_SAVED,
            {"ended_an_approval": False, "how": "autosaved", "version": 3},
            "version 3, by itself while somebody wrote",
        ),
        (Act.ISSUE_SENT_BACK, {"reason": "The office says Friday."}, "“The office says Friday.”"),
        (Act.ISSUE_TEST_SENT, {"addresses": 1}, "to 1 address"),
        (
            Act.SHARE_LINK_MADE,
            {"days": 7, "may_comment": True, "whom": "Mo"},
            "for “Mo”, good for 7 days, comments allowed",
        ),
        (
            Act.CALENDAR_CHANGED,
            {"change": "move", "note": "", "until": "2027-01-07"},
            "moved, to Thursday, January 7, 2027",
        ),
        (
            Act.SEND_ASKED,
            {"opens_at": "2026-11-23 15:10:00+00:00"},
            "to begin on Monday, November 23, 10:10 am EST",
        ),
        (
            Act.RUN_FINISHED,
            {"failed": 2, "queued": 0, "sent": 31_406, "status": "done"},
            "31,406 accepted by the relay, 2 refused or given up",
        ),
        (
            Act.EDITOR_ROLE_CHANGED,
            {"after": "editor", "before": "writer"},
            "from writer, to editor",
        ),
        (
            Act.AUDIT_LOG_EXPORTED,
            {"act": "issue-approved", "form": "csv", "who": "editor-3"},
            "as CSV, only by editor 3, only “approved the issue”",
        ),
    ],
)
def test_details_are_said_in_words(act: Act, details: Details, words: str) -> None:
    assert details_words(act, details, NEW_YORK) == words


@pytest.mark.parametrize(
    ("act", "details", "words"),
    [
        (Act.SETTINGS_FOUND, {"TOPTHREE_OWN_WORK": "allowed"}, "TOPTHREE_OWN_WORK: allowed"),
        ("of-a-later-version", {"seen_by": 3, "nothing": None}, "seen_by: 3"),
        (Act.ISSUE_PLANNED, {"after": "soon"}, "soon"),
        (Act.SHARE_LINK_MADE, {"days": "some"}, "some"),
        (Act.RUN_RECONCILED, {"counted as sent": "{0} {x}"}, "{0} {x} counted as sent"),
    ],
)
def test_what_there_are_no_words_for_is_told_as_it_was_written(
    act: str, details: Details, words: str
) -> None:
    assert details_words(act, details, NEW_YORK) == words


def test_words_are_kept_for_acts_that_there_are() -> None:
    assert set(DETAIL_TELLERS) <= set(Act)
