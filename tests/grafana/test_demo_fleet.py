"""Every query of every panel over the fleet of `recon-exporter demo`, before its incidents and in their midst."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

from demo.showing import all_are_ok, demonstration
from end_to_end.world import until
from grafana.boards import boards, colour_of, queries
from grafana.server import Prometheus
from grafana.test_queries import EMPTY_WHEN_HEALTHY, numbers

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.needs_program("prometheus", "prometheus-alertmanager"), pytest.mark.xdist_group("grafana")]

JOB = "recon-exporter"
PATIENCE_SECONDS = 120.0
# The demonstration configures no halt action, so that nothing is known of one.
NO_HALT_ACTION = "recon-eod/Halt actions failed"
# Its receiver takes every message.
NONE_REFUSED = "recon-exporter/Notifications that fail/A"
# Its incidents move no balance, and nothing ever happens to the exporter itself.
EMPTY_WHEN_BROKEN = {
    f"{NO_HALT_ACTION}/A",
    NONE_REFUSED,
    "recon-bot/Differences of balances/A",
    "recon-exporter/Firing alerts about the exporter/A",
}
SEEN_WHEN_BROKEN = {
    "recon-fleet/Bots with critical status",
    "recon-fleet/Open breaks",
    "recon-fleet/Exposure of open breaks",
    "recon-fleet/Oldest open break",
    "recon-fleet/Halts",
    "recon-bot/Status",
    "recon-bot/Critical findings",
    "recon-eod/Breaks of the latest run",
}


def empty(server: Prometheus) -> set[str]:
    """The queries without an answer; one that fails, fails the test."""
    return {query.name for query in queries() if not server.ask(query.expression, JOB, is_instant=query.is_instant)}


def colours(server: Prometheus) -> dict[str, str]:
    return {
        f"{board.uid}/{panel['title']}": colour_of(panel, server.number(panel["targets"][0]["expr"], JOB))[0]
        for board, panel in numbers()
    }


def is_scraped(server: Prometheus) -> bool:
    """Whether Prometheus answers and has seen enough for rates, and for the rules."""
    try:
        seen = server.ask(f'count_over_time(up{{job="{JOB}"}}[1m]) > 3 and on () ALERTS{{alertname="Watchdog"}}', JOB)
    except requests.RequestException:
        return False
    return bool(seen)


def test_fleet_before_its_incidents_is_seen_whole_and_good(tmp_path: Path) -> None:
    with demonstration(tmp_path, "--speed=0.1") as shown:
        server = Prometheus(shown.prometheus())
        until(lambda: all_are_ok(shown) and is_scraped(server), "a healthy fleet", PATIENCE_SECONDS)

        quiet = EMPTY_WHEN_HEALTHY | {f"{NO_HALT_ACTION}/A", NONE_REFUSED}
        until(lambda: empty(server) <= quiet, "every panel", PATIENCE_SECONDS)
        found = colours(server)
        marks = [note["expr"] for board in boards() for note in board.annotations]
        assert all(server.ask(mark, JOB, is_instant=False) == [] for mark in marks)

    assert {name for name, colour in found.items() if colour not in {"green", "text"}} == {NO_HALT_ACTION}


def test_fleet_amid_its_incidents_leaves_no_panel_empty(tmp_path: Path) -> None:
    with demonstration(tmp_path, "--speed=20") as shown:
        server = Prometheus(shown.prometheus())
        until(lambda: is_scraped(server), "Prometheus scrapes", PATIENCE_SECONDS)

        until(lambda: empty(server) <= EMPTY_WHEN_BROKEN, "every panel", PATIENCE_SECONDS)
        found = colours(server)

    assert {name: found[name] for name in SEEN_WHEN_BROKEN if found[name] in {"green", "text", "#808080"}} == {}
