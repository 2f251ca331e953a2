"""The one way to addresses that people typed, against sites good and bad (T20)."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from ipaddress import ip_address

import pytest

from tests.support.certificates import Authority
from tests.support.name_server import NameServer
from tests.support.network import LOOPBACK
from tests.support.website import HOST, Talk, Website, WrittenNames, page
from topthree.domain.links.link_check import Trouble
from topthree.fetch.answer import NoAnswer
from topthree.fetch.deadline import Deadline
from topthree.fetch.names import DnsNames
from topthree.fetch.public_addresses import is_public
from topthree.fetch.web import WebFetcher

NAME = "www.example.gov"


def fetcher(*sites: Website, names: WrittenNames | None = None) -> WebFetcher:
    """Return one that may ask these sites, and of all addresses only that of the test network."""
    return WebFetcher(
        home="https://letters.example/",
        names=names or WrittenNames(www=[[HOST]]),
        is_allowed=lambda address: address == ip_address(HOST),
        ports={site.port for site in sites},
        seconds=2.0,
    )


def trouble_of(fetcher: WebFetcher, url: str) -> Trouble:
    with pytest.raises(NoAnswer) as refused:
        fetcher.look_at(url)
    return refused.value.trouble


def saying(*pieces: bytes) -> Talk:
    return lambda _: pieces


@pytest.fixture
def canary() -> Iterator[Website]:
    """What listens on this machine, and must never hear from us."""
    with Website(saying(page()), host=LOOPBACK) as website:
        yield website


def test_a_site_is_asked_by_its_name_over_a_trusted_connection(
    authority: Authority, trusting_relay: ssl.SSLContext
) -> None:
    said = page("200 OK", "Content-Type: Application/PDF; x=y", "Set-Cookie: a=b", body="x" * 240)
    with Website(saying(said), encryption=authority.server_context(NAME)) as site:
        asking = replace(fetcher(site), encryption=lambda: trusting_relay)

        answer = asking.look_at(f"https://{NAME}:{site.port}/guide.pdf?a=b")

    assert (answer.status, answer.content_type, answer.content_length) == (
        200,
        "application/pdf",
        240,
    )
    head = site.requests[0].split("\r\n")
    assert head[:2] == ["HEAD /guide.pdf?a=b HTTP/1.1", f"Host: {NAME}:{site.port}"]
    assert head[2].startswith("User-Agent: topthree/")
    assert "letters.example" in head[2]
    assert "cookie" not in site.requests[0].lower()


@pytest.mark.parametrize("name", ["other.example.gov", "www.example.gov"])
def test_a_certificate_of_another_name_or_signer_is_not_trusted(
    authority: Authority, trusting_relay: ssl.SSLContext, name: str
) -> None:
    with Website(saying(page()), encryption=authority.server_context(name)) as site:
        asking = fetcher(site)
        if name != NAME:
            asking = replace(asking, encryption=lambda: trusting_relay)

        assert trouble_of(asking, f"https://{NAME}:{site.port}/") is Trouble.NOT_TRUSTED

    assert site.requests == []


@pytest.mark.parametrize("status", ["403 No", "404 Not here", "405 No HEAD", "501 What"])
def test_a_site_that_refuses_head_is_asked_with_get(status: str) -> None:
    def talk(request: str) -> Iterable[bytes]:
        return [page(status) if request.startswith("HEAD") else page()]

    with Website(talk) as site:
        answer = fetcher(site).look_at(f"http://{NAME}:{site.port}/")

    assert answer.status == 200
    assert [request[:4] for request in site.requests] == ["HEAD", "GET "]


def test_redirections_are_followed_five_times_and_without_cookies() -> None:
    def talk(request: str) -> Iterable[bytes]:
        step = int(request.split()[1][1:])
        return [page("302 Found", f"Location: /{step - 1}", "Set-Cookie: a=b") if step else page()]

    with Website(talk) as site:
        asking = fetcher(site)
        answer = asking.look_at(f"http://{NAME}:{site.port}/5")
        circles = trouble_of(asking, f"http://{NAME}:{site.port}/6")

    assert (answer.status, answer.url) == (200, f"http://{NAME}:{site.port}/0")
    assert circles is Trouble.GOING_IN_CIRCLES
    assert all("cookie" not in request.lower() for request in site.requests)


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("http://127.0.0.1:{port}/", Trouble.NOT_PUBLIC),
        ("http://localhost:{port}/", Trouble.NOT_PUBLIC),
        ("//127.0.0.1:{port}/", Trouble.NOT_PUBLIC),
        ("http://[::ffff:127.0.0.1]:{port}/", Trouble.NOT_PUBLIC),
        ("http://2130706433:{port}/", Trouble.NO_SUCH_NAME),
        ("http://www.example.gov@127.0.0.1:{port}/", Trouble.NOT_A_SITE),
        ("file:///etc/passwd", Trouble.NOT_A_SITE),
        ("http://[::1", Trouble.NOT_A_SITE),
        ("http://169.254.169.254:{port}/latest/meta-data/", Trouble.NOT_PUBLIC),
    ],
)
def test_a_redirection_does_not_lead_into_our_own_network(
    canary: Website, to: str, why: Trouble
) -> None:
    location = f"Location: {to.format(port=canary.port)}"
    names = WrittenNames(www=[[HOST]], localhost=[[LOOPBACK]])
    with Website(saying(page("302 Found", location))) as site:
        asking = fetcher(site, canary, names=names)

        assert trouble_of(asking, f"http://{NAME}:{site.port}/") is why

    assert len(site.requests) == 1
    assert canary.connections == 0


def test_a_name_that_changes_to_our_own_network_is_caught(canary: Website) -> None:
    names = WrittenNames(www=[[HOST], [LOOPBACK]])
    with Website(saying(page("404 Gone"))) as site:
        # The first connection goes to the address that was checked, the second is checked anew.
        asking = fetcher(site, canary, names=names)

        assert trouble_of(asking, f"http://{NAME}:{site.port}/") is Trouble.NOT_PUBLIC

    assert names.asked == [NAME, NAME]
    assert len(site.requests) == 1
    assert canary.connections == 0


@pytest.mark.parametrize(
    "answer", [["127.0.0.1"], [HOST, "127.0.0.1"], ["10.0.0.1"], ["::1"], ["fd00:ec2::254"]]
)
def test_a_name_with_one_private_address_is_not_connected_to(
    canary: Website, answer: list[str]
) -> None:
    names = WrittenNames(www=[answer])

    assert trouble_of(fetcher(canary, names=names), f"http://{NAME}:{canary.port}/") is (
        Trouble.NOT_PUBLIC
    )

    assert canary.connections == 0


def test_without_being_told_otherwise_only_the_public_internet_is_asked(canary: Website) -> None:
    asking = WebFetcher(names=WrittenNames(www=[[LOOPBACK]]), ports={canary.port})

    urls = (
        f"http://{host}:{canary.port}/" for host in (NAME, LOOPBACK, "[::1]", "[::ffff:7f00:1]")
    )
    troubles = {trouble_of(asking, url) for url in urls}

    assert asking.is_allowed is is_public
    assert troubles == {Trouble.NOT_PUBLIC}
    assert canary.connections == 0


def test_a_port_that_is_not_that_of_the_web_is_not_asked(canary: Website) -> None:
    asking = WebFetcher(names=WrittenNames(www=[[HOST]]), is_allowed=lambda _: True)

    assert trouble_of(asking, f"http://{NAME}:{canary.port}/") is Trouble.NOT_A_SITE
    assert canary.connections == 0


def _silence(_: str) -> Iterable[bytes]:
    time.sleep(3)
    return []


def _drip(_: str) -> Iterable[bytes]:
    yield b"HTTP/1.1 200 OK\r\nX-Slow: "
    while True:
        time.sleep(0.05)
        yield b"x"


def _continue_for_ever(_: str) -> Iterable[bytes]:
    while True:
        yield b"HTTP/1.1 100 Continue\r\n\r\n" * 100


@pytest.mark.parametrize("talk", [_silence, _drip])
def test_a_site_that_is_slow_is_left_when_the_time_is_over(talk: Talk) -> None:
    with Website(talk) as site:
        asking = replace(fetcher(site), seconds=0.4)

        assert trouble_of(asking, f"http://{NAME}:{site.port}/") is Trouble.TOO_SLOW


def test_a_site_that_never_shakes_hands_is_left_when_the_time_is_over() -> None:
    with Website(_silence) as site:
        asking = replace(fetcher(site), seconds=0.4)

        assert trouble_of(asking, f"https://{NAME}:{site.port}/") is Trouble.TOO_SLOW


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"HTTP/1.1 99999 What\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
    ],
)
def test_an_answer_that_is_none_is_no_answer(said: bytes) -> None:
    with Website(saying(said)) as site:
        assert trouble_of(fetcher(site), f"http://{NAME}:{site.port}/") is Trouble.BROKEN


def test_an_answer_without_end_is_not_read_to_the_end() -> None:
    with Website(_continue_for_ever) as site:
        trouble = trouble_of(fetcher(site), f"http://{NAME}:{site.port}/")

    assert trouble in {Trouble.BROKEN, Trouble.TOO_SLOW}


def _huge(request: str) -> Iterable[bytes]:
    yield b"HTTP/1.1 403 No\r\n\r\n" if "HEAD" in request else b"HTTP/1.1 200 OK\r\n\r\n"
    while "GET" in request:
        yield b"x" * 100_000


def test_a_huge_body_is_not_read() -> None:
    with Website(_huge) as site:
        answer = fetcher(site).look_at(f"http://{NAME}:{site.port}/")

    assert (answer.status, answer.content_length) == (200, None)


@pytest.mark.parametrize(
    ("header", "length"),
    [
        ("Content-Length: 5000000", 5_000_000),
        ("Content-Length: -1", None),
        ("Content-Length: 1e9", None),
        ("Content-Length: " + "9" * 40, None),
        ("Content-Length: 5\r\nContent-Encoding: gzip", None),
        ("Content-Type: x\r\nX-Y: z", None),
    ],
)
def test_a_length_is_believed_only_if_it_can_be_one(header: str, length: int | None) -> None:
    said = f"HTTP/1.1 200 OK\r\n{header}\r\n\r\nshort".encode()
    with Website(saying(said)) as site:
        answer = fetcher(site).look_at(f"http://{NAME}:{site.port}/")

    assert (answer.status, answer.content_length, answer.content_type) == (200, length, "")


def test_nobody_there_is_a_broken_connection_and_no_name_says_so() -> None:
    with Website(saying(page())) as site:
        asking = fetcher(site)
    names = WrittenNames()

    assert trouble_of(asking, f"http://{NAME}:{site.port}/") is Trouble.BROKEN
    assert trouble_of(replace(asking, names=names), f"http://{NAME}:{site.port}/") is (
        Trouble.NO_SUCH_NAME
    )


def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    names = WrittenNames(www=[["127.0.0.3", HOST]])
    with Website(saying(page())) as site:
        asking = replace(fetcher(site, names=names), is_allowed=lambda _: True)

        assert asking.look_at(f"http://{NAME}:{site.port}/").status == 200


def asked(server: NameServer, host: str, seconds: float = 2.0) -> tuple[str, ...]:
    deadline = Deadline(at=seconds, elapsed=lambda: 0.0)
    names = DnsNames(name_servers=(LOOPBACK,), port=server.port)
    return tuple(str(address) for address in names.addresses_of(host, deadline))


def test_the_dns_says_where_a_site_is_and_only_its_no_is_a_no() -> None:
    hosts = {"both.example": ("2606:2800:220:1::1", "93.184.216.34"), "none.example": ()}
    troubles = {
        "none.example": Trouble.NO_SUCH_NAME,
        "nowhere.example": Trouble.NO_SUCH_NAME,
        "broken.example": Trouble.NAME_UNANSWERED,
        "silent.example": Trouble.NAME_UNANSWERED,
    }
    failing = {"fails": ("broken.example",), "silent": ("silent.example",)}
    with NameServer({}, hosts=hosts, **failing) as server:
        found = asked(server, "both.example")
        for host, trouble in troubles.items():
            with pytest.raises(NoAnswer) as refused:
                asked(server, host, seconds=0.3)
            assert refused.value.trouble is trouble

    assert found == ("93.184.216.34", "2606:2800:220:1::1")


def test_a_small_file_is_read_whole_and_from_its_own_address_only() -> None:
    def talk(request: str) -> Iterable[bytes]:
        path = request.split()[1]
        if path == "/moved":
            return [page("302 Found", "Location: /file")]
        return [page(body="0123456789") if path == "/file" else page("404 Not here", body="x")]

    with Website(talk) as site:
        asking, home = fetcher(site), f"http://{NAME}:{site.port}"

        assert asking.read(f"{home}/file", most_bytes=10) == b"0123456789"
        for path, most in (("file", 9), ("moved", 10), ("none", 10)):
            with pytest.raises(NoAnswer):
                asking.read(f"{home}/{path}", most_bytes=most)

    assert [request.split()[1] for request in site.requests][1:] == ["/file", "/moved", "/none"]


def test_a_file_whose_end_does_not_come_is_not_read() -> None:
    cut_off = page(body="0123456789")[:-3]
    with Website(saying(cut_off)) as site, pytest.raises(NoAnswer):
        fetcher(site).read(f"http://{NAME}:{site.port}/", most_bytes=20)


def test_a_file_of_our_own_network_is_not_read(canary: Website) -> None:
    with pytest.raises(NoAnswer) as refused:
        fetcher(canary).read(f"http://{LOOPBACK}:{canary.port}/", most_bytes=20)

    assert refused.value.trouble is Trouble.NOT_PUBLIC
    assert canary.connections == 0
