"""For each check of the table, proofs that pass it, and proofs that do not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, time

from tests.unit.domain.preflight.proofs import (
    ALIVE,
    CHECKED_AT,
    CONTENT,
    OPPORTUNITY,
    REFLECTION,
    RESOURCE,
    SLOT,
    STYLES,
    mail_html,
    proof,
    with_body,
    with_item,
)
from tests.unit.render.letters import NEWSLETTER
from topthree.domain.links.link_check import LinkCheck, LinkState, Trouble
from topthree.domain.preflight.proof import Proof
from topthree.domain.writing.issue import IssueContent
from topthree.domain.writing.item import Contributor, Item, Link, Participation, Section
from topthree.render.proof_parts import taken_apart
from topthree.render.values import RenderedMessage

#: Makes a proof only when it is asked for.
Made = Callable[[], Proof]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixture:
    """Proofs for one check."""

    passing: tuple[Made, ...]
    #: Each with the fields in which the check finds something, and words that it says.
    failing: tuple[tuple[Made, tuple[str, ...], str], ...]


def _of(content: IssueContent, **changes: object) -> Made:
    return lambda: proof(content, **changes)


def _body(text: str, place: int = 1, **changes: object) -> Made:
    return _of(with_body(text, place), **changes)


def _linked(label: str, url: str) -> Made:
    return _of(with_item(1, replace(RESOURCE, link=Link(label=label, url=url))))


def _mail(old: str, new: str) -> Made:
    """Return a proof whose mail has other words in its HTML."""
    return _rendered(lambda: replace(mail_html(), html=mail_html().html.replace(old, new)))


def _rendered(rendered: Callable[[], RenderedMessage], content: IssueContent = CONTENT) -> Made:
    return lambda: proof(content, mail=taken_apart(rendered()))


def _closing(day: date, at: time | None = None, **changes: object) -> Made:
    when = Participation(closes_on=day, closes_at=at)
    return _of(with_item(3, replace(OPPORTUNITY, participation=when)), **changes)


def _checked(state: LinkState, status: int | None = None, trouble: Trouble | None = None) -> Made:
    check = LinkCheck(state=state, status=status, trouble=trouble, checked_at=CHECKED_AT)
    return lambda: replace(
        proof(), link_checks={**(proof().link_checks or {}), "https://example.gov/apply": check}
    )


def _plain() -> Proof:
    return proof()


CORRECTION = IssueContent(
    subject="Correction", preheader="One line.", greeting="A slip.", corrects=date(2026, 11, 19)
)
_EMPTY_HEADING = with_body("One\n\n##\n\ntwo")

FIXTURES: Mapping[str, Fixture] = {
    "unkeepable": Fixture(
        passing=(_plain, _of(replace(CONTENT, subject="x" * 120))),
        failing=(
            (_of(replace(CONTENT, subject="x" * 121)), ("subject",), "121 characters"),
            (
                _linked("The guide", "www.example.gov"),
                ("item-1-link-url",),
                "a link starts with https://",
            ),
        ),
    ),
    "empty-place": Fixture(
        passing=(_plain, _body(""), _of(CORRECTION)),
        failing=(
            (
                _of(with_item(2, Item(section=Section.REFLECTION))),
                ("item-2-headline",),
                "Place 2 of 3 is empty",
            ),
            (
                _of(IssueContent()),
                ("item-1-headline", "item-2-headline", "item-3-headline"),
                "is empty",
            ),
        ),
    ),
    "gap": Fixture(
        passing=(_plain, _of(with_item(2, Item(section=Section.REFLECTION)))),
        failing=(
            (_of(replace(CONTENT, subject="")), ("subject",), "no subject"),
            (_body(""), ("item-1-body",), "no text"),
            (
                _of(with_item(2, replace(REFLECTION, contributor=Contributor()))),
                ("item-2-contributor-name",),
                "say who wrote it",
            ),
        ),
    ),
    "no-alt": Fixture(
        passing=(_plain, _mail("</h1>", '</h1><img src="https://e.gov/a.png" alt="">')),
        failing=(
            (_mail("</h1>", '</h1><img src="https://e.gov/a.png">'), ("letter",), "description"),
            (
                _mail("Who decides?</li>", '<img src="https://e.gov/a.png"></li>'),
                ("item-1-picture",),
                "description",
            ),
        ),
    ),
    "headings": Fixture(
        passing=(_plain, _body("One\n\n# Any level\n\n#### is the third")),
        failing=(
            (_body("One\n\n##\n\ntwo"), ("item-1-body",), "A heading is empty"),
            (
                _rendered(lambda: mail_html(_EMPTY_HEADING), _EMPTY_HEADING),
                ("item-1-body",),
                "A heading is empty",
            ),
            (
                _mail("What is in it</h3>", "What is in it</h3><h5>Deep</h5>"),
                ("item-1-body",),
                "“Deep” skips a level",
            ),
        ),
    ),
    "contrast": Fixture(
        passing=(_plain,),
        failing=(
            (_mail("#1b211f", "#c0c0c0"), ("letter",), "a contrast of 1.7 to 1"),
            (
                lambda: replace(
                    proof(),
                    mail=replace(
                        proof().mail,
                        styles=proof().mail.styles.replace("#ece9df", "#333333"),
                    ),
                ),
                ("letter",),
                "the mail in the dark",
            ),
            (
                _of(CONTENT, page_styles=STYLES.replace("--ink-2: #525c57", "--ink-2: #a2aca7")),
                ("letter",),
                "In the page, “ink-2 on paper”",
            ),
            (
                _of(CONTENT, page_styles=STYLES.replace("--link: #93d3c0", "--link: #12584a")),
                ("letter",),
                "In the page in the dark, “link on paper”",
            ),
        ),
    ),
    "not-https": Fixture(
        passing=(_plain, _linked("Write to us", "mailto:desk@example.gov")),
        failing=(
            (_linked("The guide", "http://example.gov/a"), ("item-1-link-url",), "https://"),
            (_body("[The guide](http://example.gov)"), ("item-1-body",), "The guide"),
            (_body("See [the guide](/guide.pdf)."), ("item-1-body",), "not a whole address"),
            (_body("See [the guide](javascript:alert)."), ("item-1-body",), "not a whole address"),
        ),
    ),
    "link-dead": Fixture(
        passing=(
            _plain,
            _checked(LinkState.UNKNOWN, 503),
            _checked(LinkState.UNKNOWN, None, Trouble.TOO_SLOW),
            _of(CONTENT, link_checks=None),
        ),
        failing=(
            (_checked(LinkState.DEAD, 404), ("item-3-link-url",), "the site answers 404"),
            (
                _checked(LinkState.DEAD, None, Trouble.NO_SUCH_NAME),
                ("item-3-link-url",),
                "no site of that name",
            ),
        ),
    ),
    "link-unknown": Fixture(
        passing=(_plain, _checked(LinkState.DEAD, 404)),
        failing=((_checked(LinkState.UNKNOWN, 403), ("item-3-link-url",), "the site answers 403"),),
    ),
    "link-unchecked": Fixture(
        passing=(
            _plain,
            _of(CONTENT, link_checks=None),
            _of(
                CONTENT,
                link_checks={},
                links_under_way=frozenset(link.url for link in proof().links),
            ),
        ),
        failing=(
            (_of(CONTENT, link_checks={}), ("item-1-body",), "3 links have not been checked"),
            (
                _of(
                    CONTENT,
                    link_checks={
                        "https://files.example.gov/guide.pdf": ALIVE,
                        "https://files.example.gov/cases": ALIVE,
                    },
                ),
                ("item-3-link-url",),
                "1 link has not been checked",
            ),
        ),
    ),
    "link-words": Fixture(
        passing=(
            _plain,
            _linked("Here is the guide", "https://example.gov/a"),
            _body("<https://www.example.gov/a>"),
        ),
        failing=(
            (_linked("Click here", "https://e.gov/a"), ("item-1-link-label",), "Click here"),
            (_linked("Read more →", "https://e.gov/a"), ("item-1-link-label",), "Read more"),
            (_body("Look [here](https://e.gov/a)."), ("item-1-body",), "here"),
            (_body("[**Haga clic aquí**](https://e.gov/a)"), ("item-1-body",), "aquí"),
            (_body("[»](https://e.gov/a)"), ("item-1-body",), "»"),
            (
                _linked("https://e.gov/a/b", "https://e.gov/a/b"),
                ("item-1-link-label",),
                "shows its address",
            ),
        ),
    ),
    "link-host": Fixture(
        passing=(
            _plain,
            _linked("The guide at example.gov", "https://www.example.gov/a"),
            _linked("guide.pdf", "https://www.example.gov/a"),
            _linked("Learn Node.js", "https://www.example.gov/a"),
            _linked("desk@example.gov", "mailto:desk@example.gov"),
        ),
        failing=(
            (
                _linked("www.example.gov", "https://evil.example/a"),
                ("item-1-link-label",),
                "shows www.example.gov and leads to evil.example",
            ),
            (
                _body("[https://bank.com/login now](https://bank.com.evil.example/)"),
                ("item-1-body",),
                "leads to bank.com.evil.example",
            ),
            (
                _linked("desk@example.gov", "mailto:desk@evil.example"),
                ("item-1-link-label",),
                "evil.example",
            ),
        ),
    ),
    "deadline-past": Fixture(
        passing=(
            _plain,
            _closing(SLOT),
            _closing(SLOT, time(17, 0)),
            _closing(date(2026, 11, 23), slot=None),
        ),
        failing=(
            (_closing(date(2026, 11, 20)), ("item-3-closes-on",), "which has passed"),
            (_closing(date(2026, 12, 2)), ("item-3-closes-on",), "before the letter goes out"),
            (_closing(SLOT, time(5, 0)), ("item-3-closes-on",), "before the letter goes out"),
            (_closing(date(2026, 11, 22), slot=None), ("item-3-closes-on",), "has passed"),
            (
                _of(
                    with_item(
                        3,
                        replace(
                            OPPORTUNITY, participation=Participation(happens_on=date(2026, 12, 1))
                        ),
                    )
                ),
                ("item-3-happens-on",),
                "takes place on Tuesday, December 1, 2026",
            ),
        ),
    ),
    "deadline-close": Fixture(
        passing=(_plain, _closing(date(2026, 12, 7)), _closing(date(2026, 11, 24), slot=None)),
        failing=(
            (_closing(date(2026, 12, 6)), ("item-3-closes-on",), "3 days after it goes out"),
            (_closing(SLOT), ("item-3-closes-on",), "the day it goes out"),
        ),
    ),
    "weekday": Fixture(
        passing=(
            _plain,
            _body("On Tuesday, July 28, and on Thu., Dec. 3rd; Monday, July 28, 2025 was hot."),
            _body("Monday–Friday, July 27–31. Monday and Tuesday, July 27 and 28. Mondays, May 1."),
            _body("We meet Friday 1 January 2027. We sat, March 3."),
            _of(
                replace(
                    with_body("El martes 28 de julio y el jueves, 3 de diciembre de 2026."),
                    language="es",
                )
            ),
            _of(replace(with_body("Monday, July 28"), language="pt")),
        ),
        failing=(
            (_body("Come on Monday, July 28."), ("item-1-body",), "July 28, 2026 is a Tuesday"),
            (_body("Come Fri, Dec 3rd"), ("item-1-body",), "December 3, 2026 is a Thursday"),
            (_body("Monday, January 2, 2027"), ("item-1-body",), "January 2, 2027 is a Saturday"),
            (_body("Sunday, 4 January"), ("item-1-body",), "January 4, 2027 is a Monday"),
            (_body("Monday, June 31"), ("item-1-body",), "no such day"),
            (
                _of(replace(CONTENT, preheader="Until Friday, December 5")),
                ("preheader",),
                "is a Saturday",
            ),
            (
                _of(replace(with_body("El lunes 28 de julio"), language="es")),
                ("item-1-body",),
                "is a Tuesday",
            ),
        ),
    ),
    "too-large": Fixture(
        passing=(
            _plain,
            lambda: replace(proof(), mail=replace(proof().mail, size=99_999, way_out=89_999)),
        ),
        failing=(
            (
                lambda: replace(proof(), mail=replace(proof().mail, way_out=90_000)),
                ("item-1-body",),
                "cut off",
            ),
            (
                lambda: replace(proof(), mail=replace(proof().mail, size=100_000)),
                ("item-1-body",),
                "100 kB",
            ),
        ),
    ),
    "left-over": Fixture(
        passing=(
            _plain,
            _body("He said it [sic] and went on […]. See note [3], the guide [PDF]. Taxi XX."),
            _body("> “We [the four of us] met.”"),
        ),
        failing=(
            (_body("The number is TK."), ("item-1-body",), "“TK”"),
            (_body("Lorem ipsum dolor"), ("item-1-body",), "Lorem ipsum"),
            (_body("Call XXX at noon"), ("item-1-body",), "XXX"),
            (_body("Dear {{ name }}"), ("item-1-body", "item-1-body"), "{{"),
            (_body("Room: TBD"), ("item-1-body",), "TBD"),
            (_body("Join us in [place]."), ("item-1-body",), "[place]"),
            (_body("> He said [INSERT QUOTE]."), ("item-1-body",), "INSERT"),
            (_of(replace(CONTENT, subject="[Subject]")), ("subject",), "[Subject]"),
        ),
    ),
    "no-way-out": Fixture(
        passing=(_plain,),
        failing=(
            (
                lambda: replace(proof(), mail=replace(proof().mail, way_out=None)),
                ("letter",),
                "no link to unsubscribe",
            ),
        ),
    ),
    "no-address": Fixture(
        passing=(_plain,),
        failing=(
            (
                _of(CONTENT, newsletter=replace(NEWSLETTER, postal_address="")),
                ("letter",),
                "postal address",
            ),
            (
                _of(CONTENT, newsletter=replace(NEWSLETTER, postal_address="2 Other Street")),
                ("letter",),
                "postal address",
            ),
            (_mail(NEWSLETTER.postal_address, ""), ("letter",), "postal address"),
        ),
    ),
    "reading-grade": Fixture(
        passing=(_plain, _body("The cat sat on the mat. It was fat. " * 20)),
        failing=(
            (
                _body(
                    "Interdisciplinary administrators operationalise comprehensive accountability"
                    " methodologies throughout participating organisations. " * 8
                ),
                ("item-1-body",),
                "reads like one for grade",
            ),
        ),
    ),
    "acronym": Fixture(
        passing=(
            _plain,
            _body("The Massachusetts Educator Toolkit (METK) is on PBS. Later, METK grows."),
            _body("World War II and a PDF in MA"),
        ),
        failing=(
            (_body("Ask your DLT. The DLT knows."), ("item-1-body",), "“DLT” is not explained"),
            (_body("Two LEAs and one R&D"), ("item-1-body", "item-1-body"), "LEA"),
        ),
    ),
    "capitals": Fixture(
        passing=(_plain, _body("NASA and PBS"), _body("A PDF, OK?")),
        failing=(
            (_body("PLEASE READ THIS NOW"), ("item-1-body",), "capitals"),
            (_of(replace(CONTENT, subject="LAST CALL FOR SEATS")), ("subject",), "capitals"),
        ),
    ),
    "long-sentence": Fixture(
        passing=(
            _plain,
            _body("One two three. " * 30),
            _body("Dr. Who and Mr. X met at 5 p.m. in St. Paul."),
        ),
        failing=(
            (_body("word " * 36 + "end."), ("item-1-body",), "A sentence has 37 words"),
            (_body("We met Dr. Who " + "again " * 35), ("item-1-body",), "words"),
        ),
    ),
    "long-item": Fixture(
        passing=(_plain, _body("word " * 120)),
        failing=((_body("word " * 121), ("item-1-body",), "121 words; 120 are enough"),),
    ),
    "no-consent": Fixture(
        passing=(_plain, _of(with_item(2, replace(REFLECTION, contributor=Contributor())))),
        failing=(
            (
                _of(with_item(2, replace(REFLECTION, contributor=Contributor(name="Ana")))),
                ("item-2-contributor-consents-on",),
                "“Ana” agreed",
            ),
        ),
    ),
    "sections": Fixture(
        passing=(_plain, _of(replace(CORRECTION, items=(OPPORTUNITY, OPPORTUNITY, OPPORTUNITY)))),
        failing=(
            (
                _of(with_item(2, replace(REFLECTION, section=Section.RESOURCE))),
                ("item-2-section",),
                "Two items are each a resource; there is no reflection",
            ),
            (
                _of(replace(CONTENT, items=(OPPORTUNITY, OPPORTUNITY, OPPORTUNITY))),
                ("item-3-section",),
                "All three items are each an opportunity",
            ),
        ),
    ),
    "same-subject": Fixture(
        passing=(
            _plain,
            _of(replace(CONTENT, subject="")),
            _of(replace(CORRECTION, subject="Share the lead!")),
        ),
        failing=(
            (_of(replace(CONTENT, subject="Share the lead!")), ("subject",), "“Share the lead”"),
        ),
    ),
}
