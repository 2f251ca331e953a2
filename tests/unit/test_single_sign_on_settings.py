"""The settings of single sign-on: all of them or none, and a way that nobody else reads."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from topthree.app import create_app
from topthree.services.identity.identity_provider import is_address_verified
from topthree.settings import read_settings
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


ENTRA = "https://login.microsoftonline.com/0f8fad5b-d9cb-469f-a165-70867728950e/v2.0"


@pytest.mark.parametrize(
    ("issuer", "said", "is_verified"),
    [
        ("https://login.example.gov", {"email_verified": True}, True),
        ("https://login.example.gov", {"email_verified": "true"}, False),
        ("https://login.example.gov", {"xms_edov": True}, False),
        (ENTRA, {}, False),
        (ENTRA, {"xms_edov": True}, True),
        (ENTRA, {"xms_edov": "1"}, True),
        (ENTRA, {"xms_edov": "True"}, True),
        (ENTRA, {"xms_edov": False}, False),
        (ENTRA, {"xms_edov": "0"}, False),
        (ENTRA, {"email_verified": False, "xms_edov": True}, False),
        (ENTRA.replace(".com/", ".us/"), {"xms_edov": 1}, True),
        (ENTRA.replace(".com/", ".com.example.org/"), {"xms_edov": True}, False),
        ("https://login.microsoftonline.com/common/v2.0", {"xms_edov": True}, False),
    ],
)
def test_an_address_is_verified_as_the_provider_says_it_and_never_otherwise(
    issuer: str, said: dict[str, object], *, is_verified: bool
) -> None:
    assert is_address_verified(issuer, said) is is_verified


@pytest.mark.parametrize(
    ("settings", "module", "package"),
    [
        (WHOLE, "topthree.services.identity.oidc", "joserfc"),
        (WHOLE, "topthree.fetch.chosen", "requests"),
        ({"TOPTHREE_PASSKEYS": "yes"}, "topthree.services.identity.passkey_ceremony", "webauthn"),
    ],
)
def test_without_the_extra_it_says_what_to_install(
    settings: dict[str, str],
    module: str,
    package: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setitem(sys.modules, package, None)
    at_home = {"TOPTHREE_INSTANCE": str(tmp_path), "TOPTHREE_PUBLIC_URL": "http://localhost:8000"}

    with pytest.raises(SettingsError, match=r"pip install 'topthree\[sign-in\]'"):
        create_app(read_settings(at_home | settings))
