"""Messages to one person about what they just asked for; none holds what a stranger could type."""

from __future__ import annotations

from topthree.domain.newsletter import Newsletter
from topthree.render.environment import render_message
from topthree.render.phrases import direction, phrases_for
from topthree.render.values import RenderedMessage

# We do not know yet in which language the person reads.
_LANGUAGE = "en"


def render_confirmation(
    newsletter: Newsletter, *, code: str, confirm_url: str, disown_url: str
) -> RenderedMessage:
    """Ask whether the address is the person's own: with a code, and with a link.

    Nothing of the letter itself is in it, for the person has not asked for that yet.
    """
    return _render(
        "confirm-subscription",
        newsletter,
        code=_spaced(code),
        confirm_url=confirm_url,
        disown_url=disown_url,
    )


def render_already_subscribed(newsletter: Newsletter) -> RenderedMessage:
    """Say that the address, which somebody typed on our page, gets the letter already."""
    return _render("already-subscribed", newsletter)


def render_sign_in(newsletter: Newsletter, *, code: str, url: str) -> RenderedMessage:
    """Give an editor the way in: a code, and a link; both are good for a quarter of an hour."""
    return _render("sign-in", newsletter, code=_spaced(code), url=url)


def render_invitation(
    newsletter: Newsletter, *, inviter: str, role: str, url: str
) -> RenderedMessage:
    """Ask somebody to work at the desk, and give them a way in that is good for a week.

    :param inviter: the name of the editor who asks; empty if it was done at the terminal.
    """
    return _render("invitation", newsletter, inviter=inviter, role=role, url=url)


def _render(kind: str, newsletter: Newsletter, **context: str) -> RenderedMessage:
    return render_message(
        kind,
        newsletter=newsletter,
        language=_LANGUAGE,
        direction=direction(_LANGUAGE),
        phrases=phrases_for(_LANGUAGE),
        **context,
    )


def _spaced(code: str) -> str:
    """Write the digits in two groups, as they are read out."""
    half = len(code) // 2
    return f"{code[:half]} {code[half:]}"
