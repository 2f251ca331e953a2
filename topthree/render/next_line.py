"""The sentence that says when the next letter comes, in the language of the letter."""

from __future__ import annotations

from datetime import date

from topthree.render.phrased_dates import day_words
from topthree.render.phrases import phrases_for


def next_line(language: str, day: date, next_day: date) -> str:
    """Return the sentence for a letter of this day: “The next letter comes on …”."""
    phrases = phrases_for(language)
    with_year = next_day.year != day.year
    return phrases.next_letter.format(day=day_words(phrases, next_day, with_year=with_year))


def names_day(text: str, language: str, day: date) -> bool:
    """Tell whether the text names this day, in whatever words around it."""
    phrases = phrases_for(language)
    month = phrases.months[day.month - 1]
    named = phrases.day.format(weekday="", month=month, day=day.day).strip(" ,").casefold()
    folded = text.casefold()
    at = folded.find(named)
    # “December 1” does not stand in “December 17”, nor “7 de enero” in “17 de enero”.
    while at >= 0:
        around = folded[at - 1 : at] + folded[at + len(named) : at + len(named) + 1]
        if not any(map(str.isdigit, around)):
            return True
        at = folded.find(named, at + 1)
    return False
