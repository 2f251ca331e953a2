"""Whose servers take a domain's mail is learnt from the DNS, and its silence harms nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.support.installation import Installation, dismantle, install, with_wiring
from tests.support.name_server import NameServer
from tests.support.network import LOOPBACK
from topthree.mail.mx import DnsMailServers, NoNameServer
from topthree.services.sending.learn_providers import learn_providers
from topthree.store.sending.domains import DomainRow, known_providers

RECORDS = {
    "district.example": ("10 alt1.aspmx.l.google.com.", "1 ASPMX.L.GOOGLE.COM."),
    "academy.example": ("0 academy-example.mail.protection.outlook.com.",),
    "own.example": ("10 mail.own.example.",),
    "takes-none.example": ("0 .",),
    "has-none.example": (),
}


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[Installation]:
    installation = install(tmp_path / "instance", database_url)
    yield installation
    dismantle(installation)


@pytest.fixture
def name_server() -> Iterator[NameServer]:
    with NameServer(RECORDS, fails=("broken.example",), silent=("silent.example",)) as server:
        yield server


def asking(house: Installation, server: NameServer) -> Installation:
    mail_servers = DnsMailServers(name_servers=(LOOPBACK,), port=server.port)
    return with_wiring(house, mail_servers=mail_servers)


def domains(house: Installation) -> dict[str, DomainRow]:
    with house.wiring.reading() as session:
        return {row.name: row for row in session.scalars(select(DomainRow))}


def test_mail_servers_come_in_the_order_in_which_they_are_preferred(
    name_server: NameServer,
) -> None:
    servers = DnsMailServers(name_servers=(LOOPBACK,), port=name_server.port)

    assert servers.of("district.example") == ("aspmx.l.google.com", "alt1.aspmx.l.google.com")


@pytest.mark.parametrize("domain", ["takes-none.example", "has-none.example", "nowhere.example"])
def test_a_domain_may_have_no_mail_server(name_server: NameServer, domain: str) -> None:
    servers = DnsMailServers(name_servers=(LOOPBACK,), port=name_server.port)

    assert servers.of(domain) == ()


@pytest.mark.parametrize("domain", ["broken.example", "silent.example", "a..b", "x" * 70 + ".org"])
def test_no_answer_is_no_statement_about_the_domain(name_server: NameServer, domain: str) -> None:
    servers = DnsMailServers(name_servers=(LOOPBACK,), port=name_server.port)

    with pytest.raises(NoNameServer):
        servers.of(domain)


def test_a_domain_is_learnt_once_for_all_its_subscribers_and_again_after_a_month(
    house: Installation, name_server: NameServer
) -> None:
    house = asking(house, name_server)
    house.add_subscribers("a@district.example", "b@District.example", "c@academy.example")
    house.add_subscribers("d@own.example", "e@takes-none.example", "f@nowhere.example")

    learnt = learn_providers(house.wiring)
    again = learn_providers(house.wiring)
    house.clock.advance(timedelta(days=30))
    after_a_month = learn_providers(house.wiring)

    assert (learnt, again, after_a_month) == (5, 0, 5)
    assert {name: row.provider for name, row in domains(house).items()} == {
        "district.example": "google",
        "academy.example": "microsoft",
        "own.example": "own.example",
        "takes-none.example": "takes-none.example",
        "nowhere.example": "nowhere.example",
    }
    assert sorted(name_server.asked) == sorted(2 * list(domains(house)))


def test_who_comes_later_is_looked_at_too(house: Installation, name_server: NameServer) -> None:
    house = asking(house, name_server)
    house.add_subscribers("a@own.example")
    learn_providers(house.wiring)
    house.add_subscribers("b@own.example", "c@district.example")

    learn_providers(house.wiring)
    learn_providers(house.wiring)

    assert name_server.asked == ["own.example", "district.example"]


def test_a_domain_without_an_answer_waits_a_day_and_goes_by_its_name(
    house: Installation, name_server: NameServer
) -> None:
    house = asking(house, name_server)
    house.add_subscribers("a@broken.example", "b@district.example")

    learnt = learn_providers(house.wiring)
    learn_providers(house.wiring)
    with house.wiring.reading() as session:
        known = known_providers(session, ["broken.example", "gmail.com"])
    asked = name_server.asked.count("broken.example")
    house.clock.advance(timedelta(days=1))
    learn_providers(house.wiring)

    assert learnt == 1
    assert known == {"broken.example": "broken.example", "gmail.com": "google"}
    assert domains(house)["broken.example"].looked_up_at is None
    assert name_server.asked.count("broken.example") > asked > 0


def test_a_dns_that_is_away_is_left_alone_after_three_questions(house: Installation) -> None:
    many = tuple(f"d{number}.example" for number in range(9))
    with NameServer({}, fails=many) as server:
        house = asking(house, server)
        house.add_subscribers(*(f"a@{domain}" for domain in many))

        learnt = learn_providers(house.wiring)

    assert learnt == 0
    assert len(set(server.asked)) == 3


def test_nobody_is_asked_unless_that_is_wanted(house: Installation, tmp_path: Path) -> None:
    house.add_subscribers("a@district.example")

    learnt = learn_providers(house.wiring)

    assert (learnt, domains(house)) == (0, {})
    assert house.wiring.mail_servers is None
