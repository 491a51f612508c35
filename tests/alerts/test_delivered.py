"""What PagerDuty, Slack and Telegram get from a real Alertmanager that runs what `bundle alertmanager` wrote."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
import requests
import yaml

from recon_exporter.commands import bundle_alertmanager
from recon_exporter.demo.programs import RunningProgram, find, start_alertmanager

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.needs_program("prometheus-alertmanager")

PATIENCE_SECONDS = 20
TELEGRAM, SLACK, PAGER, SWITCH = "/bot1:a/sendMessage", "/slack", "/pagerduty", "/switch"


@dataclass(slots=True)
class Services:
    """PagerDuty, Slack and Telegram as far as Alertmanager looks: what came, by path."""

    url: str
    received: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def wait_for(self, path: str, count: int = 1) -> list[dict[str, Any]]:
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            found = [document for came_to, document in self.received if came_to == path]
            if len(found) >= count:
                return found
            time.sleep(0.05)
        pytest.fail(f"{count} at {path} did not come; there were {self.received}")


@contextmanager
def running_services() -> Iterator[Services]:
    services = Services("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            services.received.append((self.path, document))
            answer = json.dumps({"ok": True, "result": {"message_id": 1, "date": 1, "chat": {"id": -7}}}).encode()
            self.send_response(202 if self.path == PAGER else 200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    services.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield services
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass(frozen=True, slots=True)
class World:
    services: Services
    alertmanager: RunningProgram

    def send(self, *alerts: dict[str, Any]) -> None:
        requests.post(f"{self.alertmanager.url}/api/v2/alerts", json=alerts, timeout=5).raise_for_status()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with running_services() as services:
        secrets = {
            "pagerduty_routing_key": "0" * 32,
            "pagerduty_url": f"{services.url}{PAGER}",
            "slack_webhook_url": f"{services.url}{SLACK}",
            "slack_channel": "#recon",
            "telegram_bot_token": "1:a",
            "telegram_chat_id": -7,
            "telegram_url": services.url,
            "dead_mans_switch_url": f"{services.url}{SWITCH}",
        }
        file = tmp_path / "secrets.yml"
        file.write_text(yaml.safe_dump(secrets))
        file.chmod(0o600)
        assert bundle_alertmanager.run(file, tmp_path / "alertmanager", in_files=False) == 0
        executable = find("Alertmanager")
        assert executable is not None
        configuration = tmp_path / "alertmanager" / "alertmanager.yml"
        hasten(configuration)
        alertmanager = start_alertmanager(executable, configuration, tmp_path)
        try:
            yield World(services, alertmanager)
        finally:
            alertmanager.stop()


def hasten(path: Path) -> None:
    configuration = yaml.safe_load(path.read_text())
    for route in (configuration["route"], *configuration["route"]["routes"]):
        route |= {"group_wait": "1s", "group_interval": "1s"}
    path.write_text(yaml.safe_dump(configuration))


def alert(number: int, **more: Any) -> dict[str, Any]:  # noqa: ANN401  # keys of Alertmanager
    labels = {"alertname": "ReconciliationBreaks", "severity": "critical", "bot": "bot4", "number": str(number)}
    links = {
        "runbook_url": "http://recon/runbooks/ReconciliationBreaks",
        "dashboard_url": "http://grafana/d/recon-bot?var-bot=bot4",
    }
    return {"labels": labels, "annotations": {"summary": f"bot4: <{number}> & more", **links}, **more}


def test_every_service_gets_a_message_that_it_takes(world: World) -> None:
    world.send(*(alert(number) for number in range(200)))

    (paged,) = world.services.wait_for(PAGER)
    assert paged["payload"]["summary"] == "🔴 CRITICAL bot4: <0> & more (+199 more)"
    assert paged["payload"]["severity"] == "critical"
    assert paged["links"][0] == {"href": "http://recon/runbooks/ReconciliationBreaks", "text": "runbook"}
    assert paged["payload"]["custom_details"]["alerts"].endswith("\nand 195 more")
    (told,) = world.services.wait_for(TELEGRAM)
    message = ET.fromstring(f"<message>{told['text']}</message>")  # noqa: S314  # from a program that we started
    assert (told["parse_mode"], len(message.findall("b")), len(message.findall("a"))) == ("HTML", 5, 15)
    assert told["text"].startswith("🔴 CRITICAL <b>bot4: &lt;0&gt; &amp; more</b>\n")
    assert told["text"].endswith("\nand 195 more")
    ((shown,),) = (document["attachments"] for document in world.services.wait_for(SLACK))
    assert shown["title"] == "🔴 CRITICAL bot4: <0> & more (+199 more)"
    assert "*bot4: &lt;0&gt; &amp; more*\n<http://recon/runbooks/ReconciliationBreaks|runbook> <http" in shown["text"]


def test_one_bot_is_one_message_and_another_bot_another(world: World) -> None:
    other = alert(9)
    other["labels"]["bot"] = "bot5"
    exposed = alert(1)
    exposed["labels"]["alertname"] = "ReconciliationExposureMaterial"
    world.send(alert(1), exposed, other)

    paged = world.services.wait_for(PAGER, 2)
    assert sorted(document["payload"]["custom_details"]["alerts"].count("🔴") for document in paged) == [1, 2]
    assert len(world.services.wait_for(TELEGRAM, 2)) == len(paged) == 2


def test_the_chat_hears_that_it_is_no_longer_reported_and_the_pager_nothing(world: World) -> None:
    world.send(alert(1))
    world.services.wait_for(PAGER)
    world.services.wait_for(TELEGRAM)
    world.send(alert(1, startsAt="2026-03-06T12:00:00Z", endsAt="2026-03-06T12:01:00Z"))

    told = world.services.wait_for(TELEGRAM, 2)[1]["text"]
    assert "no longer reported; over only where the link says so" in told
    assert "resolved" not in told.lower()
    assert world.services.wait_for(SLACK, 2)
    assert len(world.services.wait_for(PAGER)) == 1


def test_the_watchdog_reaches_its_switch_alone(world: World) -> None:
    world.send({"labels": {"alertname": "Watchdog", "severity": "none"}, "annotations": {"summary": "works"}})

    world.services.wait_for(SWITCH)
    assert {path for path, _ in world.services.received} == {SWITCH}
