"""Messages to one person about what they just asked for."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from tests.unit.render.letters import (
    CONTENT,
    NEWSLETTER,
    declarations,
    document,
    hrefs,
    style_blocks,
    words_of,
)
from tests.unit.render.palette import contrast, dark_pairs, light_pairs
from topthree.domain.notice import NoticeKind
from topthree.render.notices import (
    render_already_subscribed,
    render_confirmation,
    render_sign_in,
)
from topthree.render.turns import TurnMail, render_turn
from topthree.render.values import RenderedMessage

CONFIRMATION = render_confirmation(
    NEWSLETTER,
    code="418206",
    confirm_url=NEWSLETTER.confirm_url("CONFIRM-TOKEN"),
    disown_url=NEWSLETTER.disown_url("DISOWN-TOKEN"),
)
ALREADY = render_already_subscribed(NEWSLETTER)
SIGN_IN = render_sign_in(NEWSLETTER, code="204816", url=NEWSLETTER.sign_in_url("SIGN-IN-TOKEN"))
ASKED = TurnMail(
    kind=NoticeKind.ASKED_TO_APPROVE,
    issue="<b>" + "long " * 23,
    day="Thursday, December 3, 2026",
    moment="Thursday, December 3, 6:00 am EST",
    by="Ann <script>",
    is_named=True,
    words="Please <i>by noon</i>: " + "soon " * 90,
    state="draft",
    url=NEWSLETTER.review_url(7),
)
_TURNS = [kind for kind in NoticeKind if kind.value.startswith(("asked", "issue-", "appr", "not"))]
TURNS = {
    f"{kind}{'' if is_full else ', in few words'}": render_turn(
        NEWSLETTER,
        replace(ASKED, kind=kind)
        if is_full
        else replace(
            ASKED, kind=kind, words="", is_named=False, day="Thursday, May 7, 2026", issue="A"
        ),
    )
    for kind in _TURNS
    for is_full in (True, False)
}
ALL = pytest.mark.parametrize(
    "notice",
    [CONFIRMATION, ALREADY, SIGN_IN, *TURNS.values()],
    ids=["confirmation", "already", "sign-in", *TURNS],
)


def shown(notice: RenderedMessage) -> str:
    body = document(notice.html).find("body")
    assert body is not None
    return words_of(body)


def test_a_confirmation_brings_a_code_and_a_button() -> None:
    assert CONFIRMATION.subject == "Your code for Teachers’ Top Three: 418 206"
    assert "\n    418 206\n" in CONFIRMATION.text
    assert "418 206" in shown(CONFIRMATION)
    assert NEWSLETTER.confirm_url("CONFIRM-TOKEN") in hrefs(CONFIRMATION.html)
    assert f"<{NEWSLETTER.confirm_url('CONFIRM-TOKEN')}>" in CONFIRMATION.text


def test_a_confirmation_offers_to_never_write_again() -> None:
    """R-32, R-129."""
    assert NEWSLETTER.disown_url("DISOWN-TOKEN") in hrefs(CONFIRMATION.html)
    assert f"<{NEWSLETTER.disown_url('DISOWN-TOKEN')}>" in CONFIRMATION.text


def test_a_confirmation_holds_nothing_of_the_letter_itself() -> None:
    """R-32: whoever did not ask for the letter gets none of it."""
    links = {urlsplit(url).path.split("/")[1] for url in hrefs(CONFIRMATION.html)}

    assert links == {"c", "w", "privacy"}
    assert not any(item.headline in CONFIRMATION.html for item in CONTENT.items)


def test_who_gets_the_letter_already_need_not_do_anything() -> None:
    assert "nothing needs doing" in shown(ALREADY)
    assert "nothing needs doing" in ALREADY.text.replace("\n", " ")


def test_an_editor_gets_a_way_in_for_a_quarter_of_an_hour() -> None:
    assert SIGN_IN.subject == "Your code for the desk: 204 816"
    assert "15 minutes" in SIGN_IN.text
    assert NEWSLETTER.sign_in_url("SIGN-IN-TOKEN") in hrefs(SIGN_IN.html)
    assert f"<{NEWSLETTER.sign_in_url('SIGN-IN-TOKEN')}>" in SIGN_IN.text


def test_there_is_a_message_for_each_turn_and_it_leads_to_the_desk() -> None:
    assert len(_TURNS) == 7
    for notice in TURNS.values():
        assert NEWSLETTER.review_url(7) in hrefs(notice.html)


def test_what_editors_typed_is_text_in_a_message() -> None:
    notice = TURNS["asked-to-approve"]

    assert "Ann <script> says: “Please <i>by noon</i>" in shown(notice)
    assert not re.search(r"<script|<i>", notice.html)


@ALL
def test_a_notice_says_who_writes_and_why(notice: RenderedMessage) -> None:
    """R-69."""
    for said in (NEWSLETTER.agency, NEWSLETTER.postal_address, "This message was sent once"):
        assert said in shown(notice)
        assert said in notice.text
    assert NEWSLETTER.privacy_url in hrefs(notice.html)


@ALL
def test_a_notice_is_built_like_a_letter(notice: RenderedMessage) -> None:
    """R-57, R-58, R-66."""
    root = document(notice.html)

    assert notice.html.startswith("<!DOCTYPE html>")
    assert (root.get("lang"), root.get("dir")) == ("en", "ltr")
    assert {table.get("role") for table in root.iter("table")} == {"presentation"}
    assert len(list(root.iter("h1"))) == 1
    assert words_of(root.findall("head/title")[0]) == notice.subject
    assert len(style_blocks(notice.html)) == 1
    assert not re.search(r"\bsrc=|javascript:|@import", notice.html)


@ALL
def test_a_notice_can_be_read_in_the_light_and_in_the_dark(notice: RenderedMessage) -> None:
    """R-55, R-61."""
    for pairs in (light_pairs(notice.html), dark_pairs(notice.html)):
        for words, foreground, background in pairs:
            assert contrast(foreground, background) >= 4.5, words


@ALL
def test_the_text_of_a_notice_has_every_link_and_short_lines(notice: RenderedMessage) -> None:
    """R-13, R-72."""
    lines = notice.text.splitlines()

    assert {f"<{url}>" for url in hrefs(notice.html)} <= set(lines)
    assert all(len(line) <= 74 or line.startswith("<") for line in lines)


@ALL
def test_no_placeholder_is_left_in_a_notice(notice: RenderedMessage) -> None:
    """R-71."""
    body = re.sub(r"<style>.*?</style>", "", notice.html, flags=re.DOTALL)

    assert not re.search(r"\{\{|\{%|\}\}|None", body + notice.text + notice.subject)


@ALL
def test_every_text_of_a_notice_has_a_size_and_a_face(notice: RenderedMessage) -> None:
    """R-55."""
    for paragraph in document(notice.html).iter("p"):
        assert {"font-size", "font-family", "line-height"} <= set(declarations(paragraph))
