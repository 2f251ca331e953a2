"""What a typed address must look like, and the words that say what is wrong with it."""

from __future__ import annotations

import unicodedata

from email_validator import EmailNotValidError, validate_email

from topthree.domain.refusal import Invalid, Problem
from topthree.domain.subscribers.address import ADDRESS_LIMIT, EmailAddress

_LOOKS_LIKE = "An address looks like name@school.example."
_TOO_LONG = f"This is longer than an address can be. {_LOOKS_LIKE}"
#: No composed character is made of more than four.
_LONGEST_TYPED = 4 * ADDRESS_LIMIT
#: RFC 5321 §4.5.3.1.1
_LOCAL_LIMIT = 64
# Phones put these in for the apostrophe of o'brien@school.example.
_SMART_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'"})
# Controls, invisible format characters, line separators, and what Unicode leaves undefined.
_HIDDEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})


def parse_address(text: str) -> EmailAddress:
    """Return the address that was typed, as it is kept. No name server is ever asked.

    :raises Invalid: if it is not one; the message, for the field ``address``, names the fix.
    """
    typed = text.strip().translate(_SMART_QUOTES)
    # Putting a long heap of accents in order takes seconds, so length is looked at first.
    if len(typed) <= _LONGEST_TYPED:
        typed = unicodedata.normalize("NFC", typed)
    message = _TOO_LONG if len(typed) > ADDRESS_LIMIT else _problem(typed)
    if message:
        raise _invalid(message)
    try:
        checked = validate_email(
            typed,
            check_deliverability=False,
            allow_smtputf8=False,
            strict=True,
            # Accepts .test, which never leads anywhere; .example is accepted as it is.
            test_environment=True,
        )
    except EmailNotValidError as error:
        raise _invalid(
            f"This is not an address that mail can reach. Check it for a slip. {_LOOKS_LIKE}"
        ) from error
    # With SMTPUTF8 refused, email-validator always has an ASCII form.
    return EmailAddress(local=typed.rpartition("@")[0], domain=str(checked.ascii_domain).lower())


def _problem(typed: str) -> str:
    """Name the first thing that is wrong, the most telling first; empty if nothing is."""
    local, _, domain = typed.rpartition("@")
    strange = next((character for character in local if not character.isascii()), "")
    found = (
        (not typed, f"Type your address first. {_LOOKS_LIKE}"),
        (_has_hidden(typed), "The address holds a hidden character. Type it by hand."),
        ("@" not in typed, f"There is an “@” missing. {_LOOKS_LIKE}"),
        (any(map(str.isspace, typed)), "There is a blank inside the address. Take it out."),
        ("@" in local, "There is more than one “@”. Type one address only."),
        (not local, f"There is nothing before the “@”. {_LOOKS_LIKE}"),
        (not domain, f"There is nothing after the “@”. {_LOOKS_LIKE}"),
        (
            bool(strange),
            f"“{strange}” cannot stand before the “@”. Use plain letters, a to z.",
        ),
        (len(local) > _LOCAL_LIMIT, "The part before the “@” is too long. Check it for a slip."),
        ("." not in domain, f"The part after the “@” has no ending. {_LOOKS_LIKE}"),
        (".." in typed, "There are two dots in a row. Take one out."),
        (typed.endswith("."), "There is a dot at the end. Take it out."),
    )
    return next((message for is_so, message in found if is_so), "")


def _has_hidden(typed: str) -> bool:
    return any(unicodedata.category(character) in _HIDDEN for character in typed)


def _invalid(message: str) -> Invalid:
    return Invalid(Problem(field="address", message=message))
