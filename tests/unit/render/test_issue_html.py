"""The HTML part of an issue, after inlining: what mail clients get."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import pytest

from tests.unit.render.letters import (
    CONTENT,
    EASTERN,
    EDITION,
    NEWSLETTER,
    OPPORTUNITY,
    RESOURCE,
    declarations,
    document,
    edition_with,
    hrefs,
    rendered,
    style_blocks,
    words_of,
)
from tests.unit.render.palette import contrast, dark_pairs, light_pairs, negated
from topthree.domain.newsletter import UNSUBSCRIBE_PLACEHOLDER
from topthree.domain.writing.item import Contributor, Item, Link, Participation
from topthree.render.issue_message import render_issue, size_problems

#: R-64: what Outlook's Word engine and Gmail both understand.
INLINE_PROPERTIES = {
    *("color", "background-color", "font-family", "font-size", "font-style", "font-weight"),
    *("line-height", "text-align", "text-decoration", "padding", "margin", "width", "max-width"),
    *("border-top", "border-bottom", "border-style", "border-color", "border-width"),
    *("display", "vertical-align", "mso-line-height-rule"),
}
ATTACKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title><script>alert(1)</script>",
    "</style><style>@import url(https://evil.example/x.css)",
    "<!--",
    "{{7*7}}",
    "{% include '/etc/passwd' %}",
    "{subject.__class__}",
    "%(name)s",
]


def html() -> str:
    return rendered().html


def all_elements(markup: str) -> Iterator[Element]:
    return document(markup).iter("*")


def element(markup: str, path: str) -> Element:
    found = document(markup).find(path)
    assert found is not None, path
    return found


def issue_text(markup: str) -> str:
    return words_of(element(markup, "body"))


def test_an_issue_is_far_smaller_than_what_gmail_cuts() -> None:
    """R-53."""
    whole = html().encode()

    assert len(whole) < 80_000
    assert whole.index(UNSUBSCRIBE_PLACEHOLDER.encode()) < 90_000
    assert size_problems(rendered()) == ()


def test_an_issue_that_would_be_cut_says_so() -> None:
    """R-53: the way out would be cut off with the end."""
    long = replace(RESOURCE, body="\n".join(["- one more entry of a very long list"] * 500))

    [problem] = size_problems(render_issue(edition_with(long), NEWSLETTER, time_zone=EASTERN))

    assert problem.field == "body"
    assert "Shorten the longest item" in problem.message


def test_the_styles_are_few_and_of_a_kind_gmail_keeps() -> None:
    """R-54."""
    [kept] = style_blocks(html())

    assert len(kept) <= 8_192
    assert not re.search(r"@[^{]*\{[^}]*@", kept)
    assert not re.search(r"rgba?\([^)]* ", kept)
    assert [each.tag for each in all_elements(html()) if each.tag == "style"] == ["style"]
    assert element(html(), "head/style") is not None


def test_every_progressive_declaration_wins_over_the_inlined_ones() -> None:
    """R-56."""
    [kept] = style_blocks(html())

    found = re.findall(r"([a-z-]+):([^;{}()]+)(?=[;}])", kept)

    assert len(found) > 30
    assert [each for each in found if not each[1].endswith("!important")] == []


def test_the_document_says_its_language_direction_and_title() -> None:
    """R-57."""
    root = document(html())
    article = element(html(), "body/div")

    assert html().startswith("<!DOCTYPE html>")
    assert (root.get("lang"), root.get("dir")) == ("en", "ltr")
    assert (element(html(), "body").get("lang"), article.get("lang")) == ("en", "en")
    assert article.get("role") == "article"
    assert words_of(element(html(), "head/title")) == CONTENT.subject
    metas = {each.get("name") or "charset": each for each in root.iter("meta")}
    assert {"charset", "viewport", "color-scheme"} <= set(metas)


def test_tables_are_for_layout_and_headings_for_order() -> None:
    """R-58."""
    levels = [each.tag for each in all_elements(html()) if re.fullmatch(r"h\d", each.tag)]

    assert {table.get("role") for table in document(html()).iter("table")} == {"presentation"}
    assert levels == ["h1", "h2", "h2", "h2"]
    assert len(list(document(html()).iter("li"))) == 4


def test_a_link_makes_sense_by_itself() -> None:
    """R-60."""
    targets: dict[str, set[str]] = {}
    for link in document(html()).iter("a"):
        words = words_of(link)
        assert not re.search(r"https?://|click here|read more", words, re.IGNORECASE)
        targets.setdefault(words, set()).add(link.get("href", ""))
        is_button = "btnlink" in link.get("class", "")
        assert is_button or declarations(link)["text-decoration"] == "underline"

    headlines = {item.headline for item in CONTENT.items}
    assert all(len(found) == 1 for words, found in targets.items() if words not in headlines)


def test_text_has_contrast_in_the_light() -> None:
    """R-55, R-61: also where no style block is taken, since these colors are inlined."""
    for words, foreground, background in light_pairs(html()):
        assert contrast(foreground, background) >= 4.5, words


def test_text_has_contrast_where_a_client_turns_the_colors_round() -> None:
    """R-61, R-63: Gmail does so by itself and takes no block for dark mode."""
    for words, foreground, background in light_pairs(html()):
        assert contrast(negated(foreground), negated(background)) >= 4.5, words


def test_text_has_contrast_in_the_dark() -> None:
    """R-61, R-63."""
    dark = list(dark_pairs(html()))

    assert {background for _, _, background in dark} >= {(20, 26, 24), (147, 211, 192)}
    for words, foreground, background in dark:
        assert contrast(foreground, background) >= 4.5, words


def test_text_is_large_and_what_is_pressed_larger() -> None:
    """R-62."""
    body = [each for each in all_elements(html()) if "text" in each.get("class", "").split()]
    button = declarations(element(html(), ".//a[@class='btnlink']"))

    assert body
    for paragraph in body:
        size, line = (
            int(declarations(paragraph)[name][:-2]) for name in ("font-size", "line-height")
        )
        assert size >= 16
        assert line >= 1.5 * size
    assert int(button["line-height"][:-2]) + 2 * int(button["border-width"].split("px")[0]) >= 44


def test_only_styles_that_every_client_knows_are_inlined() -> None:
    """R-64."""
    for each in all_elements(html()):
        declared = declarations(each)
        assert set(declared) <= INLINE_PROPERTIES
        assert "padding" not in declared or each.tag == "td" or declared["padding"] == "0"
        assert not re.search(
            r"var\(|calc\(|clamp\(|url\(|rgb|rem\b|-\d", " ".join(declared.values())
        )
        assert declared.get("display", "block") in {"block", "none"}


def test_outlook_gets_a_table_of_its_own() -> None:
    """R-65."""
    ghost = re.search(r"<!--\[if mso\]><table[^>]*>.*?<!\[endif\]-->", html())

    assert ghost is not None
    assert 'width="600"' in ghost.group()
    assert html().count("<!--[if mso]>") == html().count("<![endif]-->") == 3
    assert "mso-line-height-rule:exactly" in html()


def test_nothing_in_the_mail_acts_or_loads() -> None:
    """R-59, R-66, R-73: no picture, no pixel, no script, nothing of anybody else."""
    active = {
        *("script", "form", "input", "iframe", "video", "audio", "object", "embed", "link", "img"),
        *("svg", "base", "button"),
    }

    assert not active & {each.tag for each in all_elements(html())}
    assert not re.search(r"@import|@font-face|url\(|data:|javascript:|\bsrc=|\bon\w+=", html())


def test_links_lead_where_the_editor_or_the_letter_says_and_nowhere_in_between() -> None:
    """R-73."""
    hosts = {urlsplit(url).hostname for url in hrefs(html()) if not url.startswith("#")}

    assert hosts == {"files.example.gov", "example.gov", "letters.example.gov"}


@pytest.mark.parametrize("attack", ATTACKS)
def test_markup_in_any_field_is_words(attack: str) -> None:
    """R-67, T14, T27."""
    item = Item(
        section=OPPORTUNITY.section,
        kicker=attack,
        headline=attack,
        body=f"`{attack}`",
        link=Link(label=attack, url="https://example.gov/?q=" + attack.replace(" ", "")),
        contributor=Contributor(name=attack, role=attack, school=attack),
        participation=Participation(place=attack, closes_on=EDITION.day),
    )
    content = replace(
        CONTENT, subject=attack, preheader=attack, greeting=attack, items=(item, item, item)
    )
    edition = replace(EDITION, content=content)
    newsletter = replace(NEWSLETTER, name=attack, agency=attack, postal_address=attack)

    message = render_issue(edition, newsletter, time_zone=EASTERN)

    tags = [each.tag for each in all_elements(message.html)]
    plain = [each.tag for each in all_elements(_same_shape())]
    assert tags == plain
    assert words_of(element(message.html, ".//h1")) == attack
    assert words_of(element(message.html, "head/title")) == attack
    assert message.subject == attack
    assert attack in message.text


def _same_shape() -> str:
    """Render the same issue with a harmless word in every field."""
    item = Item(
        section=OPPORTUNITY.section,
        kicker="word",
        headline="word",
        body="`word`",
        link=Link(label="word", url="https://example.gov/"),
        contributor=Contributor(name="word", role="word", school="word"),
        participation=Participation(place="word", closes_on=EDITION.day),
    )
    content = replace(
        CONTENT, subject="word", preheader="word", greeting="word", items=(item, item, item)
    )
    return rendered(replace(EDITION, content=content)).html


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "//evil.example", "data:text/html,x", "/elsewhere"]
)
def test_an_item_never_links_to_what_is_no_site(url: str) -> None:
    """T15: the desk refuses it, and so does the mail."""
    message = rendered(edition_with(replace(RESOURCE, link=Link(label="All of it", url=url))))

    assert url not in message.html + message.text


def test_the_preheader_is_the_first_thing_read() -> None:
    """R-68: and it is there to be seen, since hidden text is what spam does."""
    assert issue_text(html()).startswith(CONTENT.preheader)
    assert not re.search(r"display:\s*none|font-size:\s*0|opacity", html())


def test_the_footer_says_who_why_and_how_to_leave() -> None:
    """R-31, R-69."""
    for said in (
        NEWSLETTER.agency,
        NEWSLETTER.postal_address,
        "You get this because you subscribed to Teachers’ Top Three.",
        "Unsubscribe from this letter",
        "All past issues",
        "What we keep about you",
    ):
        assert said in issue_text(html())
        assert said in rendered().text.replace("\n", " ")
    assert NEWSLETTER.unsubscribe_url(UNSUBSCRIBE_PLACEHOLDER) in hrefs(html())
    assert {NEWSLETTER.archive_url, NEWSLETTER.privacy_url} <= hrefs(html())


def test_reading_on_the_web_leads_to_everybodys_page() -> None:
    """R-70: only the two links to leave are a recipient's own."""
    own = {url for url in hrefs(html()) if UNSUBSCRIBE_PLACEHOLDER in url}

    assert own == {NEWSLETTER.unsubscribe_url(UNSUBSCRIBE_PLACEHOLDER)}
    assert NEWSLETTER.issue_url(EDITION.key) in hrefs(html())
    assert (
        html().count(UNSUBSCRIBE_PLACEHOLDER) == rendered().text.count(UNSUBSCRIBE_PLACEHOLDER) == 1
    )


