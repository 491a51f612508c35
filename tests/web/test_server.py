"""The server against clients that are slow, silent, greedy or broken, and against its own shutdown."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

import pytest

from recon_exporter.web import WebServer, answers, connections
from recon_exporter.web.server import bind
from support.reports import large_report

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.serving import Served

GET_HEALTHY = b"GET /-/healthy HTTP/1.1\r\nHost: exporter\r\n\r\n"
GET_METRICS = b"GET /metrics HTTP/1.1\r\nHost: exporter\r\n\r\n"
ENDS_WITHIN_SECONDS = 8.0


def assert_ends_soon(served: Served) -> None:
    started = time.monotonic()
    served.server.stop()

    assert time.monotonic() - started < ENDS_WITHIN_SECONDS
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(served.place, timeout=1).close()


def test_free_port_is_told(served: Served) -> None:
    assert served.place[1] > 0
    assert served.server.url == f"http://{served.server.address}"


@pytest.mark.parametrize("address", ["", "9811", "localhost", "host:port", "127.0.0.1:70000", "::1:80", "http://x:80"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="no address to listen at"):
        bind(address)


def test_taken_address_is_refused_before_anything_runs(served: Served, serve: Callable[..., Served]) -> None:
    with pytest.raises(OSError, match="in use"):
        serve(served.server.address)


@pytest.mark.parametrize("address", [":0", "localhost:0", "[::1]:0"])
def test_other_ways_to_name_an_interface(address: str) -> None:
    if address.startswith("[") and not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    with bind(address) as listening:
        assert listening.getsockname()[1] > 0


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/-/",
        "/metrics/",
        "/favicon.ico",
        "//",
        "/-/ready/x",
        "/config/../config",
        "/runs/latest",
        "/runs/x/y",
    ],
)
def test_unknown_path_is_not_found(served: Served, path: str) -> None:
    answer = served.ask(path)

    assert (answer.status, answer.text) == (404, "not found\n")


@pytest.mark.parametrize(
    "path",
    [
        "/metrics",
        "/-/healthy",
        "/-/ready",
        "/",
        "/config",
        "/runbooks/",
        "/breaks",
        "/breaks/0000",
        "/runs",
        "/runs/latest",
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_method_that_a_path_does_not_know_is_refused(served: Served, path: str, method: str) -> None:
    answer = served.ask(path, method)

    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "path", ["/metrics", "/-/healthy", "/-/ready", "/", "/config", "/runbooks/", "/breaks", "/runs", "/nothing"]
)
def test_head_answers_as_get_does_without_the_body(served: Served, path: str) -> None:
    get, head = served.ask(path), served.ask(path, "HEAD")

    assert (head.status, head.body) == (get.status, b"")
    assert head.headers["Content-Type"] == get.headers["Content-Type"]


@pytest.mark.parametrize(
    "path", ["/metrics", "/-/healthy", "/", "/config", "/runbooks/", "/breaks", "/runs", "/nothing"]
)
def test_headers_give_nothing_away_and_protect_the_reader(served: Served, path: str) -> None:
    headers = served.ask(path).headers

    assert headers["Server"] == "recon-exporter"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nCookie: " + b"a" * 20_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: y\r\n" % number for number in range(1000)) + b"\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 this is TLS\r\n\r\n",
        b"GET / HTTP/1.1\r\nno header at all\r\n\r\n",
    ],
    ids=["long path", "long header", "many headers", "not HTTP", "malformed header"],
)
def test_bad_request_is_refused_briefly(served: Served, request_bytes: bytes) -> None:
    received = served.drain(served.connect(request_bytes))

    assert received.split()[1] == b"400"
    assert received.endswith(b"\r\n\r\nbad request\n")
    assert b"aiohttp" not in received
    assert b"Python" not in received


def test_body_that_nobody_asked_for_is_not_waited_for(served: Served) -> None:
    connection = served.connect(b"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n")

    assert connection.recv(1000).startswith(b"HTTP/1.1 405 ")


def test_client_that_says_nothing_holds_up_nobody(served: Served) -> None:
    for _ in range(20):
        served.connect()
        served.connect(b"GET /metrics HTT")

    assert served.ask("/metrics").status == 200
    assert_ends_soon(served)


def test_client_that_does_not_read_holds_up_nobody(served: Served) -> None:
    served.sink.show(large_report())
    served.connect(GET_METRICS)

    assert served.ask("/metrics").status == 200
    assert_ends_soon(served)


def test_supervisor_is_answered_while_slow_clients_hold_every_slot(served: Served) -> None:
    served.sink.show(large_report())
    for _ in range(45):
        served.connect(GET_METRICS)

    assert served.ask("/-/healthy").status == 200
    assert_ends_soon(served)


def test_clients_that_do_not_read_lose_their_slots_and_connections(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "_PATIENCE_SECONDS", 0.3)
    served.sink.show(large_report())
    slow = [served.connect(GET_METRICS) for _ in range(40)]

    scrape = served.ask("/metrics")

    assert scrape.status == 200
    assert len(served.drain(slow[0])) < len(scrape.body)


def test_connection_is_kept_for_the_next_scrape(served: Served) -> None:
    connection = served.connect(b"HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
    first = connection.recv(4096)
    connection.sendall(b"HEAD /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n")

    assert first.startswith(b"HTTP/1.1 200 OK\r\n")
    assert connection.recv(4096).startswith(b"HTTP/1.1 200 OK\r\n")


def test_old_clients_are_served(served: Served) -> None:
    received = served.drain(served.connect(b"GET /-/healthy HTTP/1.0\r\n\r\n"))

    assert received.endswith(b"\r\n\r\nrecon-exporter is healthy\n")


def test_fault_in_one_request_is_its_own(serve: Callable[..., Served]) -> None:
    def configuration() -> str:
        raise RuntimeError("secret detail")

    served = serve(configuration=configuration)
    answer = served.ask("/config")

    assert (answer.status, answer.text) == (500, "internal error, see the log\n")
    assert served.ask("/-/healthy").status == 200


def test_more_connections_than_allowed_are_dropped(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "CONNECTIONS_AT_ONCE", 2)
    kept = served.connect(GET_HEALTHY), served.connect(GET_HEALTHY)
    answers_of_kept = [connection.recv(4096) for connection in kept]
    dropped = served.connect()

    assert all(answer.startswith(b"HTTP/1.1 200 OK\r\n") for answer in answers_of_kept)
    assert served.drain(dropped) == b""


def test_stop_may_be_asked_for_twice_and_before_the_start(served: Served) -> None:
    served.server.stop()
    served.server.stop()
    WebServer("127.0.0.1:0", served.server._site).stop()
