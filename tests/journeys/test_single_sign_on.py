"""Single sign-on: to a provider and back, with each thing that can be wrong on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

import pytest
from werkzeug.wrappers import Response

from tests.support import identity_provider as provider_support
from tests.support.client import PageClient
from tests.support.colleague import Colleague
from tests.support.databases import Databases
from tests.support.identity_provider import CLIENT_ID, CLIENT_SECRET, Claims, FakeProvider
from tests.support.installation import Installation, dismantle, install
from tests.support.page import Page
from topthree.domain.audit.act import Act
from topthree.domain.editors.permission import Role
from topthree.services.audit.log import Wanted, list_entries
from topthree.services.editors.manage_editors import remove_editor

BACK = "/desk/sign-in/oidc/back/"
BEGIN = 'form[action="/desk/sign-in/oidc/"]'
_numbers = count(1)


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeProvider]:
    with FakeProvider() as fake:
        yield fake


@pytest.fixture(scope="module")
def house(
    sqlite_databases: Databases, fake: FakeProvider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """One for all: each test brings people and browsers of its own."""
    for database_url in sqlite_databases.fresh():
        folder = tmp_path_factory.mktemp("single-sign-on") / "house"
        installation = install(folder, database_url, **connected_to(fake.issuer))
        yield installation
        dismantle(installation)


@pytest.fixture
def provider(fake: FakeProvider, house: Installation) -> FakeProvider:
    fake.behave(house.clock().timestamp())
    return fake


@pytest.fixture
def ana(house: Installation, provider: FakeProvider) -> Colleague:
    """An editor whom the provider knows, by an account of their own."""
    number = next(_numbers)
    ana = Colleague(house, f"Ana-{number}", Role.WRITER)
    provider.claims |= {"email": ana.editor.address, "sub": f"account-{number}"}
    return ana


def connected_to(issuer: str) -> dict[str, str]:
    return {
        "TOPTHREE_OIDC_ISSUER": issuer,
        "TOPTHREE_OIDC_CLIENT_ID": CLIENT_ID,
        "TOPTHREE_OIDC_CLIENT_SECRET": CLIENT_SECRET,
        "TOPTHREE_OIDC_NAME": "your school account",
    }


def set_out(
    browser: PageClient, provider: FakeProvider, *, follow: str = "/desk/"
) -> dict[str, str]:
    """Press the button of the door, and go to the provider."""
    browser.get(follow)
    page = browser.submit(BEGIN)
    return provider.take(page.one("main a.button").get("href", ""))


def come_back(browser: PageClient, **said: str) -> Page:
    return browser.get(f"{BACK}?{urlencode(said)}")


def walk(browser: PageClient, provider: FakeProvider, *, follow: str = "/desk/") -> Page:
    asked = set_out(browser, provider, follow=follow)
    come_back(browser, state=asked["state"], code="a code", iss=provider.issuer)
    return browser.submit("main form")


def is_in(browser: PageClient) -> bool:
    return browser.get("/desk/me/").heading == "Your account"


def acts(house: Installation) -> list[str]:
    with house.wiring.reading() as session:
        return [entry.act for entry in list_entries(session, Wanted(), limit=2).entries]


def test_an_editor_comes_in_by_the_verified_address_and_then_by_the_account(
    house: Installation, provider: FakeProvider, ana: Colleague
) -> None:
    page = walk(ana.browser, provider, follow="/desk/bank/")
    first = acts(house)
    provider.claims |= {"email": "renamed@desk.example", "email_verified": False}
    again = PageClient(house.app)
    walk(again, provider)

    assert page.path == "/desk/bank/"
    assert first == [Act.SIGNED_IN, Act.IDENTITY_LINKED]
    assert acts(house)[0] == Act.SIGNED_IN
    assert ana.editor.name in again.page.text
    assert "by single sign-on" in again.get("/desk/me/").text


def test_the_provider_is_asked_with_marks_that_are_new_each_time(
    provider: FakeProvider, ana: Colleague
) -> None:
    first, second = (set_out(ana.browser, provider) for _ in range(2))

    marks = ("state", "nonce", "code_challenge")
    assert all(len(first[mark]) == 43 for mark in marks)
    assert len({asked[mark] for asked in (first, second) for mark in marks}) == 6
    assert {name: first[name] for name in first if name not in marks} == {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": f"http://letters.example{BACK}",
        "scope": "openid email profile",
        "code_challenge_method": "S256",
    }


def test_looking_at_the_answer_signs_nobody_in(provider: FakeProvider, ana: Colleague) -> None:
    asked = set_out(ana.browser, provider)
    page = come_back(ana.browser, state=asked["state"], code="a code")

    assert page.heading == "Back from your school account"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert not is_in(ana.browser)


WRONG_CLAIMS: dict[str, Claims] = {
    "another nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "another audience": {"aud": "another desk"},
    "several audiences, and not for whom": {"aud": [CLIENT_ID, "another desk"]},
    "for another": {"azp": "another desk"},
    "another issuer": {"iss": "https://login.example.gov"},
    "expired": {"exp": 1},
    "without an end": {"exp": None},
    "not yet": {"nbf": 9_999_999_999},
    "made in the future": {"iat": 9_999_999_999},
    "no account": {"sub": None},
    "an empty account": {"sub": ""},
    "of another access token": {"at_hash": "another"},
}


@pytest.mark.parametrize("claims", WRONG_CLAIMS.values(), ids=WRONG_CLAIMS)
def test_an_id_token_with_one_wrong_claim_signs_nobody_in(
    provider: FakeProvider, ana: Colleague, claims: Claims
) -> None:
    provider.claims |= claims

    page = walk(ana.browser, provider)

    assert (page.status, "does not sign you in" in page.text) == (422, True)
    assert not is_in(ana.browser)


@pytest.mark.parametrize("span", [59, 61])
def test_a_clock_may_be_a_minute_off(provider: FakeProvider, ana: Colleague, span: int) -> None:
    provider.claims["exp"] = int(provider.now) - span

    walk(ana.browser, provider)

    assert is_in(ana.browser) == (span == 59)


@pytest.mark.parametrize(
    "sign",
    [
        provider_support.by_a_stranger,
        provider_support.by_a_key_that_it_brings,
        provider_support.by_nobody,
        provider_support.by_the_secret,
        provider_support.by_the_public_key,
        lambda _claims: "no.token.atall",
    ],
)
def test_an_id_token_that_the_provider_has_not_signed_signs_nobody_in(
    provider: FakeProvider, ana: Colleague, sign: Callable[[Claims], str]
) -> None:
    provider.sign = sign

    page = walk(ana.browser, provider)

    assert (page.status, "does not sign you in" in page.text) == (422, True)
    assert not is_in(ana.browser)


def test_an_answer_is_taken_only_in_the_browser_that_asked_once_and_soon(
    house: Installation, provider: FakeProvider, ana: Colleague
) -> None:
    asked = set_out(ana.browser, provider)
    answer = {"state": asked["state"], "code": "a code"}
    stranger = PageClient(house.app)

    wrong = come_back(ana.browser, state="another", code="a code").status
    elsewhere = come_back(stranger, **answer).status, stranger.post(BACK, answer).status
    mixed_up = ana.browser.flask.post(
        BACK, data=answer | {"iss": "https://login.example.gov"}
    ).status_code
    reused = ana.browser.post(BACK, answer).status
    late = set_out(ana.browser, provider)
    house.clock.advance(timedelta(minutes=11))
    provider.now = house.clock().timestamp()
    too_late = ana.browser.post(BACK, {"state": late["state"], "code": "a code"}).status

    assert (wrong, elsewhere, mixed_up, reused, too_late) == (422, (422, 422), 422, 422, 422)
    assert not is_in(ana.browser)


def test_a_provider_that_always_names_itself_must(provider: FakeProvider, ana: Colleague) -> None:
    provider.about = {"authorization_response_iss_parameter_supported": True}
    asked = set_out(ana.browser, provider)

    page = ana.browser.post(BACK, {"state": asked["state"], "code": "a code"})

    assert (page.status, is_in(ana.browser)) == (422, False)


def test_a_form_on_another_site_signs_nobody_in(provider: FakeProvider, ana: Colleague) -> None:
    asked = set_out(ana.browser, provider)
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    answer = {"state": asked["state"], "code": "a code"}

    assert ana.browser.post(BACK, answer, headers=elsewhere).status == 403
    assert ana.browser.post("/desk/sign-in/oidc/", {}, headers=elsewhere).status == 403


def test_a_code_that_is_refused_signs_nobody_in(provider: FakeProvider, ana: Colleague) -> None:
    asked = set_out(ana.browser, provider)
    come_back(ana.browser, state=asked["state"], code="another code")

    page = ana.browser.submit("main form")

    assert (page.status, is_in(ana.browser)) == (422, False)


def test_whoever_is_refused_is_led_on_when_they_come_in_another_way(
    provider: FakeProvider, ana: Colleague
) -> None:
    set_out(ana.browser, provider, follow="/desk/bank/")
    said_no = come_back(ana.browser, state=provider.asked["state"], error="access_denied")
    provider.claims["nonce"] = "another"
    refused = walk(ana.browser, provider, follow="/desk/bank/")

    wanted = 'form[action="/desk/sign-in/"] input[name=next]'
    assert [page.one(wanted).get("value") for page in (said_no, refused)] == ["/desk/bank/"] * 2


def test_what_the_provider_refuses_is_said_in_our_words(
    provider: FakeProvider, ana: Colleague
) -> None:
    asked = set_out(ana.browser, provider)
    answer = {"state": asked["state"], "error_description": "Call 555-0100"}

    denied = come_back(ana.browser, error="access_denied", **answer)
    strange = come_back(ana.browser, error="<b>pay</b>", **answer)

    assert (denied.status, "said no" in denied.text) == (422, True)
    assert (strange.status, "refused to sign you in" in strange.text) == (422, True)
    assert "555" not in denied.text + strange.text


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": "true"},
        {"email_verified": None},
        {"email": "nobody@desk.example"},
        {"email": "no address"},
        {"email": None},
    ],
)
def test_only_the_verified_address_of_an_editor_lets_an_account_in(
    provider: FakeProvider, ana: Colleague, claims: Claims
) -> None:
    provider.claims |= claims

    page = walk(ana.browser, provider)

    assert (page.status, "Ask an administrator" in page.text) == (422, True)
    assert not is_in(ana.browser)


def test_an_address_that_only_userinfo_names_counts_if_it_is_verified_there(
    provider: FakeProvider, ana: Colleague
) -> None:
    address = provider.claims.pop("email")
    provider.claims["email_verified"] = None
    provider.user_info = {"email": address}
    unverified = walk(ana.browser, provider).status
    provider.user_info = {"email": address, "email_verified": True}

    page = walk(ana.browser, provider)

    assert (unverified, page.path, is_in(ana.browser)) == (422, "/desk/", True)


def test_what_userinfo_says_of_another_account_signs_nobody_in(
    provider: FakeProvider, ana: Colleague
) -> None:
    said = {"sub": "another account", "email_verified": True, "email": provider.claims.pop("email")}
    provider.claims["email_verified"], provider.user_info = None, said

    page = walk(ana.browser, provider)

    assert (page.status, is_in(ana.browser)) == (422, False)


def test_who_has_come_in_before_needs_no_userinfo(
    house: Installation, provider: FakeProvider, ana: Colleague
) -> None:
    walk(ana.browser, provider)
    provider.claims |= {"email": None, "email_verified": None}
    provider.user_info, provider.instead = {}, {"/about-you": Response("down", 503)}
    again = PageClient(house.app)

    walk(again, provider)

    assert is_in(again)


def test_another_account_with_the_same_address_is_refused(
    provider: FakeProvider, ana: Colleague, house: Installation
) -> None:
    walk(ana.browser, provider)
    provider.claims["sub"] = "another account"
    other = PageClient(house.app)

    page = walk(other, provider)

    assert (page.status, "Another account" in page.text) == (422, True)
    assert not is_in(other)


def test_a_removed_editor_stays_out_and_starts_anew_when_brought_back(
    provider: FakeProvider, ana: Colleague, house: Installation
) -> None:
    house.add_editor(f"Boss-{ana.editor.id}", Role.ADMINISTRATOR)
    walk(ana.browser, provider)
    with house.wiring.writing() as session:
        remove_editor(session, ana.editor.id, None, house.clock())

    page = walk(ana.browser, provider)
    house.add_editor(ana.editor.name, Role.WRITER)
    provider.claims["sub"] = f"new account {ana.editor.id}"
    walk(ana.browser, provider)

    assert (page.status, "Nobody at the desk" in page.text) == (422, True)
    assert is_in(ana.browser)


def test_the_whole_way_works_on_postgresql(
    postgresql_databases: Databases, fake: FakeProvider, tmp_path: Path
) -> None:
    for url in postgresql_databases.fresh():
        house = install(tmp_path / "house", url, **connected_to(fake.issuer))
        fake.behave(house.clock().timestamp())
        ana = Colleague(house, "Ana", Role.WRITER)
        fake.claims |= {"email": ana.editor.address, "sub": "account"}
        first = walk(ana.browser, fake, follow="/desk/bank/")
        again = walk(PageClient(house.app), fake)
        fake.claims["sub"] = "another account"
        refused = walk(PageClient(house.app), fake)
        dismantle(house)

        assert (first.path, again.path, refused.status) == ("/desk/bank/", "/desk/", 422)


DISCOVERY = "/.well-known/openid-configuration"


@pytest.mark.parametrize(
    "answer",
    [
        Response("down", 503),
        Response("{}", 302, headers={"Location": "/elsewhere"}),
        Response("not json"),
        Response("[]"),
        Response("[" * 100_000),
    ],
    ids=["down", "elsewhere", "text", "a list", "too deep"],
)
def test_while_the_provider_is_away_the_door_says_so_and_mail_works(
    provider: FakeProvider, ana: Colleague, answer: Response
) -> None:
    provider.instead = {DISCOVERY: answer}
    ana.browser.get("/desk/")

    page = ana.browser.submit(BEGIN)
    form = 'form[action="/desk/sign-in/"]'
    mailed = ana.browser.submit(form, {"address": ana.editor.address})

    assert (page.status, "Your school account cannot be reached" in page.text) == (503, True)
    assert ana.link
    assert mailed.status == 200


@pytest.mark.parametrize(
    "about",
    [
        {"issuer": "https://login.example.gov"},
        {"token_endpoint": "http://login.example.gov/token"},
        {"jwks_uri": None},
        {"much": "x" * 300_000},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
    ids=["issuer", "token", "keys", "too long", "authorization"],
)
def test_a_provider_that_says_another_thing_about_itself_is_not_asked(
    provider: FakeProvider, ana: Colleague, about: Claims
) -> None:
    provider.about = about
    ana.browser.get("/desk/")

    assert ana.browser.submit(BEGIN).status == 503


@pytest.mark.parametrize("path", [DISCOVERY, "/token", "/keys"])
def test_a_provider_that_goes_away_on_the_way_is_said_too(
    provider: FakeProvider, ana: Colleague, path: str
) -> None:
    asked = set_out(ana.browser, provider)
    come_back(ana.browser, state=asked["state"], code="a code")
    provider.instead = {path: Response("gone", 502)}

    page = ana.browser.submit("main form")

    assert (page.status, "cannot be reached" in page.text) == (503, True)
    assert not is_in(ana.browser)


def test_where_it_is_off_nothing_of_it_is_there(installation: Installation) -> None:
    stranger = PageClient(installation.app)

    page = stranger.get("/desk/sign-in/")

    assert not page.select(BEGIN)
    assert stranger.post("/desk/sign-in/oidc/").status == 404
    assert stranger.get(BACK).status == 404
    assert stranger.post(BACK).status == 404
