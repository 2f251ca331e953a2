"""What axe finds on a page in the browser."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
# Of what is well, axe names one place only: a page may have a thousand.
_SHORT = {"resultTypes": ["violations"]}
_EVERYTHING = _SHORT | {
    "runOnly": {"type": "tag", "values": list(_TAGS)},
    # axe leaves this one out unless it is asked for by name.
    "rules": {"target-size": {"enabled": True}},
}
# What is left to ask in the other scheme: tests/architecture/test_colors.py holds that nothing but
# colors differs.
_COLORS = _SHORT | {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
}
_MUST_RUN = {"light": "target-size", "dark": "color-contrast"}
_PHONE = 320
_OUTCOMES = ("violations", "passes", "incomplete", "inapplicable")
_SCRIPT: str = Axe().axe_script


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
    is_dark = scheme == "dark"
    page.emulate_media(color_scheme="dark" if is_dark else "light")
    if not page.evaluate("'axe' in window"):
        page.evaluate(_SCRIPT)
    options = _COLORS if is_dark else _EVERYTHING
    results: Mapping[str, Any] = page.evaluate("options => axe.run(options)", options)
    ran = {rule["id"] for outcome in _OUTCOMES for rule in results[outcome]}
    if _MUST_RUN[scheme] not in ran:
        yield f"  {scheme}: the rule {_MUST_RUN[scheme]} did not run"
    for violation in results["violations"]:
        for node in violation["nodes"]:
            yield f"  {scheme}: {violation['help']} ({violation['id']}): {node['html']}"
