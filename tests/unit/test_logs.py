"""A log may be read by anyone who operates; no teacher's address is in it."""

from __future__ import annotations

import logging
import sys

from topthree.app.logs import DiscreetFormatter


def a_failure() -> logging.LogRecord:
    nobody: dict[str, str] = {}
    try:
        return logging.makeLogRecord({"msg": nobody["Key (address_key)=(ann@school.example)"]})
    except KeyError:
        return logging.LogRecord(
            "store", logging.ERROR, __file__, 1, "%s failed", ("ben@x.example",), sys.exc_info()
        )


def test_no_address_is_logged_not_even_in_a_traceback() -> None:
    line = DiscreetFormatter("%(message)s").format(a_failure())

    assert "ann@" not in line
    assert "ben@" not in line
    assert "a•••@school.example" in line
    assert "b•••@x.example failed" in line
