"""A real Prometheus that has scraped three exporters: one healthy, one broken, and one that was healthy and is gone.

Beside them it scrapes what Prometheus and Alertmanager say of themselves where every rule and message fails.
"""

from __future__ import annotations

import os
import re
import threading
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import requests
import yaml

from end_to_end.world import now
from grafana.boards import ROOT, substituted
from grafana.fleets import broken_telemetry, everything_broken, healthy_report, healthy_telemetry, tick
from recon_exporter.sinks.page import PageSink
from recon_exporter.telemetry.exposition import Format
from runbooks.stack import free_addresses, running, until
from support.evidence import NOW
from support.watchers import WATCHERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from recon_exporter.domain.report import Report
    from recon_exporter.telemetry import Telemetry

JOBS = ("healthy", "broken", "gone")
ALL = ".+"
LOOK_BACK_SECONDS = 15
_TIME = re.compile(rb"^(\w+_timestamp_seconds.* )(\S+)$", re.MULTILINE)


@dataclass
class Exporter:
    """What one exporter answers; reports of fixed times are shown as if they were of now."""

    report: Report
    telemetry: Telemetry
    is_healthy: bool
    is_there: bool = True
    page: bytes = field(init=False)

    def __post_init__(self) -> None:
        sink = PageSink()
        sink.show(self.report)
        self.page = sink.page.body(Format.TEXT)

    def exposition(self) -> bytes:
        at = now()
        tick(self.telemetry, at, is_healthy=self.is_healthy)
        later = (at - NOW).total_seconds()
        page = _TIME.sub(lambda line: line[1] + repr(float(line[2]) + later).encode(), self.page)
        return page + self.telemetry.exposition(Format.TEXT)


@dataclass
class Watchers:
    """What Prometheus and Alertmanager say of themselves, one failure more each time that they are asked."""

    failures: int = 0
    is_there: bool = True

    def exposition(self) -> bytes:
        self.failures += 1
        series = (
            (name, ",".join(f'{label}="some;recon-one"' for label in labels)) for name, labels in WATCHERS.items()
        )
        return "".join(f"{name}{{{labels}}} {self.failures}\n" for name, labels in series).encode()


@dataclass(frozen=True)
class Prometheus:
    """The server, asked as Grafana asks it."""

    url: str

    def ask(self, expression: str, job: str, bot: list[str] | str = ALL, *, is_instant: bool = True) -> list[Any]:
        """The series of the answer; an error of the query fails the test."""
        query = substituted(expression, {"job": [job], "bot": bot, "instance": ALL})
        at = now().timestamp()
        span: Mapping[str, str] = {"start": str(at - LOOK_BACK_SECONDS), "end": str(at), "step": "1"}
        path, more = ("query", {}) if is_instant else ("query_range", span)
        answer = requests.post(f"{self.url}/api/v1/{path}", data={"query": query, **more}, timeout=30).json()
        assert answer["status"] == "success", f"{answer.get('error')}\n{query}"
        series: list[Any] = answer["data"]["result"]
        return series

    def number(self, expression: str, job: str) -> float | None:
        """The one value of an answer; None where it is empty."""
        series = self.ask(expression, job)
        assert len(series) <= 1, expression
        return float(series[0]["value"][1]) if series else None


@contextmanager
def running_prometheus(folder: Path) -> Iterator[Prometheus]:
    """Everything scraped and every rule evaluated several times, the third exporter gone."""
    at = now()
    exporters: dict[str, Exporter | Watchers] = {
        "healthy": Exporter(healthy_report(), healthy_telemetry(at), is_healthy=True),
        "broken": Exporter(everything_broken(), broken_telemetry(at), is_healthy=False),
        "gone": Exporter(everything_broken(), healthy_telemetry(at), is_healthy=True),
        "watchers": Watchers(),
    }
    address = free_addresses(1)[0]
    server = Prometheus(f"http://{address}")
    with ExitStack() as stack:
        target = stack.enter_context(_serving(exporters))
        (folder / "prometheus.yml").write_text(yaml.safe_dump(_configuration(target)))
        command = ("prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=data")
        environment = {"PATH": os.environ["PATH"]}
        stack.enter_context(running((*command, f"--web.listen-address={address}"), folder, environment))
        for job in JOBS:
            several = f'count_over_time(up{{job="{job}"}}[1m]) > 3'
            until(lambda several=several: bool(server.ask(several, "")), several)  # type: ignore[misc]
        alert = 'ALERTS{job="broken",alertstate="firing"} and on () ALERTS{alertname="Watchdog"}'
        until(lambda: bool(server.ask(alert, "")), alert)
        exporters["gone"].is_there = False
        until(lambda: bool(server.ask('up{job="gone"} == 0', "")), "the exporter to be gone")
        yield server


def _configuration(target: str) -> dict[str, Any]:
    jobs = (*JOBS, "watchers")
    scraped = [{"job_name": job, "metrics_path": f"/{job}", "static_configs": [{"targets": [target]}]} for job in jobs]
    return {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(ROOT / "alerts" / "recon.rules.yml")],
        "scrape_configs": scraped,
    }


@contextmanager
def _serving(exporters: Mapping[str, Exporter | Watchers]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            exporter = exporters[self.path.strip("/")]
            body = exporter.exposition() if exporter.is_there else b""
            self.send_response(200 if exporter.is_there else 503)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            with suppress(ConnectionError):  # Prometheus has ended, or waits no longer
                self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
