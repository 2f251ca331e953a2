"""The settings about agreeing: who may approve an issue, and whether their own work."""

from __future__ import annotations

from collections.abc import Mapping

from topthree.domain.agreeing.approval import ApprovalRule, OwnWork
from topthree.domain.editors.permission import PERMISSIONS, Permission, Role
from topthree.settings.values import SettingsError


def approval_of(values: Mapping[str, str]) -> ApprovalRule:
    """Return what this installation has decided about approvals."""
    return ApprovalRule(roles=_approvers(values), own_work=_own_work(values))


def _approvers(values: Mapping[str, str]) -> frozenset[Role]:
    able = [role for role in Role if Permission.APPROVE in PERMISSIONS[role]]
    given = values.get("TOPTHREE_APPROVERS", "")
    names = {name.strip().lower() for name in given.split(",") if name.strip()}
    if names - set(able):
        known = ", ".join(able)
        raise SettingsError(
            f"TOPTHREE_APPROVERS is “{given}”. Name roles that may approve, of: {known}."
        )
    return frozenset(role for role in able if role in names) or frozenset(able)


def _own_work(values: Mapping[str, str]) -> OwnWork:
    given = values.get("TOPTHREE_OWN_WORK", OwnWork.NEVER)
    if given not in set(OwnWork):
        known = "”, “".join(OwnWork)
        raise SettingsError(f"TOPTHREE_OWN_WORK is “{given}”. Set it to one of “{known}”.")
    return OwnWork(given)