def test_no_template_syntax_is_left() -> None:
    """R-71."""
    assert not re.search(
        r"\{\{|\{%|\{#|\}\}(?!\s*$)", re.sub(r"<style>.*?</style>", "", html(), flags=re.DOTALL)
    )
    assert "None" not in issue_text(html())


def test_the_three_items_come_in_order_with_number_section_and_kicker() -> None:
    shown = issue_text(html())
    order = [
        *(item.headline for item in CONTENT.items),
        *("Resource · What We’re Reading", "Reflection · From the Classroom"),
        "Opportunity · Get Involved",
    ]

    places = [shown.rindex(words) for words in order]
    assert places[0] < places[1] < places[2]
    assert places[3] < places[4] < places[5]
    assert [each.get("id") for each in document(html()).iter("h2")] == [
        "item-1",
        "item-2",
        "item-3",
    ]


def test_a_reflection_is_signed() -> None:
    assert "Ana Ruiz, Grade 5 teacher, Revere" in issue_text(html())


def test_an_opportunity_says_until_when_and_has_a_button() -> None:
    shown = issue_text(html())

    assert "Closes Friday, December 4 At 5:00 pm EST." in shown.replace("4At", "4 At")
    assert "Thursday, January 14, 2027" in shown
    assert words_of(element(html(), ".//a[@class='btnlink']")) == "Apply for a seat"


