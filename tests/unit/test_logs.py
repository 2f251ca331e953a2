"""A log may be read by anyone who operates; no teacher's address is in it."""

from __future__ import annotations

import logging
import sys

from topthree.app.logs import DiscreetFormatter


def test_no_address_is_logged_not_even_in_a_traceback() -> None:
    nobody: dict[str, str] = {}
    try:
        nobody["Key (address_key)=(ann@school.example) already exists."]
    except KeyError:
        record = logging.LogRecord(
            "store", logging.ERROR, __file__, 1, "%s failed", ("ben@x.example",), sys.exc_info()
        )

    line = DiscreetFormatter("%(message)s").format(record)

    assert "ann@" not in line
    assert "ben@" not in line
    assert "b•••@x.example failed" in line
