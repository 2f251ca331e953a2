"""Whatever anybody sends to whatever address: an answer in words, and never a failure of ours."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.routing import Rule

from tests.support.agreeing import talk_about_an_issue
from tests.support.banking import stock
from tests.support.databases import Databases
from tests.support.installation import Installation, complete_content, dismantle, install
from tests.support.sources import PACKAGE
from topthree.domain.editors.permission import Role
from topthree.services.editors.desk_sessions import Admitted, Method, begin_session
from topthree.services.sending.open_run import open_due_runs
from topthree.tokens import Purpose
from topthree.web.csrf import FIELD, csrf_token
from topthree.web.desk.writing.compose_form import FIELDS, form_of

_READ = re.compile(r"\.get\(\s*\"([a-z0-9-]+)\"")
#: Every name of a field or of a part of an address that some page reads.
NAMES = sorted(
    {
        *FIELDS,
        *("from", "to", "pick-subject", "pick-item-1-body", "on", "until", "note"),
        *(
            name
            for path in (Path(PACKAGE) / "web").rglob("*.py")
            for name in _READ.findall(path.read_text(encoding="utf-8"))
        ),
    }
)
NUMBERS = ("0", "1", "2", "-1", "9" * 18, "9" * 19, "9" * 5_000, "1e9", "NaN", "0x1", "٣", "²")
HIDDEN = ("\0", "a\0b", "a\r\nBcc: x@y.example", "\u202e", "\u200b", "\ufeff", "\u2028", "\x1b[1m")
MARKUP = ("<script>x</script>", '"><img src=x onerror=x>', "{{7*7}}", "{% raise %}", "%s%n", "=1+1")
ADDRESSES = (
    "https://[",
    "http://127.0.0.1/",
    "//evil",
    "javascript:x",
    "a@b",
    "a@[127.0.0.1]",
    "@",
)
DATES = ("2026-12-31", "2026-02-30", "0001-01-01", "9999-12-31", "25:61", "5 pm", "2026-12-03")
WORDS = (
    *("resource", "owner", "administrator", "save", "submit", "preview", "move-1-3", "next-line"),
    *("check-links", "skip", "pause", "reanchor", "theirs", "210", "leave", "reopen", "ready"),
    *("editor-1", "json", "text", "page", "approved", "used", "failed", "1-2", "en", "zz-ZZ", ""),
)
PIECES = ("a", "é", "😀", "<div>", "[", "* ", "\n", "e\u0301", "a@", "\\")
KINDS = (
    *(("multipart/form-data", b"x"), ("multipart/form-data; boundary=x", b"--x\r\nfoo")),
    *(("application/json", b'{"a":'), ("text/plain; charset=utf-99", b"\xff\0")),
    ("application/x-www-form-urlencoded", b"%ff%00=%ed%a0%80&subject=%ed%a0%80%ff&&=&%"),
)
FILES = (b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n", bytes(99))
HEADERS = (
    *({"Accept": "application/json"}, {"Accept": "text/html;q=nan,"}, {"Range": "bytes=5-1"}),
    *({"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Dest": "iframe"}, {"Origin": "http://["}),
    *({"If-None-Match": "W/"}, {"If-Modified-Since": "never"}, {"Cookie": "desk=\xff; =;"}),
)


_numbers = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with a browser, signed in or not."""

    browser: FlaskClient
    #: What the forms of our pages carry for them.
    mark: str = ""


@pytest.fixture
def house(sqlite_databases: Databases, tmp_path: Path) -> Iterator[Installation]:
    """A house with something of everything: a bank, a review, a share link and a run."""
    for url in sqlite_databases.fresh():
        house = install(tmp_path / "house", url)
        house.add_subscribers("ben@school.example")
        house.schedule_approved_issue()
        house.clock.now = house.clock.now.replace(month=12, day=3, hour=11)
        open_due_runs(house.wiring)
        editor = house.add_editor("Pat", Role.ADMINISTRATOR)
        house.add_editor("Kim", Role.WRITER)
        with house.wiring.writing() as session:
            stock(session, house, editor)
            talk_about_an_issue(session, house, editor)
        yield house
        dismantle(house)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chance=st.randoms(use_true_random=True))
def test_nothing_that_is_sent_makes_the_service_fail(
    house: Installation, chance: random.Random
) -> None:
    person = somebody(house, chance.choice([None, *Role, Role.ADMINISTRATOR]))

    for _ in range(8):
        rule = chance.choice(list(house.app.url_map.iter_rules()))
        method = chance.choice([*sorted(rule.methods or ()), "POST", "PUT"])
        path = f"{path_to(house, rule, chance)}?{urlencode(odd_fields(chance, 2))}"
        sent = form_for(rule, chance, person) if method == "POST" else {}
        headers = dict(chance.choice(HEADERS)) if chance.random() < 0.3 else {}

        answer = person.browser.open(path, method=method, headers=headers, **sent)
        answer.close()

        assert answer.status_code < 500, (method, path, headers, sent)


def somebody(house: Installation, role: Role | None) -> Person:
    browser = house.app.test_client()
    if role is None:
        return Person(browser=browser)
    editor = house.add_editor(f"Person-{next(_numbers)}", role)
    with house.wiring.writing() as session:
        admitted = Admitted(editor=editor, method=Method.LINK)
        secret = begin_session(session, admitted, "", house.clock()).secret
    browser.set_cookie("desk", secret, domain="localhost")
    with house.app.test_request_context():
        return Person(browser=browser, mark=csrf_token(editor.id))


def path_to(house: Installation, rule: Rule, chance: random.Random) -> str:
    """Build an address of this rule: mostly of what there is, else of anything."""

    def part(name: str) -> str:
        if name == "token" and chance.random() < 0.8:
            purpose = chance.choice(list(Purpose))
            return house.wiring.tokens.sign(purpose, chance.choice([1, 2, 99]), house.clock())
        if name == "part":
            return chance.choice(["picture", "portrait"])
        if name in {"day", "name", "filename", "token"}:
            return quote(odd_text(chance), safe="")[:3_000] or "2026-12-03"
        return quote(chance.choice(NUMBERS)) if chance.random() < 0.2 else str(chance.randint(1, 4))

    return re.sub(r"<(?:[^<>]*:)?(\w+)>", lambda found: part(found[1]), rule.rule)


def form_for(rule: Rule, chance: random.Random, person: Person) -> dict[str, Any]:
    """Return the body of a request: a form that was filled in oddly, or none at all."""
    if chance.random() < 0.15:
        kind, body = chance.choice(KINDS)
        return {"content_type": kind, "data": body}
    form = form_of(complete_content())
    typed = {name: form[name] for name in FIELDS} if "issue_id" in rule.arguments else {}
    fields: dict[str, object] = {**typed, FIELD: person.mark, "version": chance.choice("0123")}
    fields.update(odd_fields(chance, 6))
    if rule.endpoint.endswith(("upload_picture", "read_school_calendar")):
        fields["file"] = (BytesIO(chance.choice(FILES)), odd_text(chance)[:200] or "a.png")
    return {"data": fields}


def odd_fields(chance: random.Random, most: int) -> dict[str, str]:
    return {chance.choice(NAMES): odd_text(chance) for _ in range(chance.randint(0, most))}


def odd_text(chance: random.Random) -> str:
    if chance.random() < 0.1:
        return chance.choice(PIECES) * chance.choice([100, 3_000, 30_000])
    return chance.choice(chance.choice([NUMBERS, HIDDEN, MARKUP, ADDRESSES, DATES, WORDS]))
