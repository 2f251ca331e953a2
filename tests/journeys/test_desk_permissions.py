"""Who may do what at the desk: every route, every role, and no form that is not ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.support.client import PageClient
from tests.support.colleague import Colleague
from tests.support.installation import Installation
from tests.support.page import text_of
from topthree.domain.editors.permission import PERMISSIONS, Permission, Role
from topthree.web.access import Audience

#: What each permission lets one do, by the route that asks for it.
ROUTES: dict[Permission, set[tuple[str, str]]] = {
    Permission.READ_DESK: {
        ("GET", "board"),
        ("GET", "issues"),
        ("GET", "compose"),
        ("GET", "preview"),
        ("GET", "preview_text"),
        ("GET", "preview_page"),
        ("GET", "preview_mail"),
        ("POST", "preview_typed"),
        ("GET", "review"),
        ("POST", "say"),
        ("POST", "resolve"),
        ("GET", "show_comment"),
        ("POST", "reword"),
        ("POST", "unsay"),
        ("GET", "show_sharing"),
        ("GET", "slot"),
        ("GET", "history"),
        ("GET", "compare"),
        ("GET", "version"),
        ("GET", "runs"),
        ("GET", "run"),
        ("GET", "people"),
        ("POST", "find_person"),
        ("GET", "outbox"),
        ("GET", "message"),
        ("GET", "message_html"),
        ("GET", "editors"),
        ("GET", "me"),
        ("GET", "bank"),
        ("GET", "bank_item"),
        ("GET", "places"),
        ("GET", "place"),
        ("POST", "end_one"),
        ("POST", "choose_mail"),
        ("POST", "end_others"),
        ("POST", "ask_for_new_key"),
        ("POST", "add_key"),
        ("POST", "rename_key"),
        ("POST", "remove_key"),
        ("GET", "calendar"),
        ("GET", "school_calendar"),
        ("GET", "show_corrected_letter"),
        ("POST", "sign_out"),
    },
    Permission.WRITE: {
        ("POST", "write_issue"),
        ("POST", "save"),
        ("POST", "autosave"),
        ("POST", "presence"),
        ("POST", "throw_away"),
        ("POST", "restore"),
        ("POST", "submit"),
        ("POST", "write_correction"),
        ("POST", "test"),
        ("GET", "new_bank_item"),
        ("POST", "add_bank_item"),
        ("POST", "save_bank"),
        ("POST", "autosave_bank"),
        ("POST", "autosave_new_bank"),
        ("POST", "copy_bank"),
        ("GET", "show_deleting"),
        ("POST", "delete_bank"),
        ("GET", "show_last_call"),
        ("POST", "last_call"),
        ("GET", "show_last_call_of_place"),
        ("POST", "last_call_of_place"),
        ("POST", "fill_place"),
        ("POST", "put_in_place"),
        ("POST", "keep_place"),
        ("POST", "empty_place"),
        ("GET", "picture"),
        ("POST", "upload_picture"),
        ("POST", "change_picture"),
        ("GET", "bank_picture"),
        ("POST", "upload_bank_picture"),
        ("POST", "change_bank_picture"),
        ("POST", "check_links"),
    },
    Permission.SHARE: {("POST", "share"), ("POST", "end_sharing")},
    Permission.APPROVE: {("POST", "approve"), ("POST", "send_back"), ("POST", "approve_letter")},
    Permission.SCHEDULE: {
        ("POST", "put_on_slot"),
        ("POST", "take_off_slot"),
        ("GET", "show_sending"),
        ("POST", "send"),
        ("POST", "take_back"),
        ("POST", "change_calendar"),
        ("POST", "read_school_calendar"),
        ("POST", "take_over_school_calendar"),
        ("POST", "remove_school_break"),
    },
    Permission.PAUSE_RUN: {("POST", "pause")},
    Permission.STEER_RUN: {
        ("POST", "resume"),
        ("GET", "show_cancelling"),
        ("POST", "cancel"),
        ("GET", "show_missed"),
        ("POST", "send_missed"),
        ("GET", "held"),
        ("POST", "settle"),
        ("GET", "people_file"),
    },
    Permission.CORRECT: {("GET", "show_correcting"), ("POST", "correct")},
    Permission.READ_AUDIT: {("GET", "audit"), ("GET", "audit_file")},
    Permission.MANAGE_EDITORS: {
        ("POST", "invite"),
        ("GET", "editor"),
        ("POST", "give_role"),
        ("POST", "invite_again"),
        ("GET", "show_removing"),
        ("POST", "remove"),
    },
}


def desk_rules(app: Flask) -> Iterator[tuple[str, Rule]]:
    for rule in app.url_map.iter_rules():
        if vars(app.view_functions[rule.endpoint]).get("audience") is Audience.DESK:
            for method in (rule.methods or set()) & {"GET", "POST"}:
                yield method, rule


def path_of(rule: Rule) -> str:
    numbers = {
        name for name in rule.arguments if name.endswith("_id") or name in {"number", "place"}
    }
    words = {name: "picture" if name == "part" else "none" for name in rule.arguments}
    built = rule.build({**words, **dict.fromkeys(numbers, 1)})
    assert built is not None
    return built[1]


@pytest.fixture
def sign_in(installation: Installation) -> Callable[[Role], Colleague]:
    def as_role(role: Role) -> Colleague:
        colleague = Colleague(installation, role.value.capitalize(), role)
        colleague.sign_in()
        return colleague

    return as_role


def csrf_of(colleague: Colleague) -> str:
    page = colleague.browser.get("/desk/")
    return page.select("input[name=csrf]")[0].get("value", "")


def test_every_route_of_the_desk_is_in_the_matrix(installation: Installation) -> None:
    declared = {
        permission: {
            (method, rule.endpoint.removeprefix("desk."))
            for method, rule in desk_rules(installation.app)
            if vars(installation.app.view_functions[rule.endpoint])["permission"] is permission
        }
        for permission in Permission
    }

    assert declared == ROUTES


# On PostgreSQL one that gets everywhere, so that each view has been asked there, too.
@pytest.mark.parametrize(
    ("database_url", "role"),
    [*(("sqlite", role) for role in Role), ("postgresql", Role.ADMINISTRATOR)],
    indirect=["database_url"],
)
def test_a_role_is_refused_exactly_what_it_may_not_do(
    installation: Installation, sign_in: Callable[[Role], Colleague], role: Role
) -> None:
    author = Colleague(installation, "Author", Role.WRITER)
    author.sign_in()
    author.write_issue(button="submit")
    colleague = sign_in(role)
    csrf = csrf_of(colleague)

    refused = set()
    for method, rule in desk_rules(installation.app):
        if rule.endpoint != "desk.sign_out":
            answer = colleague.browser.flask.open(
                path_of(rule), method=method, data={"csrf": csrf}, follow_redirects=False
            )
            assert answer.status_code < 500, rule
            if answer.status_code == 403:
                refused.add((method, rule.endpoint.removeprefix("desk.")))

    denied = [permission for permission in Permission if permission not in PERMISSIONS[role]]
    assert refused == {route for permission in denied for route in ROUTES[permission]}


def test_a_refusal_names_who_may(sign_in: Callable[[Role], Colleague]) -> None:
    writer = sign_in(Role.WRITER)
    path = writer.write_issue()

    page = writer.browser.get(f"{path}send/")

    assert page.status == 403
    assert "A writer may not put an issue on a slot. Ask a publisher to do it." in page.text


def test_no_form_is_taken_without_the_mark_of_its_session(
    installation: Installation, sign_in: Callable[[Role], Colleague]
) -> None:
    pat, mark_of_another = sign_in(Role.PUBLISHER), csrf_of(sign_in(Role.EDITOR))
    mark_of_pat = csrf_of(pat)
    pat.write_issue()
    marks: tuple[dict[str, str], ...] = (
        {},
        {"csrf": ""},
        {"csrf": "é\0"},
        {"csrf": mark_of_another},
    )
    posts = [rule for method, rule in desk_rules(installation.app) if method == "POST"]

    answers = {
        (rule.endpoint, str(mark)): pat.browser.flask.post(path_of(rule), data=mark).status_code
        for rule in posts
        for mark in marks
    }

    from_elsewhere = {
        (rule.endpoint, site): pat.browser.flask.post(
            path_of(rule), data={"csrf": mark_of_pat}, headers={"Sec-Fetch-Site": site}
        ).status_code
        for rule in posts
        for site in ("cross-site", "same-site")
    }

    assert len(posts) >= 12
    assert set(answers.values()) == {403}, answers
    assert set(from_elsewhere.values()) == {403}, from_elsewhere
    assert pat.browser.get("/desk/").heading == "The next six"


def test_without_a_session_pages_lead_to_the_door_and_forms_are_refused(
    installation: Installation,
) -> None:
    stranger = PageClient(installation.app)

    for method, rule in desk_rules(installation.app):
        answer = stranger.flask.open(path_of(rule), method=method)
        if method == "GET":
            assert answer.status_code == 302, rule
            assert answer.headers["Location"].startswith("/desk/sign-in/?next=/desk/"), rule
        else:
            assert answer.status_code == 403, rule


def test_looking_at_every_page_changes_nothing(
    installation: Installation, sign_in: Callable[[Role], Colleague]
) -> None:
    pat = sign_in(Role.PUBLISHER)
    path = pat.write_issue()
    before = pat.browser.get(path).source

    for method, rule in desk_rules(installation.app):
        if method == "GET":
            pat.browser.flask.get(path_of(rule))

    assert pat.browser.get(path).source == before


def test_no_page_of_the_desk_is_kept_or_indexed(sign_in: Callable[[Role], Colleague]) -> None:
    pat = sign_in(Role.PUBLISHER)

    page = pat.browser.get("/desk/")

    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Robots-Tag"] == "noindex"


def test_an_administrator_invites_an_editor_who_comes_in_by_the_message(
    installation: Installation, sign_in: Callable[[Role], Colleague]
) -> None:
    pat = sign_in(Role.ADMINISTRATOR)
    pat.browser.get("/desk/editors/")
    fields = {"name": "Kim", "address": "Kim@school.example", "role": "editor"}

    page = pat.browser.submit("main form", fields)
    message = installation.outbox()[0]
    kim = PageClient(installation.app)
    kim.get(f"/desk/sign-in/{message.text.partition('/desk/sign-in/')[2].partition('>')[0]}")
    board = kim.submit("main form")

    assert "Invited." in page.text
    assert "Not yet" in text_of(page.one("table"))
    assert (message.recipient, message.subject) == (
        "Kim@school.example",
        "Come and work on Teachers’ Top Three",
    )
    assert board.heading == "The next six"
    assert "Not yet" not in text_of(pat.browser.get("/desk/editors/").one("table"))


@pytest.mark.parametrize(
    ("fields", "field", "said", "status"),
    [
        ({"address": "kim.school"}, "address", "There is an “@” missing", 422),
        ({"name": " "}, "name", "Say how the editor is called", 422),
        ({"name": "K\r\nBcc: x"}, "name", "hidden character", 422),
        ({"name": "x" * 81}, "name", "at most 80 fit", 422),
        ({"address": "administrator@desk.example"}, "address", "an administrator, already", 409),
    ],
)
def test_a_slip_when_adding_an_editor_is_said_at_its_field(
    sign_in: Callable[[Role], Colleague], fields: dict[str, str], field: str, said: str, status: int
) -> None:
    pat = sign_in(Role.ADMINISTRATOR)
    pat.browser.get("/desk/editors/")
    every = {"name": "Kim", "address": "kim@school.example", "role": "writer", **fields}

    page = pat.browser.submit("main form", every)

    assert page.status == status
    assert said in text_of(page.one(f"#{field}-wrong"))


def test_a_role_that_is_not_offered_is_refused(sign_in: Callable[[Role], Colleague]) -> None:
    pat = sign_in(Role.ADMINISTRATOR)
    fields = {"name": "Kim", "address": "kim@school.example", "role": "owner"}

    page = pat.browser.post("/desk/editors/", {**fields, "csrf": csrf_of(pat)})

    assert page.status == 422
    assert "Choose one of the four roles" in page.text


def test_others_see_who_works_here_but_no_form(sign_in: Callable[[Role], Colleague]) -> None:
    writer = sign_in(Role.WRITER)

    page = writer.browser.get("/desk/editors/")

    assert "Writer" in text_of(page.one("table"))
    assert not page.select("main form")


def test_an_administrator_removes_an_editor_after_one_more_question(
    sign_in: Callable[[Role], Colleague],
) -> None:
    pat, writer = sign_in(Role.ADMINISTRATOR), sign_in(Role.WRITER)
    pat.browser.get("/desk/editors/")

    pat.browser.follow("tbody a")
    asked = pat.browser.follow('main a[href$="/remove/"]')
    page = pat.browser.submit("main form")

    assert asked.heading == "Remove Writer?"
    assert "Removed, and signed out everywhere" in page.text
    assert "Writer" not in text_of(page.one("table"))
    assert writer.browser.get("/desk/").heading == "Sign in to the desk"


def test_asking_whether_to_remove_an_editor_removes_nobody(
    sign_in: Callable[[Role], Colleague],
) -> None:
    pat, writer = sign_in(Role.ADMINISTRATOR), sign_in(Role.WRITER)

    pat.browser.get(f"/desk/editors/{writer.editor.id}/remove/")
    without_csrf = pat.browser.post(f"/desk/editors/{writer.editor.id}/remove/")

    assert without_csrf.status in {400, 403}
    assert writer.browser.get("/desk/").heading == "The next six"


def test_an_administrator_finds_no_way_to_remove_themselves(
    sign_in: Callable[[Role], Colleague],
) -> None:
    pat = sign_in(Role.ADMINISTRATOR)
    path = f"/desk/editors/{pat.editor.id}/remove/"

    listed = pat.browser.get("/desk/editors/")
    page = pat.browser.post(path, {"csrf": csrf_of(pat)})

    assert not listed.select(f'a[href="{path}"]')
    assert page.status == 409
    assert page.title.startswith("Error: ")
    assert "Nobody removes themselves" in page.text


def test_an_editor_who_is_not_there_cannot_be_removed(
    sign_in: Callable[[Role], Colleague],
) -> None:
    pat = sign_in(Role.ADMINISTRATOR)

    assert pat.browser.get("/desk/editors/77/remove/").status == 404


def test_another_role_holds_at_once_and_signs_that_person_out(
    sign_in: Callable[[Role], Colleague],
) -> None:
    pat, writer = sign_in(Role.ADMINISTRATOR), sign_in(Role.WRITER)
    pat.browser.get("/desk/editors/")

    pat.browser.follow("tbody a")
    page = pat.browser.submit("main form", {"role": "editor"})

    assert "the new role holds" in page.text
    assert "approves what others wrote" in text_of(page.one("table"))
    assert writer.browser.get("/desk/").heading == "Sign in to the desk"
    assert "Writer, editor" in writer.sign_in().text


def test_an_invitation_is_sent_again_until_they_have_come_in(
    installation: Installation, sign_in: Callable[[Role], Colleague]
) -> None:
    pat = sign_in(Role.ADMINISTRATOR)
    kim = Colleague(installation, "Kim", Role.WRITER)
    path = f"/desk/editors/{kim.editor.id}/"
    pat.browser.get(path)

    page = pat.browser.submit(f'form[action="{path}invite/"]')
    invited = installation.outbox()[0].recipient
    kim.sign_in()
    afterwards = pat.browser.get(path)
    late = pat.browser.post(f"{path}invite/", {"csrf": csrf_of(pat)})

    assert "Invited again" in page.text
    assert invited == kim.editor.address
    assert not afterwards.select(f'form[action="{path}invite/"]')
    assert (late.status, "has been here already" in late.text) == (409, True)


def test_an_administrator_finds_no_way_to_change_themselves(
    sign_in: Callable[[Role], Colleague],
) -> None:
    pat = sign_in(Role.ADMINISTRATOR)
    path = f"/desk/editors/{pat.editor.id}/"

    shown = pat.browser.get(path)
    page = pat.browser.post(f"{path}role/", {"csrf": csrf_of(pat), "role": "writer"})
    slip = pat.browser.post(f"{path}role/", {"csrf": csrf_of(pat), "role": "owner"})

    assert not shown.select("main form")
    assert (page.status, slip.status) == (409, 422)
    assert "Choose one of the four roles" in slip.text
    assert pat.browser.get("/desk/").heading == "The next six"
