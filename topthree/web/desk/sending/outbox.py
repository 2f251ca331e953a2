"""The local outbox: mail that stays on this machine because no relay is set."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import parseaddr
from pathlib import Path

from flask import render_template
from flask.typing import ResponseReturnValue

from topthree.domain.editors.permission import PERMISSIONS, Permission
from topthree.domain.refusal import NotFound
from topthree.mail.transports.maildir import OutboxMessage, read_outbox, read_outbox_message
from topthree.web.access import current_editor, desk
from topthree.web.framed_mail import framed_mail
from topthree.web.linked_text import linked
from topthree.web.site import site

_MOST = 100


@desk(Permission.READ_DESK)
def outbox() -> ResponseReturnValue:
    """List the newest messages."""
    messages = list(_for_me(read_outbox(_folder(), _MOST)))
    return render_template("desk/sending/outbox.html", messages=messages, most=_MOST)


@desk(Permission.READ_DESK)
def message(name: str) -> ResponseReturnValue:
    """Show one message: its headers, its text with links that work, its HTML in a frame."""
    shown = _read(name)
    return render_template("desk/sending/message.html", message=shown, text=linked(shown.text))


@desk(Permission.READ_DESK)
def message_html(name: str) -> ResponseReturnValue:
    """Give the HTML of the message, locked into a frame."""
    return framed_mail(_read(name).html)


def _folder() -> Path:
    folder = site().outbox
    if folder is None:
        raise NotFound("Mail goes out through a relay here, so there is no outbox to read.")
    return folder


def _read(name: str) -> OutboxMessage:
    found = next(_for_me((read_outbox_message(_folder(), name),)), None)
    if found is None:
        raise NotFound("This message signs somebody else in. Only they and administrators read it.")
    return found


def _for_me(messages: tuple[OutboxMessage, ...]) -> Iterator[OutboxMessage]:
    """Yield what this editor may read: a way in is only for the one it lets in."""
    editor = current_editor()
    sees_all = Permission.MANAGE_EDITORS in PERMISSIONS[editor.role]
    way_in = site().newsletter.sign_in_url("").rstrip("/")
    for each in messages:
        is_mine = parseaddr(each.recipient)[1].casefold() == editor.address.casefold()
        if sees_all or is_mine or way_in not in each.text:
            yield each
