"""The whole answer to a scrape: of no fleet yet, a healthy, a broken and a very large one, sound by all judges."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from recon_exporter.telemetry import CATALOGUE
from support.break_reports import report_of_breaks
from support.eod_views import eod_report
from support.exposition import parse_openmetrics, read_exposition
from support.reports import broken_report, healthy_report, make_report, make_verdict, sides_report

if TYPE_CHECKING:
    from collections.abc import Callable

    from recon_exporter.domain.report import Report
    from support.serving import Served

OPENMETRICS = "application/openmetrics-text;version=1.0.0"
MANY = 1000


def broken() -> Report:
    """Findings, breaks, blindness and differences of positions at once."""
    reports = (broken_report(), sides_report(symbols=60), report_of_breaks())
    bots = {bot.bot: bot for report in reports for bot in report.bots}
    return replace(make_report(*bots.values(), status=broken_report().status), eod=eod_report().eod)


def huge() -> Report:
    return make_report(*(make_verdict(f"bot{number:04}") for number in range(MANY)))


FLEETS: dict[str, Callable[[], Report] | None] = {
    "empty": None,
    "healthy": healthy_report,
    "broken": broken,
    "huge": huge,
}


@pytest.fixture(params=FLEETS)
def scraped(request: pytest.FixtureRequest, served: Served) -> Served:
    make = FLEETS[request.param]
    served.telemetry.configuration_loaded(served.clock.now(), "5e6f" * 16)
    if make is not None:
        served.sink.show(make())
    return served


@pytest.mark.needs_program("promtool")
def test_promtool_has_nothing_to_say(scraped: Served) -> None:
    body = scraped.ask("/metrics").body

    done = subprocess.run(["promtool", "check", "metrics"], input=body, capture_output=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_own_validator_and_strict_parser_read_the_same_families(scraped: Served) -> None:
    text = read_exposition(scraped.ask("/metrics").text)
    families = parse_openmetrics(scraped.ask("/metrics", Accept=OPENMETRICS).body)

    assert text.errors == []
    # OpenMetrics names a counter and an info by what stands before their suffix.
    assert {re.sub("_(?:total|info)$", "", name) for name in text.families} == {
        re.sub("_(?:total|info)$", "", family.name) for family in families
    }
    assert {name for name in text.families if name.startswith(("recon_", "wsb_"))} <= set(CATALOGUE)


def test_huge_fleet_is_shown_whole(served: Served) -> None:
    served.sink.show(huge())

    families = read_exposition(served.ask("/metrics").text).families

    shown = {dict(labels)["bot"] for _, labels in families["recon_bot_status"].samples}
    assert len(shown) == MANY
