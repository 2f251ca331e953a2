"""What is installed only where it was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from topthree.settings import SettingsError


@contextmanager
def needs_extra(setting: str, extra: str) -> Iterator[None]:
    """Say which extra is missing if what is imported here is not installed.

    :param setting: what asks for it.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        message = (
            f"{setting} needs the extra “{extra}”. Install it with: pip install 'topthree[{extra}]'"
        )
        raise SettingsError(message) from error
