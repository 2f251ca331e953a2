"""What a preview shows is the real thing, under conditions of its own."""

from __future__ import annotations

import re
from pathlib import Path

from tests.unit.render.letters import edition_with, rendered
from topthree.domain.writing.item import Item
from topthree.render.look import (
    mail_in_scheme,
    styles_in_scheme,
    styles_on_paper,
    with_idle_links,
    without_pictures,
)

STATIC = Path(__file__).resolve().parents[3] / "topthree" / "web" / "static"


def rules_for(mail: str, condition: str) -> str:
    found = re.search(rf"@media {re.escape(condition)}{{(.*?}})}}", mail)
    assert found, f"The mail has no rules for {condition}."
    return found[1]


def test_in_the_dark_the_rules_for_dark_programs_apply() -> None:
    sent = rendered().html

    dark = mail_in_scheme(sent, is_dark=True)

    assert rules_for(dark, "(min-width: 0)") == rules_for(sent, "(prefers-color-scheme:dark)")
    assert 'name="color-scheme" content="dark"' in dark
    assert ":root{color-scheme:dark!important;supported-color-schemes:dark!important}" in dark


def test_in_the_light_no_rule_for_dark_programs_applies_on_a_dark_screen_either() -> None:
    sent = rendered().html

    light = mail_in_scheme(sent, is_dark=False)

    assert rules_for(light, "(max-width: 0)") == rules_for(sent, "(prefers-color-scheme:dark)")
    assert "prefers-color-scheme" not in light
    assert "light dark" not in light


def test_what_an_editor_writes_about_style_sheets_stays() -> None:
    words = "Write color-scheme: light dark, or @media (prefers-color-scheme: dark)."
    written = Item(headline="On paper", body=words)

    dark = mail_in_scheme(rendered(edition_with(written)).html, is_dark=True)

    assert words in dark


def test_on_paper_the_rules_for_print_apply_and_those_for_the_dark_do_not() -> None:
    css = (STATIC / "tokens.css").read_text() + (STATIC / "site.css").read_text()

    paper = styles_on_paper(css + "@media screen and (min-width: 1px) { p { color: red } }")

    assert "@media print" not in paper
    assert paper.count("@media all {") == css.count("@media print") >= 2
    assert "@media not all and (min-width: 1px)" in paper
    assert "@media (max-width: 0) {\n  :root {\n    --paper: #141a18" in paper


def test_a_page_in_the_dark_takes_its_dark_colors() -> None:
    dark = styles_in_scheme((STATIC / "tokens.css").read_text(), is_dark=True)

    assert "@media (min-width: 0) {\n  :root {\n    --paper: #141a18" in dark
    assert "prefers-color-scheme" not in dark


def test_a_picture_that_is_blocked_leaves_its_words_and_its_room() -> None:
    mail = '<p>a</p><img src="https://x.example/a.jpg" alt="a > b" width="600"><img alt="" src=x>'

    blocked = without_pictures(mail)

    assert blocked == '<p>a</p><img alt="a > b" width="600"><img alt="">'


def test_a_link_leads_out_of_the_frame_but_not_one_to_a_place_in_it() -> None:
    page = '<a class="x" href="https://x.example/">x</a><a href="#item-2">2</a><a id="y">y</a>'

    idle = with_idle_links(page)

    assert idle.startswith('<a target="_blank" class="x" href="https://x.example/">')
    assert idle.count("target=") == 1
