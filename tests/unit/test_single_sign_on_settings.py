"""The settings of single sign-on: all of them or none, and a way that nobody else reads."""

from __future__ import annotations

import pytest

from topthree.settings.signing_in import single_sign_on_of
from topthree.settings.values import SettingsError

WHOLE = {
    "TOPTHREE_OIDC_ISSUER": "https://login.example.gov/",
    "TOPTHREE_OIDC_CLIENT_ID": "desk",
    "TOPTHREE_OIDC_CLIENT_SECRET": "a secret",
}


def test_without_any_of_them_it_is_off() -> None:
    assert single_sign_on_of({}) is None


def test_the_issuer_stays_as_it_was_written() -> None:
    registration = single_sign_on_of(WHOLE)

    assert registration is not None
    assert registration.issuer == "https://login.example.gov/"
    assert registration.name == "single sign-on"
    assert "a secret" not in repr(registration)


@pytest.mark.parametrize("name", WHOLE)
def test_one_that_is_missing_is_named(name: str) -> None:
    rest = {each: value for each, value in WHOLE.items() if each != name}

    with pytest.raises(SettingsError, match=name):
        single_sign_on_of(rest)


@pytest.mark.parametrize(
    ("issuer", "is_fine"),
    [
        ("http://localhost:9400", True),
        ("http://[::1]:9400", True),
        ("http://login.example.gov", False),
        ("http://127.0.0.1.example.gov", False),
        ("https://", False),
        ("https://login.example.gov/?tenant=1", False),
        ("login.example.gov", False),
        ("https://[login", False),
    ],
)
def test_an_issuer_is_https_or_on_this_machine(issuer: str, *, is_fine: bool) -> None:
    values = WHOLE | {"TOPTHREE_OIDC_ISSUER": issuer}

    if is_fine:
        assert single_sign_on_of(values)
    else:
        with pytest.raises(SettingsError, match="TOPTHREE_OIDC_ISSUER is an address with https"):
            single_sign_on_of(values)
