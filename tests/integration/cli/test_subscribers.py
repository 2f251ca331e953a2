"""Subscribers, at the terminal: taken over, given out, looked up."""

from __future__ import annotations

import csv
import io
import json
import stat
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Terminal
from tests.support.installation import Installation
from topthree.domain.subscribers.subscription import SuppressionReason
from topthree.mail.address_syntax import parse_address
from topthree.services.subscribers.confirm_subscription import disown
from topthree.services.subscribers.subscribe import SignUp, subscribe
from topthree.services.subscribers.unsubscribe import unsubscribe
from topthree.store.installation import hash_address
from topthree.store.subscribers.subscribers import SuppressionRow, find_subscriber_by_key
from topthree.tokens import Purpose

CONSENT = ("--consent", "They signed a list at the convening.")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "teachers.csv"


def test_an_import_counts_what_became_of_each_row(terminal: Terminal, file: Path) -> None:
    file.write_text("address\nana@school.example\nana@school.example\nben@school.example\nben\n")

    result = terminal.run("subscribers", "import", str(file), *CONSENT, "--json")

    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert {name: report[name] for name in ("added", "already", "bad")} == {
        "added": 2,
        "already": 1,
        "bad": 1,
    }
    assert report["bad_rows"][0]["line"] == 5


def test_importing_twice_adds_nobody_twice(terminal: Terminal, file: Path) -> None:
    file.write_text("address\nana@school.example\n")
    terminal.output("subscribers", "import", str(file), *CONSENT)

    report = terminal.json("subscribers", "import", str(file), *CONSENT)

    assert isinstance(report, dict)
    assert (report["added"], report["already"]) == (0, 1)


def test_who_has_left_is_never_brought_back(
    terminal: Terminal, installation: Installation, file: Path
) -> None:
    file.write_text("address\nana@school.example\n")
    terminal.output("subscribers", "import", str(file), *CONSENT)
    _leave(installation, "ana@school.example")

    report = terminal.json("subscribers", "import", str(file), *CONSENT)

    assert isinstance(report, dict)
    assert (report["added"], report["left"]) == (0, 1)
    assert "ended" in terminal.output("subscribers", "show", "ana@school.example")


def test_the_first_bad_rows_are_on_the_screen_and_all_of_them_in_a_file(
    terminal: Terminal, file: Path, tmp_path: Path
) -> None:
    rows = ["good@school.example", *(f"bad-{number}" for number in range(25))]
    file.write_text("\n".join(["address", *rows]))
    report = tmp_path / "report.txt"

    printed = terminal.output("subscribers", "import", str(file), *CONSENT, "--report", str(report))

    assert printed.count("line ") == 20
    assert "line 3: There is an “@” missing." in printed
    assert "… and 5 more" in printed
    assert len(report.read_text().splitlines()) == 25


def test_a_bad_row_cannot_play_with_the_terminal(terminal: Terminal, file: Path) -> None:
    file.write_text("address\ngood@school.example\n\x1b[31mred\n")

    printed = terminal.output("subscribers", "import", str(file), *CONSENT)

    assert "\x1b" not in printed
    assert "·[31mred" in printed


def test_a_file_without_one_good_row_fails(terminal: Terminal, file: Path) -> None:
    file.write_text("address\nben\n")

    result = terminal.run("subscribers", "import", str(file), *CONSENT)

    assert result.exit_code == 1
    assert "No row of this file could be used." in result.stderr
    assert "line 2: " in result.stdout


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("address\nana@school.example\n".encode("utf-16"), "UTF-16"),
        (b"name\nAna\n", "“address”"),
        (b"address\nana\x00@school.example\n", "NUL"),
        (b"address\n" + b"x" * 10_000_000, "over 10,000 characters"),
    ],
)
def test_a_file_that_is_no_csv_is_refused_in_one_sentence(
    terminal: Terminal, file: Path, content: bytes, said: str
) -> None:
    file.write_bytes(content)

    assert said in terminal.refusal("subscribers", "import", str(file), *CONSENT)


def test_nobody_is_imported_without_a_word_about_their_consent(
    terminal: Terminal, file: Path
) -> None:
    file.write_text("address\nana@school.example\n")

    without = terminal.run("subscribers", "import", str(file))
    blank = terminal.refusal("subscribers", "import", str(file), "--consent", " ")

    assert without.exit_code == 2
    assert "on what ground" in blank
    assert terminal.json("subscribers", "stats") == {
        "pending": 0,
        "confirmed": 0,
        "ended": 0,
        "suppressed": 0,
    }


def test_an_import_may_come_through_a_pipe(terminal: Terminal) -> None:
    piped = b"\xef\xbb\xbfaddress\r\nana@school.example\r\n"

    terminal.output("subscribers", "import", "-", *CONSENT, typed=piped)

    assert "Confirmed   1\n" in terminal.output("subscribers", "stats")


