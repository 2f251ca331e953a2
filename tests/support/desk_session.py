"""Signed-in browsers, without the mail that lets people in otherwise."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.support.installation import Installation
from tests.support.network import LOOPBACK
from topthree.services.editors.desk_sessions import Admitted, Method, begin_session
from topthree.services.identity.editor_view import EditorView


def let_in(installation: Installation, editor: EditorView) -> str:
    """Begin a session of the editor; return what their browser keeps in the cookie `desk`."""
    admitted = Admitted(editor=editor, method=Method.LINK)
    with installation.wiring.writing() as session:
        return begin_session(session, admitted, "", installation.clock()).secret


def open_desk(page: Page, installation: Installation, editor: EditorView) -> None:
    """Show the editor's desk in a real browser."""
    secret = let_in(installation, editor)
    page.context.add_cookies(
        [{"name": "desk", "value": secret, "domain": LOOPBACK, "path": "/", "httpOnly": True}]
    )
    page.goto("/desk/")
