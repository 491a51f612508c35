"""Every metric of the catalogue is on a dashboard, or is listed here with the reason why not."""

from __future__ import annotations

import re

from grafana.boards import boards
from recon_exporter.telemetry import CATALOGUE

NEEDS_NO_PANEL: dict[str, str] = {}


def shown(*, without: str = "") -> set[str]:
    """The metrics on any dashboard, or those that are left where one panel is taken away."""
    asked = [query for board in boards() for query in board.queries if f"{query.board}/{query.panel}" != without]
    text = " ".join(query.expression for query in asked)
    names = set(re.findall(r"(?:recon|wsb)_\w+", text))
    return {name for name in CATALOGUE if name in names or f"{name}_bucket" in names}


def test_every_metric_is_on_a_dashboard_or_needs_none() -> None:
    exported = {name for name, metric in CATALOGUE.items() if metric.is_exported}

    assert exported - shown() == set(NEEDS_NO_PANEL)


def test_a_metric_that_needs_no_panel_exists_and_has_none() -> None:
    assert set(NEEDS_NO_PANEL) <= set(CATALOGUE)
    assert set(NEEDS_NO_PANEL) & shown() == set()


def test_a_panel_that_is_taken_away_is_missed() -> None:
    assert shown() - shown(without="recon-exporter/Version") == {"recon_build_info"}
    assert shown() - shown(without="recon-bot/Fill parity") == {"recon_fill_parity_difference", "recon_fills_pending"}
