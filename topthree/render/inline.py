"""Styles moved from the head of a message into its elements, where every mail client reads them."""

from __future__ import annotations

import logging
import threading
from typing import Any

import cssutils
from premailer import Premailer

# premailer keeps parsed styles and cssutils a serializer for the whole process; with threads
# the output is not always the same.
_ONE_AT_A_TIME = threading.Lock()


class StyleFetchRefused(Exception):
    """A style sheet asked for another one; a message is made without the network."""


def inline_styles(html: str) -> str:
    """Return the document with its styles inlined.

    Rules that cannot be inlined belong in a second block marked ``data-premailer="ignore"``; it
    is left as it is. The document begins with ``<!DOCTYPE html>``.

    :raises StyleFetchRefused: if a style wants to import another.
    """
    with _ONE_AT_A_TIME:
        return str(
            _Inliner(
                html,
                allow_network=False,
                # Otherwise premailer takes "!important" out of the second block as well.
                strip_important=False,
                disable_basic_attributes=["width", "height", "align", "valign", "bgcolor"],
                disable_validation=True,
                cssutils_logging_level=logging.CRITICAL,
            ).transform(pretty_print=False)
        )


class _Inliner(Premailer):  # type: ignore[misc]
    def _parse_css_string(self, css_body: str, validate: bool = True) -> Any:  # noqa: FBT001, FBT002, ANN401
        # The parser that premailer calls fetches every @import, whatever allow_network says.
        parser = cssutils.CSSParser(fetcher=_refuse, loglevel=logging.CRITICAL, validate=validate)
        return parser.parseString(css_body)


def _refuse(url: str) -> object:
    raise StyleFetchRefused(f"A style sheet asks for {url}. Write its rules in the template.")
