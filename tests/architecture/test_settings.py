from __future__ import annotations

import re

from tests.support.sources import PACKAGE, ROOT

SETTING = re.compile(r"\bTOPTHREE_[A-Z0-9_]*[A-Z0-9]\b")


def test_every_setting_is_documented_and_every_documented_setting_exists() -> None:
    modules = (PACKAGE / "settings").glob("*.py")
    read = {name for module in modules for name in SETTING.findall(module.read_text())}
    rows = [
        line for line in (ROOT / "docs" / "settings.md").read_text().splitlines() if line[:1] == "|"
    ]
    documented = {name for row in rows for name in SETTING.findall(row.split("|")[1])}

    assert read, "topthree/settings reads no setting at all."
    assert read - documented == set(), "These are missing from the table in docs/settings.md."
    assert documented - read == set(), "These stand in docs/settings.md, but nothing reads them."
