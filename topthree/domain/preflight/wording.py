"""Checks of words: what was left over from writing, and what makes a text hard to read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from topthree.domain.preflight.document import Block
from topthree.domain.preflight.finding import Flaw
from topthree.domain.preflight.proof import Proof
from topthree.domain.writing.length import count_words

#: Years of school that a text may ask for, by the index of Coleman and Liau.
TARGET_GRADE = 10
_LONG_SENTENCE = 35
_LEFT_OVER = re.compile(
    r"\bTK(?:TK)*\b|\bX{3,}\b|\bTB[DC]\b|\bTO ?DO\b|\bFIXME\b|\?{3,}|lorem ipsum|\{\{|\}\}|\{%|%\}"
    r"|\bINSERT \w+|\bto be determined\b",
)
_LATIN = re.compile(r"lorem ipsum|to be determined", re.IGNORECASE)
#: What is longer is no gap but a text.
_BRACKETS = re.compile(r"\[([^\[\]]{0,100})\](?!\()")
#: What brackets hold in finished texts: omissions, “[sic]”, numbers of notes, kinds of files.
_RIGHTFUL = re.compile(r"…|\.{3}|sic|\d{1,3}|pdf|word|excel|video|audio", re.IGNORECASE)
_LIKE_A_GAP = re.compile(
    r"\s*|[^a-z]*[A-Z][^a-z]*|(?:insert|add|your|name|date|title|link|place|time|here|text|photo)\b.*",
    re.DOTALL,
)
_ACRONYM = re.compile(r"(?<![\w-])[A-Z](?:&?[A-Z]){1,5}(?=s?(?![\w-]))")
#: Roman numerals, and what was left over.
_IS_NO_ACRONYM = re.compile(r"[IVX]+|(?:TK)+|TB[DC]|TODO|FIXME")
_EVERYDAY = """KB MB GB AM PM EST EDT ET CST CDT CT MST MDT MT PST PDT PT UTC US USA UK EU PDF
FAQ ID OK TV DVD CD DNA AI IT PE UN NASA NPR PBS BBC CEO COVID RSVP ASAP PO FYI PS NB Q&A HTML
URL USB GPS SAT ACT AP PTA PTO STEM DIY VIP HIV AIDS SUV ATM ZIP DC AL AK AZ AR CA CO CT DE FL
GA HI IA IL IN KS KY LA MA MD ME MI MN MO MS MT NC ND NE NH NJ NM NV NY OH OR PA RI SC SD TN TX
UT VA VT WA WI WV WY"""
_KNOWN = frozenset(_EVERYDAY.split())
_CAPITALS = re.compile(r"\b[A-Z]{2,}(?:’[A-Z]+)?\b(?:[ ,&–-]{1,3}\b[A-Z]{2,}(?:’[A-Z]+)?\b){2,}")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+(?=[\"'“‘(\[]?[A-ZÀ-Þ0-9])")
_ABBREVIATED = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|St|No|Jr|Sr|vs|e\.g|i\.e|a\.m|p\.m|U\.S|[A-Z]))\.$"
)
_LONGEST_ABBREVIATION = 6
_SHOWN = 60


def left_over(proof: Proof) -> Iterator[Flaw]:
    """Find what a writer meant to come back to."""
    for passage, block in proof.each_block():
        for mark in _marks(block):
            message = f"“{_short(mark)}” looks like something to be filled in."
            todo = "Put in what belongs there, or take it out."
            yield Flaw(field=passage.field, message=message, todo=todo)


def hard_to_read(proof: Proof) -> Iterator[Flaw]:
    """Find texts that ask for more years of school than a letter should."""
    for field, grade in proof.grades.items():
        if grade > TARGET_GRADE:
            message = f"The text reads like one for grade {grade:.0f}; {TARGET_GRADE} is plenty."
            todo = "Cut long sentences in two, and choose the shorter word."
            yield Flaw(field=field, message=message, todo=todo)


def unexplained(proof: Proof) -> Iterator[Flaw]:
    """Find abbreviations that nothing in the issue explains."""
    everything = proof.all_words
    seen: set[str] = set()
    for passage, block in proof.each_block():
        for acronym in _ACRONYM.findall(_CAPITALS.sub(" ", block.words)):
            if acronym in seen or acronym in _KNOWN or _IS_NO_ACRONYM.fullmatch(acronym):
                continue
            seen.add(acronym)
            if f"({acronym})" not in everything and f"{acronym} (" not in everything:
                message = f"“{acronym}” is not explained."
                todo = f"Write the words in full the first time, with {acronym} in parentheses."
                yield Flaw(field=passage.field, message=message, todo=todo)


def shouting(proof: Proof) -> Iterator[Flaw]:
    """Find words in capitals, which are slow to read and sound like shouting."""
    for passage, block in proof.each_block():
        found = _CAPITALS.search(block.words)
        if found:
            message = f"“{_short(found[0])}” is written in capitals."
            todo = "Write it as you would any sentence; for weight, use **bold**."
            yield Flaw(field=passage.field, message=message, todo=todo)


def long_sentences(proof: Proof) -> Iterator[Flaw]:
    """Find, in each text, the longest of its sentences that are too long."""
    for passage in proof.passages:
        sentences = [each for block in passage.blocks for each in _sentences(block.words)]
        longest = max(sentences, key=count_words, default="")
        count = count_words(longest)
        if count > _LONG_SENTENCE:
            message = f"A sentence has {count} words: “{_short(longest)}”"
            yield Flaw(field=passage.field, message=message, todo="Make two of it.")


def _marks(block: Block) -> Iterator[str]:
    for pattern in (_LEFT_OVER, _LATIN):
        for found in pattern.finditer(block.words):
            if pattern is _LEFT_OVER or not _LEFT_OVER.fullmatch(found[0]):
                yield found[0]
    for found in _BRACKETS.finditer(block.words):
        inside = found[1].strip()
        # In a quotation, brackets hold what the quoting person changed.
        is_gap = not block.is_quoted or _LIKE_A_GAP.fullmatch(inside)
        if is_gap and not _RIGHTFUL.fullmatch(inside) and not _LEFT_OVER.search(inside):
            yield found[0]


def _sentences(words: str) -> Iterator[str]:
    begun: list[str] = []
    for part in _SENTENCE_END.split(words):
        begun.append(part)
        if not _ABBREVIATED.search(part[-_LONGEST_ABBREVIATION:]):
            yield " ".join(begun)
            begun = []
    if begun:
        yield " ".join(begun)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1].rstrip()}…"
