"""Checks of the issue as a whole: that everything is there, and small enough to arrive whole."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher

from topthree.domain.preflight.finding import WHOLE, Flaw
from topthree.domain.preflight.proof import Proof
from topthree.domain.writing.issue import PLACES, missing_from, storable_content_problems
from topthree.domain.writing.item import Item, Section
from topthree.domain.writing.length import WORD_TARGETS, count_words

#: Gmail cuts a message at about 102,400 bytes and hides what follows.
SIZE_LIMIT = 100_000
#: The way out must stand before the cut, even if the limit is missed.
WAY_OUT_LIMIT = 90_000
#: From here on two subjects look the same in an inbox; 1 is equal.
_ALIKE = 0.85
_PLACE = re.compile(r"item-(\d)-(.+)")
_TODO = {
    "subject": "Say in a few words what the issue brings.",
    "preheader": "Write it.",
    "headline": "Write one that says what it is about.",
    "body": "Write it, or take a ready item from the bank.",
    "link-label": "Say what the reader finds there.",
    "link-url": "Copy the address from the browser.",
    "contributor-name": "Write the name as they wish to be credited.",
    "closes-on": "Add the date, or take the time out.",
    "picture": "Use the words in which you would describe it on the telephone.",
}


def unkeepable(proof: Proof) -> Iterator[Flaw]:
    """Find what cannot even be saved: texts over their limits, hidden characters, no addresses."""
    for problem in storable_content_problems(proof.content):
        yield Flaw(field=problem.field, message=problem.message, todo="It cannot be saved before.")


def empty_places(proof: Proof) -> Iterator[Flaw]:
    """Find places without an item: a letter of three has three."""
    for place, item in zip(PLACES, proof.content.items, strict=True):
        if _is_empty(item) and place in proof.content.written_places:
            message = f"Place {place} of 3 is empty."
            todo = "Write an item, or take one from the bank."
            yield Flaw(field=f"item-{place}-headline", message=message, todo=todo)


def gaps(proof: Proof) -> Iterator[Flaw]:
    """Find what is missing from the subject, the preheader, and items that are begun."""
    empty = {
        str(place)
        for place, item in zip(PLACES, proof.content.items, strict=True)
        if _is_empty(item)
    }
    for problem in missing_from(proof.content):
        found = _PLACE.fullmatch(problem.field)
        if found is None or found[1] not in empty:
            todo = _TODO.get(found[2] if found else problem.field, "Fill it in.")
            yield Flaw(field=problem.field, message=problem.message, todo=todo)


def too_large(proof: Proof) -> Iterator[Flaw]:
    """Find mail that programs cut off, and the way out with it."""
    mail = proof.mail
    if mail.size >= SIZE_LIMIT or (mail.way_out or 0) >= WAY_OUT_LIMIT:
        message = (
            f"As mail this issue has {mail.size // 1000} kB; after 100 kB it is cut off, and the"
            " link to unsubscribe with it."
        )
        longest = max(PLACES, key=lambda place: len(proof.content.item_at(place).body))
        todo = "Shorten the longest item, or put part of it on a page."
        yield Flaw(field=f"item-{longest}-body", message=message, todo=todo)


def no_way_out(proof: Proof) -> Iterator[Flaw]:
    """Find a mail from which nobody can unsubscribe."""
    if proof.mail.way_out is None:
        message = "The mail has no link to unsubscribe."
        todo = "Tell whoever runs the service: the mail’s template has lost it."
        yield Flaw(field=WHOLE, message=message, todo=todo)


def no_postal_address(proof: Proof) -> Iterator[Flaw]:
    """Find a mail that does not say where its sender is."""
    address = " ".join(proof.newsletter.postal_address.split())
    is_there = address in proof.mail.document.words and address in " ".join(proof.mail.text.split())
    if not address or not is_there:
        message = "The mail does not carry the agency’s postal address."
        todo = "Ask whoever runs the service to set TOPTHREE_POSTAL_ADDRESS."
        yield Flaw(field=WHOLE, message=message, todo=todo)


def uneven_sections(proof: Proof) -> Iterator[Flaw]:
    """Find issues that do not bring one item of each section."""
    if proof.content.corrects:
        return
    sections = [item.section for item in proof.content.items]
    twice, count = Counter(sections).most_common(1)[0]
    if count > 1:
        place = len(sections) - sections[::-1].index(twice)
        absent = " and no ".join(each.value for each in Section if each not in sections)
        article = "an" if twice is Section.OPPORTUNITY else "a"
        said = "Two items are" if count == len(PLACES) - 1 else "All three items are"
        message = f"{said} each {article} {twice.value}; there is no {absent}."
        todo = "That is allowed. If it is a slip, choose another section or another item."
        yield Flaw(field=f"item-{place}-section", message=message, todo=todo)


def unconsented(proof: Proof) -> Iterator[Flaw]:
    """Find contributors who are named, and nothing says that they agreed."""
    for place, item in zip(PLACES, proof.content.items, strict=True):
        if item.contributor.name and not item.contributor.consents_on:
            message = f"Item {place}: nothing says that “{item.contributor.name}” agreed."
            todo = "Ask, and write down the day of the answer."
            field = f"item-{place}-contributor-consents-on"
            yield Flaw(field=field, message=message, todo=todo)


def repeated_subject(proof: Proof) -> Iterator[Flaw]:
    """Find a subject that looks in an inbox like one that came before; a correction's may."""
    subject = proof.content.subject.casefold()
    for recent in proof.recent_subjects if proof.content.corrects is None else ():
        if subject and SequenceMatcher(None, subject, recent.casefold()).ratio() >= _ALIKE:
            message = f"The subject is much like that of a recent issue, “{recent}”."
            todo = "Say what is new in this one, or it looks like the one they have read."
            yield Flaw(field="subject", message=message, todo=todo)
            return


def long_items(proof: Proof) -> Iterator[Flaw]:
    """Find items with more words than their section should take."""
    for place, item in zip(PLACES, proof.content.items, strict=True):
        count, target = count_words(item.body), WORD_TARGETS[item.section]
        if count > target:
            message = f"Item {place} has {count} words; {target} are enough for its section."
            todo = "Shorten it, or put the rest behind a link."
            yield Flaw(field=f"item-{place}-body", message=message, todo=todo)


def _is_empty(item: Item) -> bool:
    return not (item.headline or item.body)