def test_other_links_are_links() -> None:
    links = [each for each in document(html()).iter("a") if each.get("class") == "link"]

    assert "All five case studies" in {words_of(each) for each in links}


def test_a_letter_in_spanish_is_spanish_throughout() -> None:
    """R-57."""
    message = rendered(replace(EDITION, content=replace(CONTENT, language="es")))

    shown = issue_text(message.html)
    for words in (
        *("N.º 27", "jueves 19 de noviembre de 2026", "un minuto de lectura"),
        *("Recurso", "Reflexión", "Oportunidad", "Cierra el viernes 4 de diciembre"),
        *("La próxima carta llega el jueves 3 de diciembre.", "Dejar de recibir esta carta"),
        "Texto de muestra",
    ):
        assert words in shown
    assert document(message.html).get("lang") == "es"
    assert not re.search(r"\b(Closes|Unsubscribe|Resource|letter|Takes place)\b", shown)
    assert "Dejar de recibir esta carta" in message.text


def test_an_item_in_another_language_says_so() -> None:
    message = rendered(edition_with(replace(RESOURCE, language="es")))

    cells = [each.get("lang") for each in document(message.html).iter("td") if each.get("lang")]
    assert cells == ["es", "en", "en"]
    assert "Recurso · What We’re Reading" in issue_text(message.html)


def test_a_letter_may_run_from_right_to_left() -> None:
    message = rendered(replace(EDITION, content=replace(CONTENT, language="ar")))

    assert document(message.html).get("dir") == "rtl"


def test_a_draft_with_nothing_in_it_can_be_looked_at() -> None:
    empty = Item(section=RESOURCE.section)
    content = replace(CONTENT, subject="", preheader="", greeting="", items=(empty, empty, empty))

    message = rendered(replace(EDITION, content=content, next_day=None))

    assert words_of(element(message.html, ".//h1")) == NEWSLETTER.name
    assert [words_of(each) for each in document(message.html).iter("h2")] == ["Resource"] * 3
    assert "next letter" not in message.html


def test_what_is_made_up_says_so() -> None:
    assert "Sample text" in issue_text(html())
    assert "Sample text" not in rendered(replace(EDITION, is_sample=False)).html


def test_the_same_issue_is_rendered_the_same_every_time() -> None:
    assert render_issue(EDITION, NEWSLETTER, time_zone=EASTERN) == rendered()
