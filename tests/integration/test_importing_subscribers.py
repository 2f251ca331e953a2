"""Importing: each bad row is named, nobody is brought back, and the ground is kept."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from sqlalchemy import event

from tests.support.installation import Installation
from topthree.domain.refusal import Invalid
from topthree.domain.subscribers.address import EmailAddress
from topthree.domain.subscribers.subscription import (
    ConsentKind,
    SubscriptionStatus,
    SuppressionReason,
)
from topthree.services.subscribers.import_subscribers import (
    ImportReport,
    Source,
    import_subscribers,
)
from topthree.services.subscribers.report_subscribers import (
    export_subscribers,
    show_subscriber,
    subscriber_stats,
)
from topthree.services.subscribers.subscribe import SignUp, subscribe
from topthree.services.subscribers.unsubscribe import unsubscribe
from topthree.store.installation import hash_address
from topthree.store.subscribers.subscribers import (
    SubscriberRow,
    SuppressionRow,
    find_subscriber_by_key,
)
from topthree.tokens import Purpose
from topthree.web.database import db

CONSENT = "They ticked the box at the convening of 14 February 2017."


def import_csv(
    installation: Installation, raw: bytes | str, consent: str = CONSENT
) -> ImportReport:
    opened = io.BytesIO(raw.encode() if isinstance(raw, str) else raw)
    return import_subscribers(
        installation.wiring, opened, Source(consent=consent, name="convening.csv")
    )


def confirmed(installation: Installation) -> int:
    with installation.wiring.reading() as session:
        return subscriber_stats(session).by_status[SubscriptionStatus.CONFIRMED]


def address(text: str) -> EmailAddress:
    local, _, domain = text.partition("@")
    return EmailAddress(local=local, domain=domain)


def test_each_address_becomes_a_subscriber_with_the_stated_consent(
    installation: Installation,
) -> None:
    report = import_csv(installation, "address\nann@school.example\nBen@School.example\n")

    with installation.wiring.reading() as session:
        history = show_subscriber(session, address("Ben@school.example"))
    assert (report.added, report.bad_count) == (2, 0)
    (step,) = history.consent
    assert (step.kind, step.wording, step.source) == (
        ConsentKind.IMPORTED,
        CONSENT,
        "import of convening.csv",
    )


def test_the_column_is_found_by_its_heading_in_any_place_and_case(
    installation: Installation,
) -> None:
    report = import_csv(installation, "Name,E-mail,School\nAnn,ann@school.example,Revere\n")

    assert report.added == 1


def test_a_file_without_a_heading_is_read_from_its_first_row(installation: Installation) -> None:
    assert import_csv(installation, "ann@school.example\nben@school.example").added == 2


def test_a_byte_order_mark_is_no_part_of_the_first_heading(installation: Installation) -> None:
    assert import_csv(installation, b"\xef\xbb\xbfaddress\nann@school.example\n").added == 1


def test_the_last_row_counts_without_a_line_end(installation: Installation) -> None:
    assert import_csv(installation, "address\nann@school.example").added == 1


def test_importing_again_adds_nobody(installation: Installation) -> None:
    rows = "address\nann@school.example\nANN@school.example\nben@school.example\n"
    first = import_csv(installation, rows)

    second = import_csv(installation, rows)

    assert (first.added, first.already) == (2, 1)
    assert (second.added, second.already) == (0, 3)
    assert confirmed(installation) == 2


def test_each_bad_row_is_named_with_its_line_and_reason_and_stops_nobody(
    installation: Installation,
) -> None:
    report = import_csv(
        installation,
        'address,name\nann@school.example,Ann\nnonsense,"two\nlines"\n'
        ",No address\nben@school.example,\n",
    )

    assert report.added == 2
    assert [row.line for row in report.bad] == [3, 5]
    assert "@" in report.bad[0].reason
    assert report.bad[0].shown == "nonsense"


def test_nobody_who_left_is_brought_back(installation: Installation) -> None:
    import_csv(installation, "address\nann@school.example\n")
    now = installation.clock()
    with installation.wiring.writing() as session:
        subscriber = find_subscriber_by_key(session, "ann@school.example")
        assert subscriber is not None
        tokens = installation.wiring.tokens
        token = tokens.sign(Purpose.UNSUBSCRIBE, subscriber.id, now)
        unsubscribe(session, tokens, token, by_one_click=False, now=now)

    report = import_csv(installation, "address\nann@school.example\n")

    assert (report.added, report.left) == (0, 1)
    assert confirmed(installation) == 0


def test_a_suppressed_address_is_not_added_even_if_it_was_never_a_subscriber(
    installation: Installation,
) -> None:
    with installation.wiring.writing() as session:
        suppressed = hash_address(session, "ann@school.example")
        session.add(
            SuppressionRow(
                address_hash=suppressed,
                reason=SuppressionReason.COMPLAINT,
                at=installation.clock(),
            )
        )

    report = import_csv(installation, "address\nann@school.example\n")

    assert (report.added, report.suppressed) == (0, 1)


def test_an_import_does_not_confirm_who_has_yet_to_confirm(installation: Installation) -> None:
    with installation.wiring.writing() as session:
        sign_up = SignUp(address=address("ann@school.example"), source="a test", ip="127.0.0.1")
        subscribe(session, sign_up, installation.clock())

    report = import_csv(installation, "address\nann@school.example\n")

    assert (report.added, report.pending) == (0, 1)
    assert confirmed(installation) == 0


def test_nothing_is_imported_without_a_statement_of_consent(installation: Installation) -> None:
    with pytest.raises(Invalid, match="--consent"):
        import_csv(installation, "address\nann@school.example\n", consent="  ")
    assert confirmed(installation) == 0


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ("address\nann@school.example\n".encode("utf-16"), "line 1 is in UTF-16"),
        (b"address\nann@school.example\nJos\xe9@school.example\n", "line 3 is not in UTF-8"),
        (b'address\nann@school.example\n"ben@school.example\nand more\n', "quotes"),
        (b"address\nann@school.example\nben\x00@school.example\n", "NUL"),
        (b"address\nann@school.example\n" + b"x" * 10_000_000, "line 3 has over 10,000"),
        (b"name,school\nAnn,Revere\n", "no column"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_line(
    installation: Installation, raw: bytes, says: str
) -> None:
    assert says in import_csv(installation, raw).broken


def test_an_export_comes_back_in_and_holds_no_formula(installation: Installation) -> None:
    import_csv(installation, "address\n=cmd@school.example\nann@school.example\n")

    with installation.wiring.reading() as session:
        rows = list(export_subscribers(session))

    assert [row[0] for row in rows] == ["'=cmd@school.example", "ann@school.example"]
    assert {row[1] for row in rows} == {"confirmed"}
    again = "address,status\n" + "".join(f"{row[0]},{row[1]}\n" for row in rows)
    assert import_csv(installation, again).already == 2


def test_a_row_of_an_export_that_is_not_confirmed_is_not_imported(
    installation: Installation,
) -> None:
    report = import_csv(
        installation, "address,status\nann@school.example,ended\nben@school.example,confirmed\n"
    )

    assert report.added == 1
    assert "ended" in report.bad[0].reason


def test_the_rows_before_an_unclosed_quote_are_imported_and_its_line_is_named(
    installation: Installation,
) -> None:
    report = import_csv(
        installation, 'address\nann@school.example\nnonsense\n"ben@school.example\nx\n'
    )

    assert report.broken.startswith("line 4:")
    assert (report.added, report.bad_count) == (1, 1)
    assert confirmed(installation) == 1


def test_a_long_list_is_committed_in_portions_and_reports_its_progress(
    installation: Installation,
) -> None:
    raw = "address\n" + "".join(f"t{n}@school.example\n" for n in range(5_000))
    read: list[int] = []

    report = import_subscribers(
        installation.wiring,
        io.BytesIO(raw.encode()),
        Source(consent=CONSENT, name="a list"),
        read.append,
    )

    assert report.added == confirmed(installation) == 5_000
    assert sum(read) == len(raw)


def test_an_import_long_ago_is_dated_when_it_was(installation: Installation) -> None:
    installation.clock.advance(timedelta(days=-400))
    import_csv(installation, "address\nann@school.example\n")

    with installation.wiring.reading() as session:
        (step,) = show_subscriber(session, address("ann@school.example")).consent
    assert step.at == installation.clock()


# SQLite has one writer at a time, so that nothing comes in between.
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_who_signs_up_while_a_portion_is_added_has_yet_to_confirm(
    installation: Installation,
) -> None:
    """The sign-up comes between the two questions that the import asks the database."""

    def sign_up_first(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("INSERT INTO subscribers") and not signed_up:
            signed_up.append(statement)
            with installation.wiring.sessions() as session:
                sign_up = SignUp(address=address("ann@school.example"), source="a", ip="127.0.0.1")
                subscribe(session, sign_up, installation.clock())
                session.commit()

    signed_up: list[str] = []
    with installation.app.app_context():
        event.listen(db.engine, "before_cursor_execute", sign_up_first)
        report = import_csv(installation, "address\nann@school.example\nben@school.example\n")

    assert signed_up
    assert (report.added, report.pending) == (1, 1)
    assert confirmed(installation) == 1


def test_who_is_known_without_any_subscription_is_added(installation: Installation) -> None:
    with installation.wiring.writing() as session:
        key = "ann@school.example"
        session.add(
            SubscriberRow(
                address=key,
                address_key=key,
                address_hash=hash_address(session, key),
                created_at=installation.clock(),
            )
        )

    assert import_csv(installation, "address\nann@school.example\n").added == 1
    assert confirmed(installation) == 1