def test_an_export_quotes_everything_and_holds_no_formula(
    terminal: Terminal, installation: Installation
) -> None:
    installation.add_subscribers("=cmd@school.example", "ana@school.example")

    rows = list(csv.reader(io.StringIO(terminal.output("subscribers", "export"))))

    assert rows[0][:2] == ["address", "status"]
    assert sorted(row[0] for row in rows[1:]) == ["'=cmd@school.example", "ana@school.example"]


def test_an_exported_file_is_its_owners_alone(
    terminal: Terminal, installation: Installation, tmp_path: Path
) -> None:
    installation.add_subscribers("ana@school.example")
    output = tmp_path / "export.csv"

    said = terminal.output("subscribers", "export", "--output", str(output))

    assert "1 subscriber." in said
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    assert "ana@school.example" in output.read_text()


def test_a_persons_history_is_shown_oldest_first(
    terminal: Terminal, installation: Installation
) -> None:
    installation.add_subscribers("ana@school.example")
    _leave(installation, "ana@school.example")

    history = terminal.json("subscribers", "show", "Ana@School.example")

    assert isinstance(history, dict)
    assert set(history) == {"address", "status", "suppressed", "consent", "deliveries"}
    assert [step["kind"] for step in history["consent"]] == ["imported", "left"]
    assert history["consent"][0]["wording"] == "They signed a list at the convening."


def test_of_a_stranger_nothing_is_kept(terminal: Terminal) -> None:
    said = terminal.refusal("subscribers", "show", "nobody@school.example")

    assert said == "Nothing is kept about nobody@school.example."


def _leave(installation: Installation, address: str) -> None:
    wiring = installation.wiring
    with wiring.writing() as session:
        subscriber = find_subscriber_by_key(session, address)
        assert subscriber is not None
        token = wiring.tokens.sign(Purpose.UNSUBSCRIBE, subscriber.id, wiring.clock())
        unsubscribe(session, wiring.tokens, token, by_one_click=False, now=wiring.clock())


def test_an_export_over_an_older_file_is_as_private_as_a_new_one(
    terminal: Terminal, tmp_path: Path
) -> None:
    output = tmp_path / "export.csv"
    output.write_text("what stood there")
    output.chmod(0o644)
    with output.open() as reader:
        terminal.output("subscribers", "export", "--output", str(output))

        assert reader.read() == "what stood there"
    assert output.stat().st_mode & 0o777 == 0o600
    assert output.read_text().startswith('"address"')
    assert list(tmp_path.glob(".*")) == []


def test_an_export_can_go_to_what_is_no_file(terminal: Terminal) -> None:
    terminal.output("subscribers", "export", "--output", "/dev/null")

    assert not Path("/dev/null").is_file()


def test_who_said_it_was_not_me_can_have_the_letter_again_and_confirms_it(
    terminal: Terminal, installation: Installation
) -> None:
    wiring, now = installation.wiring, installation.clock()
    ana = SignUp(address=parse_address("ana@school.example"), source="a test", ip="127.0.0.1")
    with wiring.writing() as session:
        subscribe(session, ana, now)
        disown(session, wiring.tokens, wiring.tokens.sign(Purpose.DISOWN, 1, now), now)
        subscribe(session, ana, now)
    of_the_closed = len(installation.outbox())

    said = terminal.output("subscribers", "reopen", "Ana@school.example", "--because", "she called")
    with wiring.writing() as session:
        subscribe(session, ana, now)

    assert "closed as “not theirs”" in said
    assert [of_the_closed, len(installation.outbox())] == [0, 1]
    assert "pending" in terminal.output("subscribers", "show", "ana@school.example")
    lifted = terminal.json("audit", "list", "--act", "suppression-lifted")
    assert isinstance(lifted, list)
    assert [(entry["label"], entry["details"]["because"]) for entry in lifted] == [
        ("A•••@school.example", "she called")
    ]


def test_an_address_that_is_not_closed_cannot_be_reopened(terminal: Terminal) -> None:
    refused = terminal.refusal("subscribers", "reopen", "ana@school.example", "--because", "why")

    assert "ana@school.example is not closed to our mail" in refused


def test_who_reported_the_letter_as_unwanted_stays_closed(
    terminal: Terminal, installation: Installation
) -> None:
    with installation.wiring.writing() as session:
        hashed = hash_address(session, "ana@school.example")
        row = SuppressionRow(
            address_hash=hashed, reason=SuppressionReason.COMPLAINT, at=installation.clock()
        )
        session.add(row)

    refused = terminal.refusal("subscribers", "reopen", "ana@school.example", "--because", "why")

    assert "stays closed" in refused
