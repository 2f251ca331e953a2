"""What axe finds on a page in the browser."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_OPTIONS = {
    "runOnly": {"type": "tag", "values": list(_TAGS)},
    # axe leaves this one out unless it is asked for by name.
    "rules": {"target-size": {"enabled": True}},
}
_PHONE = 320
_OUTCOMES = ("violations", "passes", "incomplete", "inapplicable")


def assert_accessible(page: Page, *schemes: str) -> None:
    """Fail if axe finds anything on the page as it stands; in light and in dark if not said."""
    # A form's answer may still be waiting for its style sheet.
    page.wait_for_load_state()
    problems = [
        problem for scheme in schemes or ("light", "dark") for problem in _problems_in(page, scheme)
    ]
    page.emulate_media(color_scheme="light")
    if problems:
        raise AssertionError(f"axe on {page.url}:\n" + "\n".join(problems))


def assert_fits_a_phone(page: Page) -> None:
    """Fail if a screen of 320 px has to be scrolled sideways."""
    size = page.viewport_size
    page.set_viewport_size({"width": _PHONE, "height": 900})
    wide = page.evaluate("document.documentElement.scrollWidth")
    if size:
        page.set_viewport_size(size)
    if wide > _PHONE:
        raise AssertionError(f"{page.url} is {wide} px wide on a screen of {_PHONE} px")


def _problems_in(page: Page, scheme: str) -> Iterator[str]:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    results: Mapping[str, Any] = Axe().run(page, options=_OPTIONS).response
    ran = {rule["id"] for outcome in _OUTCOMES for rule in results[outcome]}
    if "target-size" not in ran:
        yield f"  {scheme}: the rule target-size did not run"
    for violation in results["violations"]:
        for node in violation["nodes"]:
            yield f"  {scheme}: {violation['help']} ({violation['id']}): {node['html']}"
