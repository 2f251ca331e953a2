"""Every page of the desk that is there to be looked at, in a house that is full."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from http import HTTPStatus
from itertools import cycle
from pathlib import Path

from bench.material import ISSUES, SEED, add_teachers, everyday_content, opened_house
from bench.measure import in_a_process, seconds_for
from bench.report import Report, Row
from bench.task import Task
from tests.support.colleague import Colleague
from tests.support.installation import Installation
from topthree.domain.bank.bank_item import BankState
from topthree.domain.editors.permission import Role
from topthree.services.bank.write_bank import NewBankItem, create_bank_item
from topthree.services.identity.editor_view import EditorView
from topthree.services.installation.first_start import load_samples
from topthree.services.sending.open_run import send_now
from topthree.services.sending.prepare_run import prepare_runs
from topthree.services.writing.compose_issue import create_issue

#: No more than there are teachers, so that a try is quick.
_ISSUES = 500
_BANK_ITEMS = 2_000
_ROUNDS = 5
#: Without a relay mail stays here, the link that lets one in among it.
_OUTBOX = ""
#: What no page of the desk may take longer than to be made.
_LIMIT_MS = 200.0
#: Where a page's address has a number, as in “<int(max=9):run_id>”.
_PLACE = re.compile(r"<(?:[^:>]*:)?(\w+)>")
#: Files, and ways in for who is signed out.
_NO_PAGES = ("sign_in", "_file", "csv", "json")


def ask_for_desk_pages(task: Task) -> Report:
    return in_a_process(_ask, task.n, task.folder / "house")


def _ask(teachers: int, folder: Path) -> Report:
    with opened_house(folder, _OUTBOX) as house:
        colleague = Colleague(house, "Ann", Role.ADMINISTRATOR)
        colleague.sign_in()
        keys = _fill(house, colleague.editor, teachers)
        rows = sorted(_rows(house, colleague, keys), key=lambda row: -(row.figures["ms"] or 0))
    slowest = rows[0].figures["ms"]
    return Report(
        name="desk",
        setting=(
            f"{min(_ISSUES, teachers)} drafts, {min(_BANK_ITEMS, teachers):,} items in the bank,"
            f" {teachers:,} teachers and a run to them all; best of {_ROUNDS} tries, seed {SEED}"
        ),
        rows=tuple(rows),
        notes=(f"limit: {_LIMIT_MS:g} ms a page",),
        summary={"slowest_ms": slowest, "pages": float(len(rows))},
    )


def _fill(house: Installation, editor: EditorView, teachers: int) -> dict[str, int]:
    """Fill the house, and return what stands for each parameter of a path."""
    add_teachers(house, teachers)
    now = house.clock()
    content = everyday_content()
    with house.wiring.writing() as session:
        load_samples(session, house.wiring, ISSUES)
        drafts = [
            create_issue(session, content, editor, now) for _ in range(min(_ISSUES, teachers))
        ]
        kept = [
            create_bank_item(session, NewBankItem(item=item, state=BankState.READY), editor, now)
            for _, item in zip(
                range(min(_BANK_ITEMS, teachers)), cycle(content.items), strict=False
            )
        ]
    run_id = send_now(house.wiring, house.schedule_approved_issue(content), editor)
    prepare_runs(house.wiring)
    return {
        "issue_id": drafts[-1].id,
        "item_id": kept[-1].id,
        "run_id": run_id,
        "editor_id": editor.id,
        "place": 1,
        "number": 1,
    }


def _rows(house: Installation, colleague: Colleague, keys: dict[str, int]) -> Iterator[Row]:
    adapter = house.app.url_map.bind("letters.example")
    for rule in house.app.url_map.iter_rules():
        name = rule.endpoint.removeprefix("desk.")
        is_page = rule.endpoint.startswith("desk.") and "GET" in (rule.methods or ())
        if not is_page or not rule.arguments <= keys.keys() or name.endswith(_NO_PAGES):
            continue
        path = adapter.build(rule.endpoint, {each: keys[each] for each in rule.arguments})
        ask = partial(_ask_for, colleague, path)
        if ask() != HTTPStatus.OK:
            # It leads to another page, or is of a way to sign in that is not switched on.
            continue
        seconds = min(seconds_for(ask) for _ in range(_ROUNDS))
        what = _PLACE.sub(r"{\1}", rule.rule.removeprefix("/desk"))
        yield Row(what=what, figures={"ms": seconds * 1_000})


def _ask_for(colleague: Colleague, path: str) -> int:
    # Without the checks that come with each page of the tests.
    answer = colleague.browser.flask.get(path)
    if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise AssertionError(f"{path} answered {answer.status}.")
    answer.get_data()
    return answer.status_code
