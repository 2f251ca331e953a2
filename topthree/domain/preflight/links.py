"""Checks of links: that they lead somewhere, and where their words say they lead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from topthree.domain.links.link_check import LinkState, is_checkable
from topthree.domain.preflight.finding import Flaw
from topthree.domain.preflight.proof import Proof, ShownLink

#: Words that tell nobody where a link leads (WCAG 2.4.4), in the languages of the letter.
_WRITTEN = """click, click here, click this link, click below, here, this, this link, this
page, link, more, read more, learn more, find out more, see more, more info, more information,
continue, go, website, web site, page, details, aquí, haga clic aquí, haz clic aquí, clic aquí,
leer más, más, más información, ver más, enlace, este enlace, clique aqui, aqui, leia mais,
saiba mais"""
_EMPTY_WORDS = frozenset(" ".join(words.split()) for words in _WRITTEN.split(","))
_EDGES = " .,:;!?…»«“”\"'()[]→>"
_BARE = re.compile(r"https?://\S+|www\.[^\s/]+/\S+", re.IGNORECASE)
# Only what surely is meant as a site: "guide.pdf" and "Node.js" are not.
_SITE = re.compile(
    r"(?<![@\w.-])(?:https?://)?((?:[a-z0-9-]+\.)+(?:gov|edu|org|com|net|us|info|io|example))(?![\w-])",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")
#: Markdown of a link that stayed in the text, because its address was refused.
_UNMADE = re.compile(r"\[([^\[\]]*)\]\(([^()]*)\)")
_SHOWN = 60


def not_https(proof: Proof) -> Iterator[Flaw]:
    """Find links that are not absolute, or that anybody on the way can read and change."""
    for link in proof.links:
        if not link.url.lower().startswith(("https://", "mailto:")):
            message = f"The link “{_short(link)}” does not begin with https://."
            todo = "Open it with https://. If that does not work, link to another page."
            yield Flaw(field=link.url_field, message=message, todo=todo)
    for passage, block in proof.each_block():
        for words, url in _UNMADE.findall(block.words):
            message = f"“[{words}]({url[:_SHOWN]})” is not a whole address, so no link came of it."
            todo = "Copy the address from the browser: it begins with https:// and names a site."
            yield Flaw(field=passage.field, message=message, todo=todo)


def dead(proof: Proof) -> Iterator[Flaw]:
    """Find links that were looked at and lead nowhere."""
    for link in proof.links:
        check = (proof.link_checks or {}).get(link.url)
        if check is not None and check.state is LinkState.DEAD:
            message = f"The link “{_short(link)}” leads nowhere: {check.words}."
            todo = "Open it yourself, and put in the address that works."
            yield Flaw(field=link.url_field, message=message, todo=todo)


def unknown(proof: Proof) -> Iterator[Flaw]:
    """Find links that were looked at, and nobody can say whether they work."""
    for link in proof.links:
        check = (proof.link_checks or {}).get(link.url)
        if check is not None and check.state is LinkState.UNKNOWN:
            message = f"Nobody can say from here whether “{_short(link)}” works: {check.words}."
            yield Flaw(field=link.url_field, message=message, todo="Open it once yourself.")


def unchecked(proof: Proof) -> Iterator[Flaw]:
    """Find, in one sentence, that links have not been looked at yet."""
    if proof.link_checks is None:
        return
    open_ones = [link for link in proof.links if is_checkable(link.url)]
    known = proof.link_checks.keys() | proof.links_under_way
    open_ones = [link for link in open_ones if link.url not in known]
    if open_ones:
        count = len({link.url for link in open_ones})
        has = "1 link has" if count == 1 else f"{count:,} links have"
        message = f"{has} not been checked yet."
        yield Flaw(field=open_ones[0].url_field, message=message, todo="Check the links now.")


def saying_nothing(proof: Proof) -> Iterator[Flaw]:
    """Find links whose words do not say what one finds there, as those who hear them know."""
    for link in proof.links:
        words = link.words.strip(_EDGES).casefold()
        if _BARE.fullmatch(link.words.strip()):
            message = f"The link shows its address, “{link.words[:_SHOWN]}”."
        elif words in _EMPTY_WORDS or not any(map(str.isalnum, words)):
            message = f"The words of the link, “{link.words}”, do not say where it leads."
        else:
            continue
        todo = "Say what the reader finds there, such as “the guide for families (PDF)”."
        yield Flaw(field=link.field, message=message, todo=todo)


def leading_elsewhere(proof: Proof) -> Iterator[Flaw]:
    """Find links that show one site and lead to another, as those of swindlers do."""
    for link in proof.links:
        target = _host(link.url)
        shown = _shown_hosts(link)
        if target and shown and not any(_is_same_site(each, target) for each in shown):
            message = f"The link shows {shown[0]} and leads to {target}."
            todo = "Name the site that it leads to, or say in words what one finds there."
            yield Flaw(field=link.field, message=message, todo=todo)


def _host(url: str) -> str:
    """Return the site, or that of the mailbox, that the address names; empty if it names none."""
    try:
        parts = urlsplit(url)
        is_mailbox = parts.scheme == "mailto"
        host = parts.path.rpartition("@")[2] if is_mailbox else parts.hostname
    except ValueError:
        return ""
    return (host or "").lower()


def _shown_hosts(link: ShownLink) -> list[str]:
    pattern = _ADDRESS if link.url.lower().startswith("mailto:") else _SITE
    return [host.lower() for host in pattern.findall(link.words)]


def _is_same_site(shown: str, target: str) -> bool:
    one, other = shown.removeprefix("www."), target.removeprefix("www.")
    return one == other or other.endswith(f".{one}")


def _short(link: ShownLink) -> str:
    words = link.words or link.url
    return words if len(words) <= _SHOWN else f"{words[: _SHOWN - 1]}…"
