"""Where no comment is taken any more."""

from __future__ import annotations

import pytest

from tests.support.going_out import begin_run
from tests.support.installation import Installation, complete_content
from topthree.domain.editors.permission import Role
from topthree.domain.ids import CommentId, IssueId
from topthree.domain.refusal import Conflict
from topthree.services.identity.editor_view import EditorView
from topthree.services.writing.comments import Said, Speaker, add_comment
from topthree.services.writing.compose_issue import create_issue
from topthree.store.agreeing.comments import CommentRow


@pytest.fixture
def ben(installation: Installation) -> EditorView:
    return installation.add_editor("Ben", Role.EDITOR)


def say(installation: Installation, issue_id: IssueId, editor: EditorView) -> CommentId:
    said = Said(issue_id=issue_id, place=0, text="One word more.", form="a form")
    with installation.wiring.writing() as session:
        speaker = Speaker(editor_id=editor.id)
        return add_comment(session, said, speaker, installation.clock())


def test_an_issue_that_has_gone_out_takes_no_comment(
    installation: Installation, ben: EditorView
) -> None:
    begin_run(installation)

    with pytest.raises(Conflict, match="has gone out, so a comment would change nothing"):
        say(installation, IssueId(1), ben)


def test_five_hundred_comments_are_settled_in_talk(
    installation: Installation, ben: EditorView
) -> None:
    now = installation.clock()
    with installation.wiring.writing() as session:
        issue_id = create_issue(session, complete_content(), ben, now).id
        session.add_all(
            CommentRow(
                issue_id=issue_id,
                place=1,
                text="x",
                by=ben.id,
                link_id=None,
                name="",
                at=now,
                form=f"form {each}",
            )
            for each in range(499)
        )

    say(installation, issue_id, ben)

    with pytest.raises(Conflict, match="has 500 comments"):
        say(installation, issue_id, ben)
