"""An issue as a message: one rendering for all recipients, with a placeholder for their token."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from topthree.domain.archive.issue_key import IssueKey
from topthree.domain.newsletter import UNSUBSCRIBE_PLACEHOLDER, Edition, Newsletter
from topthree.domain.refusal import Problem
from topthree.render.environment import render_message
from topthree.render.item_view import ItemFrame, view_items
from topthree.render.letter_words import letter_words
from topthree.render.markdown import to_mail_html
from topthree.render.phrases import direction, phrases_for
from topthree.render.values import RenderedMessage

#: Gmail cuts a message at about 102,400 bytes and hides what follows.
SIZE_LIMIT = 100_000
#: The way out must stand before the cut, even if the limit is missed.
_WAY_OUT_LIMIT = 90_000


def render_issue(
    edition: Edition, newsletter: Newsletter, *, time_zone: ZoneInfo
) -> RenderedMessage:
    """Return the issue's message; nothing in it depends on who gets it.

    Its unsubscribe links hold ``UNSUBSCRIBE_PLACEHOLDER``; everything else is final.

    :param time_zone: in which the deadlines' civil times are meant.
    """
    content = edition.content
    frame = ItemFrame(
        edition=edition, newsletter=newsletter, time_zone=time_zone, to_html=to_mail_html
    )
    words = letter_words(edition)
    return render_message(
        "issue",
        subject=content.subject,
        preheader=content.preheader,
        language=content.language,
        direction=direction(content.language),
        phrases=phrases_for(content.language),
        words=words,
        items=view_items(frame),
        newsletter=newsletter,
        issue_url=newsletter.issue_url(edition.key),
        first_url=newsletter.issue_url(IssueKey(day=content.corrects)) if content.corrects else "",
        unsubscribe_url=newsletter.unsubscribe_url(UNSUBSCRIBE_PLACEHOLDER),
        is_sample=edition.is_sample,
    )


def size_problems(rendered: RenderedMessage) -> tuple[Problem, ...]:
    """Say if the issue is so long that mail clients cut it; empty if it is not."""
    html = rendered.html.encode()
    way_out = html.rfind(UNSUBSCRIBE_PLACEHOLDER.encode())
    if len(html) < SIZE_LIMIT and way_out < _WAY_OUT_LIMIT:
        return ()
    message = (
        f"As mail this issue has {len(html) // 1000} kB; after 100 kB it is cut off, and the link"
        " to unsubscribe with it. Shorten the longest item, or put part of it on a page."
    )
    return (Problem(field="body", message=message),)
