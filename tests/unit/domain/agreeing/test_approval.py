"""Who may approve what, over every role and every rule."""

from __future__ import annotations

from itertools import product

import pytest

from topthree.domain.agreeing.approval import (
    ApprovalRule,
    Authorship,
    OwnWork,
    may_be_asked,
    why_not_approve,
)
from topthree.domain.editors.permission import PERMISSIONS, Permission, Role
from topthree.domain.ids import EditorId

ANA, BEN, CAT = EditorId(1), EditorId(2), EditorId(3)
ANA_THEN_BEN = Authorship(authors=frozenset({ANA, BEN}), last=BEN)


@pytest.mark.parametrize(
    ("own_work", "may"),
    [
        (OwnWork.NEVER, {CAT}),
        (OwnWork.NOT_THE_LAST_CHANGE, {ANA, CAT}),
        (OwnWork.ALLOWED, {ANA, BEN, CAT}),
    ],
)
def test_what_counts_as_ones_own_is_decided_by_the_rule(
    own_work: OwnWork, may: set[EditorId]
) -> None:
    rule = ApprovalRule(own_work=own_work)

    asked = may_be_asked(rule, [(each, Role.EDITOR) for each in (ANA, BEN, CAT)], ANA_THEN_BEN)

    assert set(asked) == may


def test_out_of_the_box_nobody_approves_words_of_their_own() -> None:
    assert ApprovalRule().own_work is OwnWork.NEVER


@pytest.mark.parametrize(("role", "own_work"), list(product(Role, OwnWork)))
def test_no_rule_gives_a_role_what_the_table_of_permissions_does_not(
    role: Role, own_work: OwnWork
) -> None:
    rule = ApprovalRule(roles=frozenset(Role), own_work=own_work)

    refused = why_not_approve(rule, role, CAT, ANA_THEN_BEN)

    assert (refused == "") == (Permission.APPROVE in PERMISSIONS[role])


def test_an_installation_may_leave_approving_to_publishers() -> None:
    rule = ApprovalRule(roles=frozenset({Role.PUBLISHER}))

    refused = why_not_approve(rule, Role.EDITOR, CAT, ANA_THEN_BEN)

    assert refused == "An editor may not approve an issue. Ask a publisher to read it."
    assert not why_not_approve(rule, Role.PUBLISHER, CAT, ANA_THEN_BEN)


def test_what_nobody_at_the_desk_wrote_anyone_with_the_role_approves() -> None:
    from_a_file = Authorship(authors=frozenset(), last=None)

    assert not why_not_approve(ApprovalRule(), Role.EDITOR, ANA, from_a_file)
