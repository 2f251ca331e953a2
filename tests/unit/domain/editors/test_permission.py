"""The table of permissions: total, growing with each role, and the same as is written here."""

from __future__ import annotations

from itertools import pairwise, product

import pytest

from topthree.domain.editors.permission import PERMISSIONS, TABLE, Permission, Role, may, require
from topthree.domain.refusal import NotAllowed

#: Whoever changes what a role may do changes it here too, on purpose.
LOWEST = {
    Permission.READ_DESK: Role.WRITER,
    Permission.WRITE: Role.WRITER,
    Permission.SHARE: Role.WRITER,
    Permission.PAUSE_RUN: Role.WRITER,
    Permission.APPROVE: Role.EDITOR,
    Permission.SCHEDULE: Role.PUBLISHER,
    Permission.STEER_RUN: Role.PUBLISHER,
    Permission.CORRECT: Role.PUBLISHER,
    Permission.READ_AUDIT: Role.PUBLISHER,
    Permission.MANAGE_EDITORS: Role.ADMINISTRATOR,
}
EVERY = list(product(Role, Permission))


def test_the_table_has_every_permission() -> None:
    assert set(TABLE) == set(Permission) == set(LOWEST)


@pytest.mark.parametrize(("role", "permission"), EVERY)
def test_a_role_may_do_a_thing_from_the_lowest_role_on_that_may(
    role: Role, permission: Permission
) -> None:
    roles = list(Role)

    assert may(role, permission) == (roles.index(role) >= roles.index(LOWEST[permission]))


@pytest.mark.parametrize(("role", "permission"), EVERY)
def test_what_is_required_is_refused_to_exactly_those_who_may_not(
    role: Role, permission: Permission
) -> None:
    if may(role, permission):
        require(role, permission)
        return
    with pytest.raises(NotAllowed, match=f"Ask {LOWEST[permission].with_article} to do it"):
        require(role, permission)


def test_each_role_may_do_more_than_the_one_before_it() -> None:
    assert all(PERMISSIONS[lower] < PERMISSIONS[higher] for lower, higher in pairwise(Role))


def test_only_an_administrator_manages_people() -> None:
    managers = [role for role in Role if may(role, Permission.MANAGE_EDITORS)]

    assert managers == [Role.ADMINISTRATOR]
