"""An issue that two people do not agree about yet, with everything that a review can show."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from tests.support.installation import Installation, complete_content
from topthree.domain.ids import IssueId
from topthree.services.agreeing.review_issue import Asking, Reading, approve_issue, submit_issue
from topthree.services.agreeing.share_draft import Sharing, end_share_link, make_share_link
from topthree.services.editors.manage_editors import list_editors
from topthree.services.identity.editor_view import EditorView
from topthree.services.writing.comments import Said, Speaker, add_comment, settle_comment
from topthree.services.writing.compose_issue import Save, create_issue, save_issue


def talk_about_an_issue(
    session: Session, installation: Installation, editor: EditorView
) -> IssueId:
    """Let an issue be approved, changed, commented on, shared and asked for once more."""
    wiring, now = installation.wiring, installation.clock()
    writer = next(each for each in list_editors(session) if each.name == "Kim")
    content = complete_content("What two think of it")
    issue = create_issue(session, content, writer, now)
    submit_issue(session, wiring, Asking(issue_id=issue.id), writer, now)
    reading = Reading(issue_id=issue.id, digest=issue.digest)
    approve_issue(session, wiring, reading, editor, now)
    later = replace(content, greeting=f"{'W' * 90} is new here.")
    save_issue(session, Save(issue_id=issue.id, version=1, content=later), writer, now)
    _comment_and_share(session, issue.id, editor, now)
    asking = Asking(issue_id=issue.id, colleague=editor.id, words="Please, by noon.")
    submit_issue(session, wiring, asking, writer, now)
    return issue.id


def _comment_and_share(
    session: Session, issue_id: IssueId, editor: EditorView, now: datetime
) -> None:
    text, speaker = f"See https://www.example.gov/{'x' * 120}", Speaker(editor_id=editor.id)
    comments = [
        add_comment(
            session,
            Said(issue_id=issue_id, place=place, text=text, form=f"form {place}"),
            speaker,
            now,
        )
        for place in (0, 1, 2, 3)
    ]
    settle_comment(session, comments[-1], editor, now, is_resolved=True)
    open_link, ended_link = (
        make_share_link(
            session,
            Sharing(issue_id=issue_id, days=7, may_comment=True, whom=whom, form=f"for {whom}"),
            editor,
            now,
        )
        for whom in ("", "W" * 80)
    )
    end_share_link(session, ended_link, editor, now)
    by_link = Said(issue_id=issue_id, place=2, text=text, form="by link")
    add_comment(session, by_link, Speaker(link_id=open_link, name="Mo"), now)
