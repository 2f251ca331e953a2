"""How long a text is, in the words of the desk; static/desk.js says the same while one types."""

from __future__ import annotations

from topthree.domain.how_many import how_many
from topthree.domain.writing.length import count_words, reading_minutes, reading_seconds

_MINUTE = 60


def words_of(text: str) -> str:
    """Return the number of words: “19 words”."""
    return how_many(count_words(text), "word")


def time_of(text: str) -> str:
    """Return how long it takes to read: “35 s”, “1 min 20 s”."""
    minutes, seconds = divmod(reading_seconds(count_words(text)), _MINUTE)
    parts = (f"{minutes} min" if minutes else "", f"{seconds} s" if seconds or not minutes else "")
    return " ".join(filter(None, parts))


def length_of_letter(words: int) -> str:
    """Return how long the whole of it is: “478 words, 3 minutes to read.”."""
    minutes = how_many(reading_minutes(words), "minute")
    return f"{how_many(words, 'word')}, {minutes} to read."
