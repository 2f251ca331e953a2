"""Settings: enough to start on one machine with none, and production refuses to guess."""

from __future__ import annotations

from pathlib import Path

import pytest

from topthree.settings import Settings, SettingsError, read_settings

KEY = "7f3a9c51e2b84d06a1c5f7e9d3b20864"
PRODUCTION = {
    "TOPTHREE_MODE": "production",
    "TOPTHREE_SECRET_KEYS": KEY,
    "TOPTHREE_PUBLIC_URL": "https://letters.example.gov/",
    "TOPTHREE_POSTAL_ADDRESS": "1 Example Street, Springfield 00000",
    "TOPTHREE_SENDER_ADDRESS": "letters@example.gov",
}


def settings(tmp_path: Path, **environment: str) -> Settings:
    return read_settings({"TOPTHREE_INSTANCE": str(tmp_path / "instance"), **environment})


def test_nothing_has_to_be_set_to_try_it(tmp_path: Path) -> None:
    made = settings(tmp_path)

    assert made.database_url == f"sqlite:///{tmp_path}/instance/topthree.sqlite3"
    assert made.newsletter.public_url == "http://127.0.0.1:8000"
    assert made.outbox == tmp_path / "instance" / "outbox"


def test_the_key_of_a_trial_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    first, second = settings(tmp_path), settings(tmp_path)

    assert first.secret_keys == second.secret_keys
    assert (tmp_path / "instance" / "secret-key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", [name for name in PRODUCTION if name != "TOPTHREE_MODE"])
def test_production_names_each_setting_that_is_missing(tmp_path: Path, name: str) -> None:
    incomplete = {**PRODUCTION, name: ""}

    with pytest.raises(SettingsError, match=name):
        settings(tmp_path, **incomplete)


@pytest.mark.parametrize("key", ["short", "a" * 64, "change-me-change-me-"])
def test_a_weak_key_is_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(SettingsError, match="openssl rand"):
        settings(tmp_path, **{**PRODUCTION, "TOPTHREE_SECRET_KEYS": key})


def test_production_starts_with_what_it_needs(tmp_path: Path) -> None:
    made = settings(tmp_path, **PRODUCTION)

    assert made.is_production
    assert made.secret_keys == (KEY,)
    assert made.newsletter.public_url == "https://letters.example.gov"


def test_several_keys_are_given_with_commas_the_first_one_signs(tmp_path: Path) -> None:
    other = KEY[::-1]

    assert settings(tmp_path, TOPTHREE_SECRET_KEYS=f"{KEY}, {other}").secret_keys == (KEY, other)


@pytest.mark.parametrize("url", ["postgres://u@h/d", "postgresql://u@h/d"])
def test_a_postgresql_url_gets_its_driver(tmp_path: Path, url: str) -> None:
    made = settings(tmp_path, TOPTHREE_DATABASE_URL=url)

    assert made.database_url == "postgresql+psycopg://u@h/d"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOPTHREE_MODE", "prod"),
        ("TOPTHREE_DATABASE_URL", "mysql://u@h/d"),
        ("TOPTHREE_PUBLIC_URL", "letters.example.gov"),
        ("TOPTHREE_SENDER_ADDRESS", "no-reply@example.gov"),
        ("TOPTHREE_SENDER_ADDRESS", "letters"),
        ("TOPTHREE_TIME_ZONE", "Boston"),
        ("TOPTHREE_ANCHOR", "next Thursday"),
        ("TOPTHREE_SEND_AT", "25:00"),
        ("TOPTHREE_GRACE_HOURS", "-1"),
        ("TOPTHREE_TRUSTED_PROXIES", "all"),
    ],
)
def test_a_wrong_value_is_refused_by_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        settings(tmp_path, **{name: value})


def test_production_insists_on_https(tmp_path: Path) -> None:
    plain = {**PRODUCTION, "TOPTHREE_PUBLIC_URL": "http://letters.example.gov"}

    with pytest.raises(SettingsError, match="https"):
        settings(tmp_path, **plain)


def test_settings_never_show_themselves(tmp_path: Path) -> None:
    assert KEY not in repr(settings(tmp_path, TOPTHREE_SECRET_KEYS=KEY))
