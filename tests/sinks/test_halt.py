"""Halt files, and the action that stops a bot until it has worked."""

from __future__ import annotations

import json
import sys
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from recon_exporter.errors import DeliveryFailed
from recon_exporter.ports import Outgoing
from recon_exporter.sinks.halt import Action, Halts
from support.evidence import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SPAN = timedelta(seconds=5)


class Receiver(HTTPServer):
    """Keeps what is posted to it, and answers as a test says."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = 204
        self.posted: list[tuple[str, str]] = []


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:  # the name that the base class calls
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.posted.append((self.path, body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def entry(name: str, body: str = "{}") -> Outgoing:
    return Outgoing(None, "halt", name, NOW, body)


def halts(folder: Path, action: Action | None = None) -> tuple[Halts, list[str]]:
    """The sink, and what it tells: the bot where the action has worked, its name with ! where it has not."""
    told: list[str] = []
    return Halts(folder, action, told.append, lambda bot: told.append(f"{bot}!")), told


def command(code: str) -> Action:
    return Action((sys.executable, "-c", code, "{bot}"), None, SPAN)


def test_halt_file_stands_until_the_halt_is_cleared(tmp_path: Path) -> None:
    sink, _ = halts(tmp_path)
    sink.deliver(entry("file/swing", '{"bot": "swing"}'))
    assert json.loads((tmp_path / "swing.json").read_text()) == {"bot": "swing"}

    sink.deliver(entry("file/swing", ""))
    sink.deliver(entry("file/swing", ""))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("bot", "file"),
    [
        ("swing-us_2.eu", "swing-us_2.eu.json"),
        ("a/b", "a%2Fb.json"),
        ("a_b", "a_b.json"),
        ("a%2Fb", "a%252Fb.json"),
        ("..", "%2E..json"),
        ("größe", "gr%C3%B6%C3%9Fe.json"),
        ("a\\b:c", "a%5Cb%3Ac.json"),
    ],
)
def test_halt_file_is_named_after_its_bot_and_no_two_bots_share_one(tmp_path: Path, bot: str, file: str) -> None:
    sink, _ = halts(tmp_path)
    sink.deliver(entry(f"file/{bot}"))

    assert [path.name for path in tmp_path.iterdir()] == [file]
    sink.deliver(entry(f"file/{bot}", ""))
    assert list(tmp_path.iterdir()) == []


def test_command_gets_the_bot_and_the_halt_and_is_confirmed_by_its_exit_code(tmp_path: Path) -> None:
    told = tmp_path / "told"
    sink, confirmed = halts(
        tmp_path, command(f"import sys; open({str(told)!r}, 'w').write(sys.argv[1] + sys.stdin.read())")
    )

    sink.deliver(entry("action/swing", " halted"))

    assert told.read_text() == "swing halted"
    assert confirmed == ["swing"]


@pytest.mark.parametrize("code", ["raise SystemExit(3)", "import time; time.sleep(60)"])
def test_command_that_fails_or_hangs_is_not_confirmed(tmp_path: Path, code: str) -> None:
    action = Action((sys.executable, "-c", code), None, timedelta(seconds=1))
    sink, confirmed = halts(tmp_path, action)

    with pytest.raises(DeliveryFailed):
        sink.deliver(entry("action/swing"))
    assert confirmed == ["swing!"]


def test_address_is_sent_the_halt_and_confirms_by_its_answer(tmp_path: Path, receiver: Receiver) -> None:
    url = f"http://127.0.0.1:{receiver.server_port}/stop/{{bot}}?token=secret"
    sink, confirmed = halts(tmp_path, Action(None, url, SPAN))

    sink.deliver(entry("action/swing", '{"bot": "swing"}'))
    assert receiver.posted == [("/stop/swing?token=secret", '{"bot": "swing"}')]
    assert confirmed == ["swing"]

    receiver.status = 500
    with pytest.raises(DeliveryFailed, match="answered 500") as failure:
        sink.deliver(entry("action/swing"))
    assert "secret" not in str(failure.value)
    assert confirmed == ["swing", "swing!"]


@pytest.mark.parametrize(
    "url",
    [
        "http://user:p%C5%82ss@127.0.0.1:9/stop",
        "http://user:p4ss@[::1/stop",
        f"http://user:p4ss@{'x' * 64}.example/stop",
    ],
)
def test_address_that_no_request_can_be_sent_to_is_a_failure_without_its_secret(tmp_path: Path, url: str) -> None:
    sink, confirmed = halts(tmp_path, Action(None, url, SPAN))

    with pytest.raises(DeliveryFailed) as failure:
        sink.deliver(entry("action/swing"))
    assert confirmed == ["swing!"]
    assert "p4ss" not in str(failure.value)
    assert failure.value.__cause__ is None


def test_name_of_a_bot_stays_one_part_of_the_address(tmp_path: Path, receiver: Receiver) -> None:
    sink, confirmed = halts(
        tmp_path, Action(None, f"http://127.0.0.1:{receiver.server_port}/stop/{{bot}}?all=no", SPAN)
    )

    sink.deliver(entry("action/a/b?c#d"))

    assert [path for path, _ in receiver.posted] == ["/stop/a%2Fb%3Fc%23d?all=no"]
    assert confirmed == ["a/b?c#d"]


def test_without_action_nothing_is_stopped_and_nothing_is_confirmed(tmp_path: Path) -> None:
    sink, confirmed = halts(tmp_path)

    sink.deliver(entry("action/swing"))

    assert confirmed == []


def test_action_that_was_taken_back_stops_nothing(tmp_path: Path) -> None:
    sink, told = halts(tmp_path, command("raise SystemExit(3)"))

    sink.deliver(entry("action/swing", ""))

    assert told == []
