"""TLS against silent, slow and many clients, and while certificates change."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from recon_exporter.ports import Protection
from recon_exporter.web import doors
from support.certificates import Authority, Pair
from support.reports import large_report

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.serving import Served

REFUSED = (ssl.SSLError, ConnectionError, http.client.RemoteDisconnected)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def server_pair(authority: Authority) -> Pair:
    return authority.issue("server")


def tls_of(pair: Pair, authority: Path | None = None) -> ssl.SSLContext:
    """As the configuration makes it, for clients that this authority signed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    if authority is not None:
        context.load_verify_locations(authority)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


@pytest.fixture
def secured(serve: Callable[..., Served], authority: Authority, server_pair: Pair) -> Served:
    served = serve(protection=Protection(tls_of(server_pair)))
    served.tls = authority.client()
    return served


def shown(served: Served) -> bytes | None:
    """The certificate that a new connection is shown."""
    return served.encrypt(served.connect()).getpeercert(binary_form=True)


def is_let_in(served: Served) -> bool:
    try:
        return served.ask("/metrics").status == 200
    except REFUSED:
        return False


def test_pages_are_served(secured: Served) -> None:
    assert secured.server.url.startswith("https://")
    assert secured.ask("/metrics").status == 200
    assert secured.ask("/").status == 200


def test_plain_request_gets_nothing(secured: Served) -> None:
    received = secured.drain(secured.connect(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"))

    assert b"HTTP/1.1 200" not in received


def test_silent_clients_hold_up_nobody(secured: Served) -> None:
    """The patience with them is ten seconds, which nobody else has to have."""
    for _ in range(50):
        secured.connect()
        secured.connect(b"\x16\x03\x01")

    assert secured.ask("/metrics").status == 200
    assert secured.ask("/-/healthy").status == 200


def test_silent_client_is_dropped(
    serve: Callable[..., Served], server_pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "HANDSHAKE_SECONDS", 0.2)
    served = serve(protection=Protection(tls_of(server_pair)))

    assert served.drain(served.connect()) == b""


def test_slow_reader_holds_up_nobody_and_the_server_ends(secured: Served) -> None:
    secured.sink.show(large_report())
    for _ in range(5):
        secured.encrypt(secured.connect()).sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")

    assert secured.ask("/metrics").status == 200
    secured.server.stop()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(secured.place, timeout=1).close()


def test_fifty_scrapes_at_once(secured: Served) -> None:
    secured.connect()
    with ThreadPoolExecutor(50) as pool:
        statuses = list(pool.map(lambda _: secured.ask("/metrics").status, range(50)))

    assert statuses == [200] * 50


def test_new_connections_see_the_new_certificate_and_old_ones_go_on(secured: Served, authority: Authority) -> None:
    before = shown(secured)
    old = secured.client()
    old.request("GET", "/metrics")
    old.getresponse().read()
    renewed = authority.issue("renewed")

    secured.server.protect(Protection(tls_of(renewed)))
    old.request("GET", "/metrics")
    answer = old.getresponse()
    answer.read()

    assert (answer.status, answer.headers.get("Connection")) == (200, None)
    assert isinstance(old.sock, ssl.SSLSocket)
    assert old.sock.getpeercert(binary_form=True) == before
    old.close()
    assert shown(secured) == renewed.fingerprint() != before


def test_no_connection_is_lost_while_certificates_change(secured: Served, authority: Authority) -> None:
    pairs = [authority.issue(f"pair{number}") for number in range(2)]
    is_over = threading.Event()

    def scrape() -> list[int]:
        statuses = []
        while not is_over.is_set():
            statuses.append(secured.ask("/-/healthy").status)
        return statuses

    with ThreadPoolExecutor(4) as pool:
        scraping = [pool.submit(scrape) for _ in range(4)]
        for number in range(30):
            secured.server.protect(Protection(tls_of(pairs[number % 2])))
        is_over.set()
        statuses = [status for scraped in scraping for status in scraped.result()]

    assert len(statuses) > 4
    assert set(statuses) == {200}


def test_client_without_a_certificate_of_the_authority_is_refused(
    secured: Served, authority: Authority, server_pair: Pair, tmp_path: Path
) -> None:
    stranger = Authority(tmp_path, "stranger").issue("prometheus")
    known = authority.issue("prometheus")
    secured.server.protect(Protection(tls_of(server_pair, authority.certificate)))
    let_in = []
    for pair in (None, stranger, known):
        secured.tls = authority.client(pair)
        let_in.append(is_let_in(secured))

    assert let_in == [False, False, True]


@pytest.mark.parametrize(
    "name",
    [
        x509.DNSName("prometheus.example.org"),
        x509.RFC822Name("monitoring@example.org"),
        x509.UniformResourceIdentifier("spiffe://example.org/prometheus"),
        x509.IPAddress(ip_address("10.1.2.3")),
        x509.IPAddress(ip_address("2001:db8::1")),
    ],
    ids=lambda name: type(name).__name__,
)
def test_client_needs_one_of_the_names(
    secured: Served, authority: Authority, server_pair: Pair, name: x509.GeneralName
) -> None:
    allowed = frozenset({str(name.value), "another.example.org"})
    secured.server.protect(Protection(tls_of(server_pair, authority.certificate), client_names=allowed))
    let_in = []
    for names in ((name,), (x509.DNSName("no.example.org"), name), (x509.DNSName("no.example.org"),)):
        secured.tls = authority.client(authority.issue("client", *names))
        let_in.append(is_let_in(secured))

    assert let_in == [True, True, False]


def test_connection_that_came_in_on_weaker_terms_ends_with_its_answer(
    secured: Served, authority: Authority, server_pair: Pair
) -> None:
    old = secured.client()
    old.request("GET", "/metrics")
    old.getresponse().read()

    secured.server.protect(Protection(tls_of(server_pair, authority.certificate)))
    old.request("GET", "/metrics")
    answer = old.getresponse()
    answer.read()
    old.close()

    assert answer.headers["Connection"] == "close"
    assert not is_let_in(secured)


def test_plain_server_becomes_an_encrypted_one_and_plain_again(
    served: Served, authority: Authority, server_pair: Pair
) -> None:
    plain = served.client()
    plain.request("GET", "/metrics")
    plain.getresponse().read()

    served.server.protect(Protection(tls_of(server_pair)))
    plain.request("GET", "/metrics")
    answer = plain.getresponse()
    answer.read()
    plain.close()
    refused = not is_let_in(served)
    served.tls = authority.client()
    encrypted = is_let_in(served)
    served.server.protect(Protection())
    served.tls = None

    assert (answer.headers["Connection"], refused, encrypted, is_let_in(served)) == ("close", True, True, True)
