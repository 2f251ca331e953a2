"""How many years of school a text asks for, measured without anything from the network."""

from __future__ import annotations

from collections.abc import Sequence

from topthree.domain.writing.length import count_words

#: In less text one long word decides.
_FEWEST_WORDS = 40
_ENDS = (".", "!", "?", "…", ":")


def warm_up() -> None:
    """Load what measures, for whoever has the time: it takes half a second the first time."""
    import textstat  # noqa: F401, PLC0415


def reading_grade(blocks: Sequence[str]) -> float | None:
    """Return the grade by the index of Coleman and Liau; None if the text is too short.

    It counts letters, words and sentences. Measures that count syllables load a word list first.

    :param blocks: paragraphs and entries of lists; each ends a sentence.
    """
    if sum(map(count_words, blocks)) < _FEWEST_WORDS:
        return None
    # Most processes never measure anything.
    import textstat  # noqa: PLC0415

    ended = (block if block.endswith(_ENDS) else f"{block}." for block in blocks)
    return float(textstat.coleman_liau_index(" ".join(ended)))
