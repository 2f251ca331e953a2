"""The proof: everything that checks look at, as readers would get it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time

from topthree.domain.links.link_check import LinkCheck
from topthree.domain.newsletter import Newsletter
from topthree.domain.preflight.document import Block, Element
from topthree.domain.writing.issue import IssueContent


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLink:
    """A link as a reader sees it."""

    #: The fields that its words and its address were typed in.
    field: str
    url_field: str
    words: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """What an editor typed into one field, as a reader sees it."""

    field: str
    #: BCP 47.
    language: str
    blocks: tuple[Block, ...]

    @property
    def is_english(self) -> bool:
        """Whether checks that only know English can look at it."""
        return self.language.partition("-")[0] == "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedMail:
    """The message as it would leave."""

    #: Bytes of its HTML part.
    size: int
    #: At which byte of it the last link to unsubscribe stands; None if there is none.
    way_out: int | None
    document: Element
    #: The rules that are not inlined.
    styles: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """An issue with all that it becomes and all that surrounds it."""

    content: IssueContent
    newsletter: Newsletter
    passages: tuple[Passage, ...]
    links: tuple[ShownLink, ...]
    mail: RenderedMail
    #: The three items' texts, as the public page shows them.
    page: Element
    #: The style sheet in which the page's colours are decided.
    page_styles: str
    #: The slot it stands on; None without one.
    slot: date | None
    #: The civil time at which it goes out there; None without one.
    goes_at: time | None
    #: The civil date of now.
    today: date
    #: How many years of school each text asks for, by its field; only English ones, not too short.
    grades: Mapping[str, float] = field(default_factory=dict)
    #: What is known of links, by their addresses; None where links are not checked.
    link_checks: Mapping[str, LinkCheck] | None = None
    #: Those of its links that are being looked at.
    links_under_way: frozenset[str] = frozenset()
    recent_subjects: tuple[str, ...] = ()

    @property
    def goes_on(self) -> date:
        """The day by which dates are judged: its slot, or today."""
        return self.slot or self.today

    def each_block(self) -> Iterator[tuple[Passage, Block]]:
        """Give every block of words with the passage that it stands in."""
        return ((passage, block) for passage in self.passages for block in passage.blocks)

    @property
    def all_words(self) -> str:
        """Everything that editors typed, as it is read."""
        return "\n".join(block.words for _, block in self.each_block())
