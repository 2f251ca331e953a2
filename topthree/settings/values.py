"""How one setting is read, and what is said when it cannot be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

_Parsed = TypeVar("_Parsed")


class SettingsError(Exception):
    """A setting is missing or wrong; the text says which one and what to set."""


def parsed(values: Mapping[str, str], name: str, parse: Callable[[str], _Parsed]) -> _Parsed | None:
    """Return what `parse` makes of this setting, None where it is not set."""
    try:
        return parse(values[name]) if name in values else None
    except ValueError as error:
        raise SettingsError(f"{name} cannot be used. {error}") from error


def number(values: Mapping[str, str], name: str, default: int) -> int:
    """Return the whole number of this setting."""
    try:
        number = int(values.get(name, default))
    except ValueError:
        number = -1
    if number < 0:
        message = f"{name} is a whole number, 0 or more. Change it."
        raise SettingsError(message)
    return number


def yes_or_no(values: Mapping[str, str], name: str, *, usual: str) -> bool:
    """Return whether this setting says yes."""
    given = values.get(name, usual)
    if given not in ("yes", "no"):
        raise SettingsError(f"{name} is “{given}”. Set it to “yes” or “no”.")
    return given == "yes"


def address_of(values: Mapping[str, str], name: str, default: str) -> str:
    """Return the address of this setting; empty only where the default is."""
    return plain_address(name, values.get(name, default))


def plain_address(name: str, address: str) -> str:
    """Return the address, which must be one that any header can hold."""
    local, _, domain = address.rpartition("@")
    is_plain = address.isascii() and address.isprintable() and " " not in address
    if address and not (local and domain and is_plain and "@" not in local):
        message = f"{name} is an address like letters@example.gov. Change it."
        raise SettingsError(message)
    return address
