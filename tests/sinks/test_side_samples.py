"""Raw differences have a series each, within a budget, and none where both sides agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recon_exporter.sinks.page import PageSink
from recon_exporter.sinks.page.side_samples import BUDGET
from recon_exporter.telemetry.exposition import Format
from support.exposition import samples
from support.reports import healthy_report, sides_report

if TYPE_CHECKING:
    from recon_exporter.domain.report import Report


def told(report: Report, name: str) -> dict[tuple[str, ...], float]:
    """The values by those of the labels."""
    sink = PageSink()
    sink.show(report)
    found = samples(sink.page.body(Format.TEXT).decode(), name)
    return {tuple(value for _, value in sorted(labels)): value for labels, value in found.items()}


def test_every_difference_has_a_series() -> None:
    assert told(sides_report(symbols=2), "recon_position_difference") == {
        ("grid-btc", "net", "COIN000/USDT"): 1.0,
        ("grid-btc", "net", "COIN001/USDT"): 2.0,
    }
    assert told(sides_report(), "recon_balance_difference") == {("BTC", "grid-btc"): -0.5}
    assert told(sides_report(), "recon_differences_not_shown") == {("grid-btc",): 0.0}


def test_largest_differences_are_shown_and_the_others_counted() -> None:
    report = sides_report(symbols=BUDGET + 7)
    shown = told(report, "recon_position_difference")

    assert len(shown) == BUDGET
    assert min(shown.values()) == 8.0
    assert told(report, "recon_differences_not_shown") == {("grid-btc",): 7.0}


def test_bots_that_agree_or_are_not_compared_have_none() -> None:
    for name in ("recon_position_difference", "recon_balance_difference", "recon_differences_not_shown"):
        assert told(healthy_report(), name) == {}
