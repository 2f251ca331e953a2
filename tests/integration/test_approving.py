"""Approving, at the moment at which somebody takes the right to it away; and what ends it."""

from __future__ import annotations

import json

import pytest

from tests.support.installation import Installation, complete_content
from topthree.domain.audit.act import Act
from topthree.domain.editors.permission import Role
from topthree.domain.refusal import NotAllowed
from topthree.domain.writing.issue import IssueStatus
from topthree.services.agreeing.review_issue import (
    Asking,
    Reading,
    approve_issue,
    send_back_issue,
    submit_issue,
)
from topthree.services.audit.log import Wanted, list_entries
from topthree.services.editors.manage_editors import change_role, remove_editor
from topthree.services.identity.editor_view import EditorView
from topthree.services.writing.compose_issue import Save, create_issue, save_issue
from topthree.services.writing.read_issue import IssueView, read_issue


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


def standing(installation: Installation, issue: IssueView) -> IssueView:
    with installation.wiring.reading() as session:
        return read_issue(session, issue.id)


def status(installation: Installation, issue: IssueView) -> IssueStatus:
    return standing(installation, issue).status


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


def test_nothing_of_an_approval_is_left_when_it_is_taken_back(
    installation: Installation, waiting: IssueView, ben: EditorView
) -> None:
    approve(installation, waiting, ben)
    with installation.wiring.writing() as session:
        reason, now = "The date has changed.", installation.clock()
        send_back_issue(session, waiting.id, reason, ben, now)

    left = standing(installation, waiting)

    assert (left.status, left.approved_by, left.approved_at) == (IssueStatus.DRAFT, "", None)
    assert left.returned_because == "The date has changed."


def test_the_reason_for_which_an_issue_came_back_is_over_when_it_is_asked_for_again(
    installation: Installation, waiting: IssueView, ben: EditorView
) -> None:
    asking, now = Asking(issue_id=waiting.id, words="Better now."), installation.clock()
    with installation.wiring.writing() as session:
        send_back_issue(session, waiting.id, "The date is wrong.", ben, now)
        submit_issue(session, installation.wiring, asking, ben, now)

    assert standing(installation, waiting).returned_because == ""


def test_the_log_says_of_each_change_whether_it_ended_an_approval(
    installation: Installation, waiting: IssueView, ben: EditorView
) -> None:
    approve(installation, waiting, ben)
    for version in (1, 2):
        save = Save(
            issue_id=waiting.id, version=version, content=complete_content(f"Change {version}")
        )
        with installation.wiring.writing() as session:
            save_issue(session, save, ben, installation.clock())

    with installation.wiring.reading() as session:
        found = list_entries(session, Wanted(act=Act.ISSUE_SAVED), limit=9).entries

    assert [json.loads(each.details)["ended_an_approval"] for each in found] == [False, True]
