"""A real server on a free port."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from recon_exporter import bundle
from recon_exporter.sinks.page import PageSink
from recon_exporter.telemetry import Telemetry
from recon_exporter.web import Health, Site, WebServer
from support.serving import Served, SteppedClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from recon_exporter.ports import Protection


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Start a server; keywords change the site, and ``protection`` what stands before it."""
    started: list[Served] = []

    def start(listen_address: str = "127.0.0.1:0", protection: Protection | None = None, **changes: object) -> Served:
        clock = SteppedClock()
        sink, health = PageSink(), Health(clock)
        telemetry = Telemetry("0.1.0", runs=("cycle",), sinks=("page", "report_file", "webhook"))
        site = Site(
            source=sink,
            telemetry=telemetry,
            clock=clock,
            health=health,
            version="0.1.0",
            runbooks=bundle.part("runbooks"),
            reports=lambda: tmp_path / "reports",
            configuration=lambda: "state.url: sqlite:///…",
            interval=lambda: timedelta(minutes=1),
        )
        server = WebServer(listen_address, replace(site, **changes), protection)  # type: ignore[arg-type]
        served = Served(server, sink, telemetry, health, clock)
        served.server.start()
        started.append(served)
        return served

    yield start
    for served in started:
        for connection in served.sockets:
            connection.close()
        served.server.stop()


@pytest.fixture
def served(serve: Callable[..., Served]) -> Served:
    """A server that nothing was changed about."""
    return serve()
