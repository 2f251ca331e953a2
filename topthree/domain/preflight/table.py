"""The table of all checks, and what they find together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from topthree.domain.preflight import access, dates, links, wholeness, wording
from topthree.domain.preflight.finding import Finding, Flaw, Severity
from topthree.domain.preflight.proof import Proof
from topthree.domain.writing.content_fields import field_values

_STOPS, _ADVICE = Severity.STOPS, Severity.ADVICE


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check: a pure function, and what it means when it finds something."""

    #: Names it for programs; stays the same.
    code: str
    severity: Severity
    #: What it looks for, as the documentation says it.
    looks_for: str
    run: Callable[[Proof], Iterable[Flaw]]


def _check(
    code: str, severity: Severity, run: Callable[[Proof], Iterable[Flaw]], looks_for: str
) -> Check:
    return Check(code=code, severity=severity, run=run, looks_for=looks_for)


CHECKS = (
    _check("unkeepable", _STOPS, wholeness.unkeepable, "a subject or a text over its limit"),
    _check("empty-place", _STOPS, wholeness.empty_places, "not three items"),
    _check("gap", _STOPS, wholeness.gaps, "a part that every issue or item of its section has"),
    _check("no-alt", _STOPS, access.undescribed, "a picture without a description"),
    _check("headings", _STOPS, access.disordered, "an empty heading, or one that skips a level"),
    _check("contrast", _STOPS, access.faint, "text too faint for its background, also in the dark"),
    _check("not-https", _STOPS, links.not_https, "a link that is not absolute https (or mailto)"),
    _check("link-dead", _STOPS, links.dead, "a link that leads nowhere: 404, 410, no such site"),
    _check("link-words", _STOPS, links.saying_nothing, "a link whose words say nothing"),
    _check(
        "link-host", _STOPS, links.leading_elsewhere, "a link that shows one site, goes to another"
    ),
    _check("deadline-past", _STOPS, dates.past_deadlines, "a deadline past, or before the slot"),
    _check("weekday", _STOPS, dates.wrong_weekdays, "a date with the weekday of another"),
    _check("too-large", _STOPS, wholeness.too_large, "mail over 100 kB, which is cut off"),
    _check("left-over", _STOPS, wording.left_over, "placeholders: TK, XXX, [brackets], {{ }}"),
    _check("no-way-out", _STOPS, wholeness.no_way_out, "no link to unsubscribe"),
    _check("no-address", _STOPS, wholeness.no_postal_address, "no postal address"),
    _check(
        "deadline-close", _ADVICE, dates.close_deadlines, "a deadline within three days of the slot"
    ),
    _check(
        "link-unknown", _ADVICE, links.unknown, "a link of which nobody can say whether it works"
    ),
    _check("link-unchecked", _ADVICE, links.unchecked, "links that were not checked yet"),
    _check("reading-grade", _ADVICE, wording.hard_to_read, "a text that is hard to read (English)"),
    _check("acronym", _ADVICE, wording.unexplained, "an abbreviation that is not explained"),
    _check("capitals", _ADVICE, wording.shouting, "words in capitals"),
    _check("long-sentence", _ADVICE, wording.long_sentences, "a sentence of more than 35 words"),
    _check(
        "long-item", _ADVICE, wholeness.long_items, "more words than an item of its section needs"
    ),
    _check("no-consent", _ADVICE, wholeness.unconsented, "a contributor without recorded consent"),
    _check("sections", _ADVICE, wholeness.uneven_sections, "sections that are not one of each"),
    _check("same-subject", _ADVICE, wholeness.repeated_subject, "a subject like a recent one"),
)


def preflight(proof: Proof) -> tuple[Finding, ...]:
    """Return what the checks find: what stops the issue first, then in the order of the form."""
    names = tuple(field_values(proof.content))
    found = dict.fromkeys(
        Finding(
            code=check.code,
            severity=check.severity,
            field=flaw.field,
            message=flaw.message,
            todo=flaw.todo,
        )
        for check in CHECKS
        for flaw in check.run(proof)
    )
    return tuple(sorted(found, key=lambda each: (not each.stops, _position(each.field, names))))


def _position(field: str, names: Sequence[str]) -> int:
    """Return where the field stands in the form; one that has parts, where the first of them is."""
    places = (
        index for index, name in enumerate(names) if name == field or name.startswith(f"{field}-")
    )
    return next(places, len(names))
