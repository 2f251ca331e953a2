"""The address of a database, as it is written in settings."""

from __future__ import annotations

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError


def complete_database_url(url: str) -> str:
    """Return the address with the name of the driver.

    :raises ValueError: saying what the address does wrong, to be read after the setting's name.
    """
    try:
        make_url(url)
    except (ArgumentError, ValueError):
        # What is wrong may be the password, so it is not shown.
        raise ValueError(
            "cannot be read. It looks like"
            " postgresql+psycopg://name:password@host:5432/database, with a number for the port"
            " and every “/”, “?”, “#” or “@” of the password percent-encoded."
        ) from None
    if url.startswith(("postgres://", "postgresql://")):
        # Without the driver's name, which one is meant depends on the library's version.
        return "postgresql+psycopg://" + url.partition("://")[2]
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError("starts with sqlite:/// or postgresql+psycopg://. Change it.")
    return url
