"""No act goes unrecorded: each form of the desk has its act or a reason, and each act a writer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from tests.support.sources import python_files
from topthree.app import create_app
from topthree.domain.audit.act import Act
from topthree.settings import read_settings
from topthree.web.access import Audience

_TALK = "a comment carries its own name and time, and changes no issue"

#: What each POST of the desk leaves in the audit log, or why nothing.
FORMS: dict[str, Act | str] = {
    "ask": "nobody is known yet; the way in is recorded when it is used",
    "use_code": Act.SIGNED_IN,
    "use_link": Act.SIGNED_IN,
    "sign_out": Act.SIGNED_OUT,
    "end_one": Act.SESSIONS_ENDED,
    "choose_mail": Act.TURN_MAIL_CHOSEN,
    "end_others": Act.SESSIONS_ENDED,
    "ask_for_key": "it hands out a number to be signed",
    "use_key": Act.SIGNED_IN,
    "begin_single_sign_on": "it sends the browser to the provider",
    "use_provider": Act.SIGNED_IN,
    "ask_for_new_key": "it hands out a number to be signed",
    "add_key": Act.PASSKEY_ADDED,
    "rename_key": Act.PASSKEY_RENAMED,
    "remove_key": Act.PASSKEY_REMOVED,
    "write_issue": Act.ISSUE_CREATED,
    "save": Act.ISSUE_SAVED,
    "autosave": "it keeps a draft beside the issue, or saves it as the button does",
    "throw_away": "what is thrown away was never in the issue",
    "presence": "it says who has the page open, for a minute",
    "restore": Act.ISSUE_SAVED,
    "preview_typed": "it shows what is being typed, and keeps nothing",
    "test": Act.ISSUE_TEST_SENT,
    "submit": Act.ISSUE_SUBMITTED,
    "approve": Act.ISSUE_APPROVED,
    "send_back": Act.ISSUE_SENT_BACK,
    "put_on_slot": Act.ISSUE_PLANNED,
    "take_off_slot": Act.ISSUE_UNPLANNED,
    "send": Act.SEND_ASKED,
    "take_back": Act.SEND_TAKEN_BACK,
    "pause": Act.RUN_PAUSED,
    "resume": Act.RUN_RESUMED,
    "cancel": Act.RUN_CANCELLED,
    "approve_letter": Act.CORRECTED_LETTER_APPROVED,
    "send_missed": Act.RUN_SENT_TO_MISSED,
    "settle": Act.RUN_HELD_SETTLED,
    "find_person": Act.PEOPLE_VIEWED,
    "invite": Act.EDITOR_INVITED,
    "give_role": Act.EDITOR_ROLE_CHANGED,
    "invite_again": Act.EDITOR_INVITED,
    "remove": Act.EDITOR_REMOVED,
    "share": Act.SHARE_LINK_MADE,
    "end_sharing": Act.SHARE_LINK_ENDED,
    "correct": Act.ISSUE_CORRECTED,
    "write_correction": Act.CORRECTION_BEGUN,
    "say": _TALK,
    "reword": _TALK,
    "unsay": _TALK,
    "resolve": _TALK,
    "add_bank_item": Act.ITEM_CREATED,
    "copy_bank": Act.ITEM_CREATED,
    "last_call": Act.ITEM_CREATED,
    "save_bank": Act.ITEM_SAVED,
    "autosave_bank": Act.ITEM_SAVED,
    "autosave_new_bank": Act.ITEM_CREATED,
    "delete_bank": Act.ITEM_DELETED,
    "put_in_place": Act.ITEM_PUT,
    "fill_place": Act.ITEM_PUT,
    "last_call_of_place": Act.ITEM_CREATED,
    "keep_place": Act.ITEM_CREATED,
    "empty_place": Act.ITEM_TAKEN_OUT,
    "upload_picture": Act.ISSUE_SAVED,
    "change_picture": Act.ISSUE_SAVED,
    "upload_bank_picture": Act.ITEM_SAVED,
    "change_bank_picture": Act.ITEM_SAVED,
    "check_links": "it asks addresses whether they answer, and changes nothing",
    "change_calendar": Act.CALENDAR_CHANGED,
    "read_school_calendar": "it shows what a file holds, and keeps nothing",
    "take_over_school_calendar": Act.BREAKS_TAKEN_OVER,
    "remove_school_break": Act.BREAK_REMOVED,
}
_USED = re.compile(r"\bAct\.([A-Z_]+)\b")


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return create_app(read_settings({"TOPTHREE_INSTANCE": str(tmp_path)}))


def forms(app: Flask) -> set[str]:
    return {
        rule.endpoint.removeprefix("desk.")
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or set())
        and vars(app.view_functions[rule.endpoint]).get("audience")
        in {Audience.DESK, Audience.SIGNING_IN}
    }


def test_every_form_of_the_desk_leaves_an_entry_or_has_a_reason(app: Flask) -> None:
    assert forms(app) == set(FORMS), (
        "Say in FORMS which act each form records (services/audit/log.py), or why it records none."
    )


def test_every_act_is_recorded_by_some_service() -> None:
    recorded = {
        name
        for path in python_files()
        if path.parent.name != "domain"
        for name in _USED.findall(path.read_text())
    }

    assert {act.name for act in Act} - recorded == set()
