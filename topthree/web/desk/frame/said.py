"""What the desk says after something was done: the address names a sentence of this table."""

from __future__ import annotations

from flask import request

_SENTENCES = {
    "created": "Here is a fresh draft. Nobody sees it but the desk.",
    "saved": "Saved.",
    "unapproved": "Saved. With this change the approval has ended: ask for it again when you are"
    " done.",
    "links": "The links are being checked; that takes a few seconds. Open this page again then.",
    "no-links": "There is no link to be checked.",
    "merged": "Saved, together with what a colleague had changed meanwhile. The history shows who"
    " wrote what.",
    "thrown-away": "Thrown away. The issue is as it was.",
    "restored": "Brought back, as a new version. The one before it stays in the history.",
    "restored-already": "The issue is just like that version already.",
    "moved": "Saved, in the new order.",
    "next-line": "Saved. The greeting says when the next letter comes.",
    "submitted": "Saved, and a colleague is asked to approve it. You can still write; any change"
    " shows in the review.",
    "to-ask": "Saved. Say who should read it, and they get mail.",
    "in-review": "Saved. The issue is in review already, and the review shows what you saved.",
    "sent-back": "Sent back to its writers with your reason.",
    "approved": "Approved: exactly this text goes out, and nothing else.",
    "commented": "Your comment stands below.",
    "resolved": "Resolved. It is kept among the resolved comments.",
    "reopened": "It is open again.",
    "unsaid": "Your comment is gone.",
    "shared": "The link is below. Copy it into a message: whoever has it sees the draft.",
    "share-ended": "That link shows nothing any more.",
    "planned": "It stands on its slot now.",
    "unplanned": "It is off its slot. It keeps its text and its approval.",
    "uploaded": "Here it is. Choose the part that is shown, and say in words what it shows.",
    "uploaded-still": "Here it is. The file held several pictures that move: readers get the first,"
    " standing still. Say in words what it shows.",
    "cut": "This is the part that readers will see. Save it when its words are right.",
    "picture": "Saved, with the picture.",
    "picture-removed": "The picture is taken out.",
    "test-sent": "The test is on its way: the mail server took it. Look into that inbox.",
    "test-kept": "The test was made. Without a mail relay it waits in the outbox.",
    "sending": "It is being sent. The figures below are of this moment.",
    "waiting": "It waits a while, so that it can be taken back.",
    "taken-back": "Taken back: nothing was sent. It keeps its text and its approval.",
    "corrected": "The page is corrected, and your note stands on it. What was sent stays as it"
    " was.",
    "correction": "Here is the correction, begun for you. Say what was wrong, and what is right.",
    "paused": "Paused. What is on the wire at this moment still goes out, and then nothing more.",
    "resumed": "It goes on.",
    "cancelled": "Stopped for good. Whoever has the letter keeps it; the others will not get it.",
    "missed": "Those who were missed get it now.",
    "letter-approved": "Approved: whoever gets the letter from now on gets it corrected.",
    "settled": "Noted.",
    "invited": "Invited. A message with a link is on its way to them.",
    "invited-again": "Invited again. The link of the message before lets nobody in any more.",
    "role-changed": "Changed, and signed out everywhere: the new role holds from now on.",
    "passkey-added": "Added. From now on you can sign in with it.",
    "passkey-named": "Renamed.",
    "passkey-removed": "Removed. It signs nobody in any more.",
    "mail-on": "Switched on: you get mail when it is your turn.",
    "mail-off": "Switched off. What waits for you stands on the board.",
    "session-ended": "Signed out there.",
    "sessions-ended": "Signed out everywhere but here.",
    "removed": "Removed, and signed out everywhere. What they wrote stays.",
    "bank-added": "It is in the bank now.",
    "bank-copied": "This is the copy. The other one stays as it was.",
    "bank-kept": "A copy is in the bank. The issue stays as it was.",
    "bank-deleted": "Deleted.",
    "bank-deleted-used": "Deleted from the bank. The issue in which it stood keeps its text.",
    "put": "It stands in its place. Here is the next one that is empty.",
    "places-full": "All three places are filled. Subject and preheader come next.",
    "taken-out": "The place is empty. What stood there is in the bank, as it was.",
    "last-call": "The last call is in the bank. Choose its place.",
    "calendar": "The calendar is changed. The next slots are below.",
    "breaks": "The school calendar is taken over. Slots that fall into a break are marked.",
    "break-removed": "The break is removed from the calendar.",
    "signed-out": "You are signed out.",
}


def said() -> str:
    """Return the sentence that the address asks for; empty for any other word."""
    return _SENTENCES.get(request.args.get("said", ""), "")
