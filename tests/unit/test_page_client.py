from __future__ import annotations

import pytest
from flask import Flask, Response, redirect, request, session
from werkzeug.wrappers import Response as Answer

from tests.support.client import PageClient
from tests.unit.test_page_checker import HEADERS

PAGE = """<!doctype html>
<html lang="en">
<head><meta name="viewport" content="width=device-width"><title>Form</title></head>
<body><main><h1>{heading}</h1>
<form id="letter" action="/subscribe" method="post">
<input type="hidden" name="token" value="abc">
<label>Address <input name="address" value="old@school.example"></label>
<label>Greeting <textarea name="greeting">
Dear all</textarea></label>
<fieldset><legend>Grade</legend>
<label><input type="radio" name="grade" value="5" checked> 5</label>
<label><input type="radio" name="grade" value="6"> 6</label>
</fieldset>
<label><input type="checkbox" name="news" value="yes"> News</label>
<label>Language <select name="language"><option value="en">English</option>
<option value="es">Spanish</option></select></label>
<label>Gone <input name="gone" disabled></label>
<button name="do" value="save">Save</button> <button name="do" value="send">Send</button>
</form>
<form id="search" action="/search"><label>Word <input name="word"></label>
<button>Find</button></form>
<p><a id="next" href="search?word=next">Next</a></p>
</main></body></html>
"""


@pytest.fixture
def client() -> PageClient:
    app = Flask(__name__)
    app.secret_key = "made up for this test"

    @app.get("/")
    @app.get("/search")
    def form() -> str:
        return PAGE.format(heading=request.args.get("word") or session.get("sent", "nothing"))

    @app.post("/subscribe")
    def subscribe() -> Answer:
        session["sent"] = "; ".join(
            f"{name}={value}" for name, value in request.form.items(multi=True)
        )
        return redirect("/")

    @app.get("/bad")
    def bad() -> str:
        return PAGE.replace("lang", "data-lang")

    @app.get("/feed")
    def feed() -> Answer:
        return Response("<feed/>", mimetype="application/atom+xml")

    @app.after_request
    def secure(response: Answer) -> Answer:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return PageClient(app)


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
        client.get("/bad")


def test_what_is_not_html_is_not_judged_as_html(client: PageClient) -> None:
    assert client.get("/feed").status == 200
