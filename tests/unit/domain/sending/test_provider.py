"""Pacing goes by who takes the mail, not by what the address says."""

from __future__ import annotations

import pytest

from topthree.domain.sending.provider import (
    PROVIDER_OF_DOMAIN,
    PROVIDER_OF_FAMILY,
    PROVIDER_OF_MX,
    provider_of,
)

SERVERS = [
    ("aspmx.l.google.com", "google"),
    ("alt1.gmail-smtp-in.l.google.com.", "google"),
    ("ASPMX2.GOOGLEMAIL.COM", "google"),
    ("district-org.mail.protection.outlook.com", "microsoft"),
    ("outlook-com.olc.protection.outlook.com", "microsoft"),
    ("district-org.o-v1.mx.microsoft", "microsoft"),
    ("agency-gov.mail.protection.office365.us", "microsoft"),
    ("mx1.hotmail.com", "microsoft"),
    ("mta7.am0.yahoodns.net", "yahoo"),
    ("mx01.mail.icloud.com", "apple"),
    ("mx1.mail.me.com", "apple"),
    ("mx1.comcast.net", "comcast"),
    ("mx0.charter.net", "spectrum"),
    ("ff-ip4-mx-vip1.prodigy.net", "att"),
    ("in1-smtp.messagingengine.com", "fastmail"),
    ("mail.protonmail.ch", "proton"),
    ("mx.zoho.com", "zoho"),
    ("mx00.gmx.net", "gmx"),
    ("smtp.secureserver.net", "godaddy"),
    ("mx0a-0001.pphosted.com", "proofpoint"),
    ("mx1-us1.ppe-hosted.com", "proofpoint"),
    ("us-smtp-inbound-1.mimecast.com", "mimecast"),
    ("d1.ess.barracudanetworks.com", "barracuda"),
    ("esa1.district.iphmx.com", "cisco"),
    ("cluster1.us.messagelabs.com", "broadcom"),
]

DOMAINS = [
    ("gmail.com", "google"),
    ("GMail.Com", "google"),
    ("googlemail.com", "google"),
    ("msn.com", "microsoft"),
    ("passport.com", "microsoft"),
    ("yahoo.com", "yahoo"),
    ("ymail.com", "yahoo"),
    ("rocketmail.com", "yahoo"),
    ("aol.com", "yahoo"),
    ("aim.com", "yahoo"),
    ("verizon.net", "yahoo"),
    ("icloud.com", "apple"),
    ("me.com", "apple"),
    ("mac.com", "apple"),
    ("comcast.net", "comcast"),
    ("xfinity.com", "comcast"),
    ("charter.net", "spectrum"),
    ("spectrum.net", "spectrum"),
    ("att.net", "att"),
    ("sbcglobal.net", "att"),
    ("bellsouth.net", "att"),
    ("fastmail.com", "fastmail"),
    ("proton.me", "proton"),
    ("protonmail.com", "proton"),
    ("gmx.com", "gmx"),
    ("gmx.net", "gmx"),
    ("gmx.de", "gmx"),
]

FAMILIES = [
    ("hotmail.com", "microsoft"),
    ("hotmail.fr", "microsoft"),
    ("hotmail.co.uk", "microsoft"),
    ("live.com", "microsoft"),
    ("live.com.mx", "microsoft"),
    ("outlook.com", "microsoft"),
    ("outlook.de", "microsoft"),
    ("yahoo.co.jp", "yahoo"),
    ("yahoo.com.br", "yahoo"),
]


@pytest.mark.parametrize(("host", "provider"), SERVERS)
def test_a_mail_server_says_whose_it_is(host: str, provider: str) -> None:
    assert provider_of("school.example", [host]) == provider


@pytest.mark.parametrize(("domain", "provider"), DOMAINS + FAMILIES)
def test_a_well_known_domain_needs_no_look_at_its_mail_servers(domain: str, provider: str) -> None:
    assert provider_of(domain) == provider


def test_every_row_of_the_tables_is_tried() -> None:
    hosts = [host.lower().rstrip(".") for host, _ in SERVERS]

    assert {end for end in PROVIDER_OF_MX if not any(h.endswith(f".{end}") for h in hosts)} == set()
    assert set(PROVIDER_OF_DOMAIN) == {domain.lower() for domain, _ in DOMAINS}
    assert set(PROVIDER_OF_FAMILY) == {domain.split(".")[0] for domain, _ in FAMILIES}


def test_another_domain_is_its_own_provider() -> None:
    assert provider_of("Lincoln.K12.ma.us.") == "lincoln.k12.ma.us"
    assert provider_of("school.example", ["mail.school.example"]) == "school.example"


def test_the_mail_servers_outweigh_what_the_domain_suggests() -> None:
    assert provider_of("aol.com", ["mx1.comcast.net"]) == "comcast"
    assert provider_of("aol.com", ["mx.elsewhere.example"]) == "yahoo"


def test_the_first_mail_server_that_is_known_decides() -> None:
    servers = ["mx.elsewhere.example", "mx1.comcast.net", "aspmx.l.google.com"]

    assert provider_of("school.example", servers) == "comcast"


@pytest.mark.parametrize(
    "domain", ["live.school.example", "yahoo.example", "hotmail.com.school.us", "notgmail.com"]
)
def test_a_name_that_only_looks_like_a_provider_is_none(domain: str) -> None:
    assert provider_of(domain) == domain
    assert provider_of("school.example", ["mx.notgoogle.com"]) == "school.example"


def test_no_provider_can_be_taken_for_a_domain() -> None:
    for table in (PROVIDER_OF_MX, PROVIDER_OF_DOMAIN, PROVIDER_OF_FAMILY):
        assert all(name.isalpha() for name in table.values())
