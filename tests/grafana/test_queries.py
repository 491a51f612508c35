"""Every query of every panel, asked of a real Prometheus: none fails, none is empty that promises data, none lies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from grafana.boards import boards, colour_of, queries
from grafana.fleets import LATE, SPECIAL
from grafana.server import JOBS

if TYPE_CHECKING:
    from grafana.boards import Board
    from grafana.server import Prometheus

pytestmark = [pytest.mark.needs_program("prometheus"), pytest.mark.xdist_group("grafana")]

# What is wrong has no series where nothing is.
EMPTY_WHEN_HEALTHY = {
    "recon-bot/Differences of balances/A",
    "recon-bot/Differences of positions/A",
    "recon-bot/Findings/A",
    "recon-bot/Firing alerts/A",
    "recon-bot/Open breaks by type/A",
    "recon-eod/Age of the oldest break by type/A",
    "recon-eod/Exposure by bot/A",
    "recon-eod/Halts latched/A",
    "recon-eod/Open breaks/A",
    "recon-eod/Open breaks/B",
    "recon-eod/Open breaks/C",
    "recon-exporter/Firing alerts about the exporter/A",
    "recon-fleet/Firing alerts/A",
    "recon-fleet/Why checks have no verdict/A",
}
# The exporter answers, its page is made once so that its counters stand still, and what was judged was judged just now.
GOOD_WHEN_BROKEN = {
    "recon-bot/Oldest verdict",
    "recon-bot/Unreadable lines",
    "recon-eod/Exporter",
    "recon-exporter/Exporter",
    "recon-fleet/Exporter",
}


WORDS = {"-1": "off", "0": "ok", "1": "unknown", "2": "warning", "3": "critical"}


def expression(name: str) -> str:
    """The query of this name."""
    return next(query.expression for query in queries() if query.name == name)


BOTS, CODES = expression("recon-fleet/Bots/A"), expression("recon-fleet/Status of bots/A")


def numbers() -> list[tuple[Board, dict[str, Any]]]:
    """The panels that show one number."""
    found = [(board, panel) for board in boards() for panel in board.panels if panel["type"] == "stat"]
    return [(board, panel) for board, panel in found if panel["options"]["textMode"] != "name"]


def shown(server: Prometheus, job: str) -> dict[str, tuple[str, str | None]]:
    """Colour and words of every number while this exporter is chosen."""
    return {
        f"{board.uid}/{panel['title']}": colour_of(panel, server.number(panel["targets"][0]["expr"], job))
        for board, panel in numbers()
    }


def empty(server: Prometheus, job: str) -> set[str]:
    return {query.name for query in queries() if not server.ask(query.expression, job, is_instant=query.is_instant)}


def test_no_panel_of_a_healthy_fleet_is_empty_but_those_of_what_is_wrong(prometheus: Prometheus) -> None:
    assert empty(prometheus, "healthy") == EMPTY_WHEN_HEALTHY


def test_no_panel_of_a_broken_fleet_is_empty(prometheus: Prometheus) -> None:
    assert empty(prometheus, "broken") == set()


def test_every_number_of_a_healthy_fleet_is_good(prometheus: Prometheus) -> None:
    found = shown(prometheus, "healthy")

    assert {name: look for name, look in found.items() if look[0] not in {"green", "text"}} == {}


def test_what_is_broken_is_seen(prometheus: Prometheus) -> None:
    found = shown(prometheus, "broken")

    assert {name for name, look in found.items() if look[0] == "green"} == GOOD_WHEN_BROKEN
    assert "#808080" not in {look[0] for look in found.values()}


def test_no_number_is_told_when_the_exporter_is_gone(prometheus: Prometheus) -> None:
    found = shown(prometheus, "gone")

    told = {name: look for name, look in found.items() if look != ("#808080", "UNKNOWN")}
    assert told == {f"recon-{name}/Exporter": ("red", "DOWN") for name in ("fleet", "eod", "exporter")}


def test_bots_of_a_gone_exporter_are_unknown_and_their_alerts_stay(prometheus: Prometheus) -> None:
    bots = prometheus.ask(expression("recon-fleet/Bots/A"), "gone")
    alerts = prometheus.ask(expression("recon-fleet/Firing alerts/A"), "gone")
    checks = prometheus.ask(expression("recon-bot/Status of checks/A"), "gone")

    assert {series["metric"]["status"] for series in bots} == {"unknown"}
    assert SPECIAL in {series["metric"]["bot"] for series in bots}
    assert "ReconciliationBreaks" in {series["metric"]["alertname"] for series in alerts}
    assert {series["value"][1] for series in checks} == {"1"}


def test_status_of_bots_and_checks_is_that_of_the_report(prometheus: Prometheus) -> None:
    told = {series["metric"]["bot"]: series["metric"]["status"] for series in prometheus.ask(BOTS, "broken")}
    coded = {series["metric"]["bot"]: series["value"][1] for series in prometheus.ask(CODES, "broken")}
    checks = {
        (series["metric"]["bot"], series["metric"]["check"]): series["value"][1]
        for series in prometheus.ask(expression("recon-bot/Status of checks/A"), "broken")
    }

    assert told["bot1"] == told["bot4"] == "critical"
    assert (told["bot2"], told["bot5"], told[SPECIAL], told[LATE]) == ("warning", "off", "ok", "unknown")
    assert {WORDS[code] for code in coded.values()} == set(told.values())
    assert {bot: WORDS[code] for bot, code in coded.items()} == told
    assert (checks["bot1", "inventory"], checks["bot1", "fill_parity"], checks["bot1", "balance"]) == ("3", "2", "0")
    assert (checks["bot2", "inventory"], checks["bot5", "balance"]) == ("1", "-1")


def test_open_breaks_are_zero_only_where_every_check_was_judged(prometheus: Prometheus) -> None:
    """The bot that is late has no open break that is known, and its run gave no verdict."""
    found = {
        series["metric"]["bot"]: float(series["value"][1])
        for series in prometheus.ask(expression("recon-fleet/Bots/D"), "broken")
    }
    clean = prometheus.ask(expression("recon-fleet/Bots/D"), "healthy")

    assert LATE not in found
    assert min(found.values()) > 0
    assert {series["value"][1] for series in clean} == {"0"}


def test_every_number_is_unknown_where_nothing_is_scraped(prometheus: Prometheus) -> None:
    assert set(shown(prometheus, "no-such-job").values()) == {("#808080", "UNKNOWN")}


@pytest.mark.parametrize("job", JOBS)
def test_marks_on_the_time_axis_can_be_asked_for(prometheus: Prometheus, job: str) -> None:
    for board in boards():
        for note in board.annotations:
            prometheus.ask(note["expr"], job, is_instant=False)


def test_a_bot_with_a_hostile_name_can_be_chosen(prometheus: Prometheus) -> None:
    for query in queries():
        prometheus.ask(query.expression, "broken", [SPECIAL, "bot1"], is_instant=query.is_instant)
    checks = 'recon_check_enabled{job=~"$job",bot=~"$bot"}'
    assert {series["metric"]["bot"] for series in prometheus.ask(checks, "broken", [SPECIAL])} == {SPECIAL}
