"""`page-test` sends one alert marked TEST on both ways out, and says who took it, with a real Alertmanager."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

from recon_exporter.commands import check_config, page_test
from recon_exporter.commands.alertmanager_api import hidden, placeholders
from recon_exporter.demo.configuration import write_alertmanager_file
from recon_exporter.demo.programs import RunningProgram, find, start_alertmanager
from recon_exporter.settings.overrides import Overrides
from support.receiver import Receiver, receiving
from support.workspace import RECON, SMALLEST, workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

Capture = pytest.CaptureFixture[str]
real = pytest.mark.needs_program("prometheus-alertmanager")
NOWHERE = "http://127.0.0.1:1"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def alertmanager(tmp_path: Path, receiver: Receiver) -> Iterator[RunningProgram]:
    """The shipped routes; pager and chat lead to the receiver, the rest stays a placeholder."""
    base = receiver.url.removesuffix("/alert")
    executable = find("Alertmanager")
    assert executable is not None
    file = write_alertmanager_file(tmp_path, base, {"group_wait": "1s"})
    file.write_text(file.read_text().replace(f"{base}/dead-mans-switch", "http://127.0.0.1:19093/dead-mans-switch"))
    running = start_alertmanager(executable, file, tmp_path)
    try:
        yield running
    finally:
        running.stop()


def write(monkeypatch: pytest.MonkeyPatch, folder: Path, url: str, *lines: str) -> None:
    monkeypatch.chdir(folder)
    workspace(Path()).write(RECON, "\n".join([SMALLEST.strip(), f"alertmanager: {{url: '{url}'}}", *lines]))


def sent(severity: str = "critical") -> int:
    return page_test.run(Overrides(), {}, Path(), severity=severity)


@real
def test_everybody_is_told_a_test(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
    alertmanager: RunningProgram,
    receiver: Receiver,
) -> None:
    write(monkeypatch, tmp_path, alertmanager.url, f"webhook: {{url: '{receiver.url}'}}")

    assert sent() == 0
    assert capsys.readouterr().out.splitlines() == [
        f"alertmanager {alertmanager.url}: took it for pager, chat",
        "warning: receiver dead-mans-switch is still a placeholder: http://127.0.0.1:19093/dead-mans-switch",
        "webhook: took it",
    ]
    told = json.loads(receiver.requests[0].body)
    assert (receiver.requests[0].path, told["kind"], told["synthetic"], told["status"]) == (
        "/alert",
        "test",
        True,
        "critical",
    )
    assert json.loads(Path("reports/reconciliation/synthetic/last_webhook_test.json").read_text())["kind"] == "test"
    (known,) = requests.get(f"{alertmanager.url}/api/v2/alerts", timeout=5).json()
    assert known["annotations"]["summary"].startswith("TEST: ")
    assert re.fullmatch(r"TEST-\d{6}", known["labels"]["bot"])


@real
def test_a_warning_does_not_wake_anybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture, alertmanager: RunningProgram
) -> None:
    write(monkeypatch, tmp_path, alertmanager.url)

    assert sent("warning") == 0
    assert "took it for chat\n" in capsys.readouterr().out


@real
def test_what_is_silenced_is_not_delivered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture, alertmanager: RunningProgram
) -> None:
    write(monkeypatch, tmp_path, alertmanager.url)
    matcher = {"name": "alertname", "value": ".+", "isRegex": True, "isEqual": True}
    times = {"startsAt": "2026-01-01T00:00:00Z", "endsAt": "2999-01-01T00:00:00Z"}
    silence = {"matchers": [matcher], **times, "createdBy": "test", "comment": "everything"}
    requests.post(f"{alertmanager.url}/api/v2/silences", json=silence, timeout=5).raise_for_status()

    assert sent() == 1
    assert "took it and tells nobody: it is silenced or inhibited" in capsys.readouterr().out


@real
def test_a_receiver_that_is_a_placeholder_is_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    executable = find("Alertmanager")
    assert executable is not None
    running = start_alertmanager(executable, write_alertmanager_file(tmp_path, "http://127.0.0.1:19093"), tmp_path)
    try:
        write(monkeypatch, tmp_path, running.url)
        assert sent("info") == 1
        assert check_config.run(Overrides(), {}, Path(), online=True) == 0
    finally:
        running.stop()

    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"alertmanager {running.url}: took it for chat-all-clear"
    assert f"alertmanager {running.url}: reachable, 4 receivers" in said
    for name in ("pager", "chat", "chat-all-clear", "dead-mans-switch"):
        line = f"receiver {name} is still a placeholder: http://127.0.0.1:19093/{name.removesuffix('-all-clear')}"
        assert f"warning: {line}" in said
        assert f"warning: alertmanager {running.url}: {line}" in said


def test_the_other_way_is_tried_where_one_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture, receiver: Receiver
) -> None:
    write(monkeypatch, tmp_path, NOWHERE, f"webhook: {{url: '{receiver.url}'}}")

    assert sent() == 1
    assert capsys.readouterr().out.splitlines() == [
        f"alertmanager {NOWHERE}: NOT reachable, ConnectionError",
        "webhook: took it",
    ]


@pytest.mark.parametrize("answer", ["<html>please log in</html>", '[{"labels": {}}]', '{"status": "success"}', "[1]"])
def test_what_is_no_alertmanager_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture, receiver: Receiver, answer: str
) -> None:
    receiver.answer = answer
    write(monkeypatch, tmp_path, receiver.url, f"webhook: {{url: '{receiver.url}'}}")

    assert sent() == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith(f"alertmanager {receiver.url}: NOT usable, its answer cannot be read: ")
    assert said[1:] == ["webhook: took it"]


def test_a_webhook_that_refuses_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture, receiver: Receiver
) -> None:
    receiver.statuses = [403]
    write(monkeypatch, tmp_path, receiver.url, f"webhook: {{url: '{receiver.url}?key=hidden'}}")

    assert sent() == 1
    out = capsys.readouterr().out
    assert out == f"alertmanager {receiver.url}: NOT usable, it answered 403\nwebhook: the webhook answered 403\n"


def test_a_password_comes_from_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture, receiver: Receiver
) -> None:
    (tmp_path / "password").write_text("open sesame\n")
    write(monkeypatch, tmp_path, NOWHERE)
    login = f"alertmanager: {{url: '{receiver.url}', username: recon, password_file: password}}"
    workspace(Path()).write(RECON, f"{SMALLEST}{login}")
    receiver.statuses = [401]

    assert sent() == 1
    assert receiver.requests[0].headers["Authorization"] == "Basic cmVjb246b3BlbiBzZXNhbWU="
    assert "it answered 401" in capsys.readouterr().out
    (tmp_path / "password").unlink()
    assert sent() == 1
    assert "password: No such file or directory" in capsys.readouterr().out


def test_unusable_wishes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    write(monkeypatch, tmp_path, NOWHERE)
    assert sent("page") == 2
    workspace(Path()).write(RECON, f"{SMALLEST}alertmanager: {{username: recon}}")
    assert sent() == 2
    error = capsys.readouterr().err
    assert "expected critical, warning, info" in error
    assert "both username and password_file, or neither" in error


def test_hidden_addresses_are_not_called_placeholders() -> None:
    configuration = {
        "route": {"receiver": "a", "routes": [{"receiver": "b"}, {"receiver": "nobody"}]},
        "receivers": [
            {"name": "a", "webhook_configs": [{"url": "<secret>"}]},
            {"name": "b", "slack_configs": [{"channel": "#REPLACE"}]},
            {"name": "nobody"},
            {"name": "unused"},
        ],
    }

    assert placeholders(configuration) == {
        "b": "receiver b is still a placeholder: #REPLACE",
        "nobody": "receiver nobody tells nobody",
    }
    assert hidden(configuration) == ("a",)
