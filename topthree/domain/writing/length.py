"""How long a text is for those who read it: its words, its time, and what a section should take."""

from __future__ import annotations

import re

from topthree.domain.writing.issue import IssueContent
from topthree.domain.writing.item import Section

#: How fast teachers read on a phone between two lessons; slower than at a desk.
WORDS_A_MINUTE = 200
#: How many words the text of an item should have at most. The letter promises to be short and to
#: the point: what leads elsewhere says why in a paragraph or two, a story may take a page.
WORD_TARGETS = {Section.RESOURCE: 120, Section.REFLECTION: 250, Section.OPPORTUNITY: 100}

# Chinese and Japanese are written without spaces; there a character takes as long as a word.
_WORD_ALONE = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


def count_words(text: str) -> int:
    """Return how many words there are; marks that stand alone ("-", ">", "**") are none."""
    parts = _WORD_ALONE.sub(" x ", text).split()
    return sum(any(map(str.isalnum, part)) for part in parts)


def count_letter_words(content: IssueContent) -> int:
    """Return how many words somebody reads who reads all of the issue."""
    texts = (content.greeting, *(f"{item.headline}\n{item.body}" for item in content.items))
    return sum(map(count_words, texts))


def reading_minutes(words: int) -> int:
    """Return how many minutes so many words take, begun ones counted: at least one."""
    return max(1, -(-words // WORDS_A_MINUTE))


def reading_seconds(words: int) -> int:
    """Return how many seconds so many words take, to the nearest five; none only for none."""
    return words and max(5, (words * 12 + WORDS_A_MINUTE // 2) // WORDS_A_MINUTE * 5)
