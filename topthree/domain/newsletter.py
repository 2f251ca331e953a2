"""The newsletter itself: who sends it, from where, and where it lives on the web."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from topthree.domain.archive.issue_key import IssueKey, key_of
from topthree.domain.links.linked_document import LinkedDocument
from topthree.domain.writing.issue import IssueContent


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsletter:
    """What every message and every page says about the sender, and the addresses of its pages."""

    name: str
    #: The agency, as it signs the letter.
    agency: str
    sender_name: str
    sender_address: str
    #: One line; law and providers ask for it in every issue.
    postal_address: str
    #: Without a slash at the end; every link in mail starts with it, whatever the request said.
    public_url: str
    #: Where letters arrive that ask to leave, and are read; empty: nowhere.
    unsubscribe_address: str = ""

    @property
    def domain(self) -> str:
        """The domain that mail is sent from."""
        return self.sender_address.rpartition("@")[2]

    @property
    def archive_url(self) -> str:
        """The list of past issues."""
        return f"{self.public_url}/issues/"

    @property
    def privacy_url(self) -> str:
        """What is kept about a subscriber, and for how long."""
        return f"{self.public_url}/privacy/"

    def issue_url(self, key: IssueKey) -> str:
        """Return the permalink of the issue with this key."""
        return f"{self.public_url}/issues/{key}/"

    def item_url(self, key: IssueKey, place: int) -> str:
        """Return the permalink of the item at this place (1 to 3)."""
        return f"{self.issue_url(key)}#item-{place}"

    def media_url(self, name: str) -> str:
        """Return the address of a picture: the same for everybody, and for ever."""
        return f"{self.public_url}/media/{name}"

    def confirm_url(self, token: str) -> str:
        """Return the page with the button that confirms a subscription."""
        return f"{self.public_url}/c/{token}/"

    def disown_url(self, token: str) -> str:
        """Return the page that says "this was not me"."""
        return f"{self.public_url}/w/{token}/"

    def unsubscribe_url(self, token: str) -> str:
        """Return the page with the button that ends a subscription."""
        return f"{self.public_url}/u/{token}/"

    def one_click_url(self, token: str) -> str:
        """Return where mail programs post to end a subscription (RFC 8058)."""
        return f"{self.public_url}/o/{token}/"

    def leaving_mail_url(self, token: str) -> str:
        """Return what lets a mail program write to leave; empty where such mail is not read."""
        local, _, domain = self.unsubscribe_address.rpartition("@")
        return f"mailto:{local}+{token}@{domain}?subject=unsubscribe" if local else ""

    def share_url(self, token: str) -> str:
        """Return the page that shows a draft to somebody without an account."""
        return f"{self.public_url}/s/{token}/"

    @property
    def desk_url(self) -> str:
        """The first page of the desk."""
        return f"{self.public_url}/desk/"

    @property
    def own_page_url(self) -> str:
        """The page of the desk on which editors settle what concerns themselves."""
        return f"{self.desk_url}me/"

    def review_url(self, issue_id: int) -> str:
        """Return the page of the desk on which an issue is agreed upon."""
        return f"{self.desk_url}issues/{issue_id}/review/"

    def sign_in_url(self, token: str) -> str:
        """Return the page with the button that signs an editor in."""
        return f"{self.public_url}/desk/sign-in/{token}/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """An issue with its place in the sequence: what a page or a message shows."""

    content: IssueContent
    #: Minted when the run opens; before that, the number it would get.
    number: int
    #: The civil date it goes out on.
    day: date
    #: When the next one comes, if that is known.
    next_day: date | None = None
    #: Made-up content, marked as such wherever it is shown.
    is_sample: bool = False
    #: What is known of the documents behind its links.
    documents: tuple[LinkedDocument, ...] = ()

    @property
    def key(self) -> IssueKey:
        """What names it in addresses."""
        return key_of(self.day, self.number, self.content.corrects)


#: Length of every unsubscribe token, so that one can be spliced in where another stood.
UNSUBSCRIBE_TOKEN_LENGTH = 55
#: Stands for the token in a frozen message; made of characters that no encoding touches.
UNSUBSCRIBE_PLACEHOLDER = "UnsubscribeTokenStandsHere".ljust(UNSUBSCRIBE_TOKEN_LENGTH, "0")
#: What may stand before the token in an address to leave by: with it and a “+” that makes 64
#: characters (RFC 5321 §4.5.3.1).
LONGEST_UNSUBSCRIBE_NAME = 64 - 1 - UNSUBSCRIBE_TOKEN_LENGTH
