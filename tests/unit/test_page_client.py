from __future__ import annotations

import pytest

from tests.support.client import PageClient
from tests.support.sample_site import make_site


@pytest.fixture
def client() -> PageClient:
    return PageClient(make_site())


def test_a_form_is_sent_as_a_browser_sends_it(client: PageClient) -> None:
    client.get("/")

    page = client.submit("#letter", {"address": "new@school.example"})

    assert page.heading == (
        "token=abc; address=new@school.example; greeting=Dear all; grade=5; language=en; do=save"
    )


def test_boxes_choices_and_buttons_can_be_chosen(client: PageClient) -> None:
    client.get("/")

    page = client.submit(
        "#letter", {"grade": "6", "news": True, "language": "es", "address": None}, button="Send"
    )

    assert page.heading == "token=abc; greeting=Dear all; grade=6; news=yes; language=es; do=send"


@pytest.mark.parametrize(
    ("entries", "complaint"),
    [
        ({"adress": "x"}, "has no field 'adress'"),
        ({"gone": "x"}, "has no field 'gone'"),
        ({"language": "fr"}, "does not offer 'fr'"),
        ({"grade": "7"}, "does not offer '7'"),
    ],
)
def test_what_no_browser_could_send_is_refused(
    client: PageClient, entries: dict[str, str], complaint: str
) -> None:
    client.get("/")

    with pytest.raises(AssertionError, match=complaint):
        client.submit("#letter", entries)


def test_a_search_form_goes_into_the_address(client: PageClient) -> None:
    client.get("/")

    page = client.submit("#search", {"word": "cabinet"})

    assert page.path == "/search?word=cabinet"
    assert page.heading == "cabinet"


def test_a_link_leads_on(client: PageClient) -> None:
    client.get("/")

    assert client.follow("#next").heading == "next"


def test_a_bad_page_fails_the_test_that_fetches_it(client: PageClient) -> None:
    with pytest.raises(AssertionError, match="<html> has no lang"):
        client.get("/without-language")


def test_what_is_not_html_is_not_judged_as_html(client: PageClient) -> None:
    assert client.get("/feed").status == 200
