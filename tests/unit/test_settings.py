"""Settings: enough to start on one machine with none, and production refuses to guess."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from topthree.app import create_app
from topthree.domain.agreeing.approval import ApprovalRule, OwnWork
from topthree.domain.editors.permission import Role
from topthree.domain.sending.provider_pace import Pacing
from topthree.services.installation.instance_file import made_once
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
        ("TOPTHREE_ANCHOR", "9999-12-31"),
        ("TOPTHREE_DATABASE_URL", "postgresql://u:p/w@h:port/d"),
        ("TOPTHREE_DATABASE_URL", "postgresql"),
        ("TOPTHREE_PUBLIC_URL", "https://müller.example"),
        ("TOPTHREE_PUBLIC_URL", "https://letters.example:port"),
        ("TOPTHREE_PUBLIC_URL", "https://letters .example"),
        ("TOPTHREE_PUBLIC_URL", "https://[letters.example"),
        ("TOPTHREE_APPROVERS", "editor, writer"),
        ("TOPTHREE_APPROVERS", "everybody"),
        ("TOPTHREE_OWN_WORK", "yes"),
        ("TOPTHREE_UNSUBSCRIBE_ADDRESS", "leave"),
        # With the token it would be longer than a mail server takes.
        ("TOPTHREE_UNSUBSCRIBE_ADDRESS", "unsubscribe@example.gov"),
        ("TOPTHREE_SNS_TOPICS", "letters"),
        ("TOPTHREE_SNS_TOPICS", "arn:aws:sqs:us-east-1:123456789012:letters"),
        ("TOPTHREE_SNS_TOPICS", "arn:aws:sns:example.com/:123456789012:letters"),
        ("TOPTHREE_BOUNCE_ADDRESS", "bounces"),
        ("TOPTHREE_BOUNCE_ADDRESS", "@example.gov"),
        ("TOPTHREE_BOUNCE_ADDRESS", "bounces@example.gov, other@example.gov"),
        ("TOPTHREE_BOUNCE_ADDRESS", "bounces@müller.example"),
        ("TOPTHREE_BOUNCE_ADDRESS", "bounces@example.gov\r\nX: y"),
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


def test_a_password_is_not_shown_when_the_database_url_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        settings(tmp_path, TOPTHREE_DATABASE_URL="postgresql://u:hunter2@h:port/d")

    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("content", ["", "\n", "short", "a" * 64])
def test_a_key_file_without_a_whole_key_is_refused_by_its_name(
    tmp_path: Path, content: str
) -> None:
    settings(tmp_path)
    file = tmp_path / "instance" / "secret-key"
    file.write_text(content)

    with pytest.raises(SettingsError, match="secret-key holds no key"):
        settings(tmp_path)


def test_first_starts_at_the_same_moment_read_one_whole_value(tmp_path: Path) -> None:
    together = threading.Barrier(8)
    file = tmp_path / "instance" / "name"

    def start(number: int) -> str:
        together.wait()
        return made_once(file, lambda: f"{number}" * 1_000)

    with ThreadPoolExecutor(8) as pool:
        read = set(pool.map(start, range(8)))

    assert len(read) == 1
    assert len(read.pop()) == 1_000
    assert [path.name for path in file.parent.iterdir()] == ["name"]


def test_a_start_that_ends_before_the_value_is_whole_leaves_no_file(tmp_path: Path) -> None:
    def break_off() -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made_once(tmp_path / "name", break_off)

    assert list(tmp_path.iterdir()) == []


def test_a_worker_without_a_name_is_refused_with_what_to_do(tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    instance.mkdir()
    (instance / "worker-id").touch()

    with pytest.raises(SettingsError, match="worker-id is empty"):
        create_app(settings(tmp_path))


def test_nothing_is_paced_spread_or_looked_up_until_that_is_set(tmp_path: Path) -> None:
    made = settings(tmp_path)

    assert made.pacing == Pacing()
    assert made.warm_up is None
    assert not made.looks_up_mx


def test_a_pace_by_provider_asks_whose_servers_a_domain_has_unless_told_not_to(
    tmp_path: Path,
) -> None:
    paced = {"TOPTHREE_PACE_PROVIDERS": "google 20/s"}

    assert settings(tmp_path, **paced).looks_up_mx
    assert not settings(tmp_path, **paced, TOPTHREE_LOOK_UP_MX="no").looks_up_mx
    assert settings(tmp_path, TOPTHREE_LOOK_UP_MX="yes").looks_up_mx


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOPTHREE_PACE", "fast"),
        ("TOPTHREE_PACE_PROVIDERS", "google"),
        ("TOPTHREE_LOOK_UP_MX", "perhaps"),
        ("TOPTHREE_CHECK_LINKS", "perhaps"),
        ("TOPTHREE_WARM_UP", "slowly"),
    ],
)
def test_a_slip_in_a_pace_names_its_setting(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} .*{value}"):
        settings(tmp_path, **{name: value})


def test_topics_of_sns_are_given_with_commas_wherever_amazon_is(tmp_path: Path) -> None:
    topics = [
        f"arn:aws{part}:sns:us-gov-west-1:123456789012:Letters_1" for part in ("", "-cn", "-us-gov")
    ]

    made = settings(tmp_path, TOPTHREE_SNS_TOPICS=", ".join(topics) + ",")

    assert made.reporting.sns_topics == tuple(topics)


def test_who_approves_and_whether_their_own_work_can_be_set(tmp_path: Path) -> None:
    usual = settings(tmp_path).approval
    given = {"TOPTHREE_APPROVERS": "Publisher", "TOPTHREE_OWN_WORK": "not-the-last-change"}
    other = settings(tmp_path, **given).approval

    assert usual == ApprovalRule()
    assert other == ApprovalRule(
        roles=frozenset({Role.PUBLISHER}), own_work=OwnWork.NOT_THE_LAST_CHANGE
    )
