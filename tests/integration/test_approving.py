"""Approving, at the moment at which somebody takes the right to it away."""

from __future__ import annotations

import pytest

from tests.support.installation import Installation, complete_content
from topthree.domain.issue import IssueStatus
from topthree.domain.permission import Role
from topthree.domain.refusal import NotAllowed
from topthree.services.agreeing.review_issue import Asking, Reading, approve_issue, submit_issue
from topthree.services.editors.manage_editors import change_role, remove_editor
from topthree.services.identity.editor_view import EditorView
from topthree.services.writing.compose_issue import create_issue
from topthree.services.writing.read_desk import IssueView, read_issue


@pytest.fixture
def ben(installation: Installation) -> EditorView:
    return installation.add_editor("Ben", Role.EDITOR)


@pytest.fixture
def waiting(installation: Installation) -> IssueView:
    ann = installation.add_editor("Ann", Role.WRITER)
    with installation.wiring.writing() as session:
        issue = create_issue(session, complete_content(), ann, installation.clock())
        asking = Asking(issue_id=issue.id)
        return submit_issue(session, installation.wiring, asking, ann, installation.clock())


def approve(installation: Installation, issue: IssueView, editor: EditorView) -> None:
    """Approve as somebody who was let in a moment ago, with the role that they had then."""
    reading = Reading(issue_id=issue.id, digest=issue.digest)
    with installation.wiring.writing() as session:
        approve_issue(session, installation.wiring, reading, editor, installation.clock())


def status(installation: Installation, issue: IssueView) -> IssueStatus:
    with installation.wiring.reading() as session:
        return read_issue(session, issue.id).status


def test_a_role_that_was_taken_a_moment_ago_approves_nothing(
    installation: Installation, waiting: IssueView, ben: EditorView
) -> None:
    with installation.wiring.writing() as session:
        change_role(session, ben.id, Role.WRITER, None, installation.clock())

    with pytest.raises(NotAllowed, match="A writer may not approve an issue"):
        approve(installation, waiting, ben)

    assert status(installation, waiting) is IssueStatus.IN_REVIEW


def test_who_was_removed_a_moment_ago_approves_nothing(
    installation: Installation, waiting: IssueView, ben: EditorView
) -> None:
    with installation.wiring.writing() as session:
        remove_editor(session, ben.id, None, installation.clock())

    with pytest.raises(NotAllowed, match="not at the desk any more"):
        approve(installation, waiting, ben)

    assert status(installation, waiting) is IssueStatus.IN_REVIEW
